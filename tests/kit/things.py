"""A table to write to in tests of the database door."""

import sqlalchemy as sa

from audit_app.kit.db import CText, Database, Session, UTCDateTime

TABLES = sa.MetaData()
owner = sa.Table("test_owner", TABLES, sa.Column("id", sa.Integer, primary_key=True))
thing = sa.Table(
    "test_thing",
    TABLES,
    sa.Column("name", CText, primary_key=True),
    sa.Column("at", UTCDateTime),
    sa.Column(
        "owner_id", sa.Integer, sa.ForeignKey("test_owner.id", deferrable=True, initially="DEFERRED"), nullable=True
    ),
)


def add(session: Session, name: str, **values: object) -> str:
    session.execute(sa.insert(thing).values(name=name, **values))
    return name


def orphan(session: Session, name: str) -> None:
    """Goes well until the commit."""
    add(session, name, owner_id=404)


def names(db: Database) -> list[str]:
    return db.read_now(lambda session: list(session.scalars(sa.select(thing.c.name).order_by(thing.c.name))))
