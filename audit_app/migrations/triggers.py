"""The database's own guards: what is frozen, chained or final cannot be changed by any code, ours included."""

from audit_app.standards import freeze as checklists
from audit_app.trail import freeze as trail

# One row is one fact: it is added, and stays as it is.
FINAL_TABLES = ("visit_revision", "review_overlay", "visit_result")


def _sqlite_final(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
        f"BEGIN SELECT RAISE(ABORT, '{table} cannot be changed'); END"
        for event in ("UPDATE", "DELETE")
    ]


def _postgres_final(table: str) -> list[str]:
    rows = [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION refuse_change()"
        for event in ("UPDATE", "DELETE")
    ]
    return [*rows, _no_truncate(table)]


def _no_truncate(table: str) -> str:
    return f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()"


_REFUSE = """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% cannot be changed', TG_TABLE_NAME; END $$"""

SQLITE = [
    *checklists.SQLITE_TRIGGERS,
    *trail.SQLITE_TRIGGERS,
    *[statement for table in FINAL_TABLES for statement in _sqlite_final(table)],
]
POSTGRES = [
    *checklists.POSTGRES_TRIGGERS,
    *trail.POSTGRES_TRIGGERS,
    _REFUSE,
    _no_truncate("checklist_version"),
    *[statement for table in FINAL_TABLES for statement in _postgres_final(table)],
]
