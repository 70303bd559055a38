"""Nobody holds the same role at the same place twice"""

import sqlalchemy as sa
from alembic import op

import audit_app.kit.types

revision = "0015"
down_revision = "0014"

Instant = audit_app.kit.types.UTCDateTime
PLACES = (
    ("unit", "unit_code", "revoked_at IS NULL AND touchpoint_id IS NULL AND team_id IS NULL"),
    ("touchpoint", "touchpoint_id", "revoked_at IS NULL AND touchpoint_id IS NOT NULL AND team_id IS NULL"),
    ("team", "team_id", "revoked_at IS NULL AND team_id IS NOT NULL"),
)


def upgrade() -> None:
    _end_doubles()
    for name, place, condition in PLACES:
        held = sa.text(condition)
        op.create_index(
            f"uq_role_grant_{name}", "role_grant", ["account_id", "role", place],
            unique=True, sqlite_where=held, postgresql_where=held,
        )  # fmt: skip


def _end_doubles() -> None:
    """The later of two equal roles ends at the moment it was given: the earlier one holds on."""
    names = ("id", "account_id", "role", "unit_code", "touchpoint_id", "team_id")
    grants = sa.table(
        "role_grant", *map(sa.column, names), sa.column("granted_at", Instant(timezone=True)),
        sa.column("revoked_at", Instant(timezone=True)),
    )  # fmt: skip
    place = sa.func.coalesce(grants.c.team_id, grants.c.touchpoint_id, grants.c.unit_code)
    held = (
        sa.select(grants.c.id, grants.c.account_id, grants.c.role, place)
        .where(grants.c.revoked_at.is_(None))
        .order_by(grants.c.granted_at, grants.c.id)
    )
    connection = op.get_bind()
    known: set[tuple[str, ...]] = set()
    for key, *what in connection.execute(held).all():
        if tuple(what) in known:
            connection.execute(grants.update().where(grants.c.id == key).values(revoked_at=grants.c.granted_at))
        known.add(tuple(what))


def downgrade() -> None:
    raise RuntimeError("a migration is not undone; restore a backup")
