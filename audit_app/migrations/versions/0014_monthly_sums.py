"""Sums of the figures by month and unit, so that long histories are read as quickly as short ones"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

import audit_app.kit.types

revision = "0014"
down_revision = "0013"

_text = sqlmodel.sql.sqltypes.AutoString
PLACE = ("unit_path", "kind", "series", "month")
OWNER = ("owner_path", "month", "owner_level", "owner_code")
LENGTHS = {
    "kind": 16, "series": 12, "checklist_version_id": 36, "section_id": 80, "item_id": 80, "owner_level": 12,
    "owner_code": 36,
}  # fmt: skip

#: table: keys, figures, the rows of single visits behind it, and how these add up
TABLES = {
    "visit_month": (
        (*PLACE, "checklist_version_id"), ("visits", "averaged", "total"), "visit_fact",
        "count(*), count(final), coalesce(sum(final), 0)",
    ),
    "section_month": ((*PLACE, "section_id"), ("visits", "total"), "section_fact", "count(*), sum(score)"),
    "item_month": (
        (*PLACE, "item_id", "checklist_version_id"), ("visits", "lost"), "item_fact", "count(*), sum(lost)",
    ),
    "owner_month": (OWNER, ("visits",), "visit_fact", "count(*)"),
}  # fmt: skip


def upgrade() -> None:
    for name, (keys, figures, source, added) in TABLES.items():
        columns = [_key(key) for key in keys]
        columns += [sa.Column(f, sa.BigInteger() if f == "total" else sa.Integer(), nullable=False) for f in figures]
        table = op.create_table(name, *columns, sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")))
        if rows := list(_sums(keys, figures, source, added)):
            op.bulk_insert(table, rows)


def _key(name: str) -> "sa.Column[Any]":
    if name in ("unit_path", "owner_path"):
        return sa.Column(name, audit_app.kit.types.CText(), nullable=False)
    return sa.Column(name, sa.Integer() if name == "month" else _text(length=LENGTHS[name]), nullable=False)


def _sums(keys: tuple[str, ...], figures: tuple[str, ...], source: str, added: str) -> Iterator[dict[str, Any]]:
    """What is there already, for the province, the city and the county of each row."""
    named = ", ".join(keys)
    found: dict[tuple[Any, ...], list[int]] = {}
    for row in op.get_bind().execute(sa.text(f"SELECT {named}, {added} FROM {source} GROUP BY {named}")):
        path, *others = row[: len(keys)]
        codes = path.strip("/").split("/")[:3]
        over = ["".join(f"{code}/" for code in codes[: n + 1]) for n in range(len(codes))]
        for unit in over if keys[0] == "unit_path" else [path]:
            held = found.setdefault((unit, *others), [0] * len(figures))
            for n, value in enumerate(row[len(keys) :]):
                held[n] += int(value)
    for key, amounts in found.items():
        yield dict(zip((*keys, *figures), (*key, *amounts), strict=True))


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
