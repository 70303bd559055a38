"""What the database itself refuses on the trail: changing or deleting a line, setting a chained column twice.

A guard against mistakes; whoever owns the database can drop it, and is found by the chain and its checkpoints.
"""

_FIXED = ("id", "at", "actor_id", "act", "subject_kind", "subject_id", "unit_path", "detail")
_ONCE = ("batch_id", "seq", "prev_hash", "line_hash")

_CHANGED = " OR ".join(
    [f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED]
    + [f"(OLD.{name} IS NOT NULL AND NEW.{name} IS NOT OLD.{name})" for name in _ONCE]
)
_BACKWARDS = "NEW.seq <= OLD.seq OR NEW.id IS NOT OLD.id"


def _sqlite(name: str, event: str, table: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    body = f"SELECT RAISE(ABORT, '{table} cannot be changed');"
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{condition} BEGIN {body} END"


def _postgres(name: str, event: str, table: str, when: str = "") -> str:
    condition = f" WHEN ({when.replace('IS NOT OLD', 'IS DISTINCT FROM OLD')})" if when else ""
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{condition} EXECUTE FUNCTION trail_refuse()"


_GUARDS = (
    ("trail_line_no_update", "UPDATE", "trail_line", _CHANGED),
    ("trail_line_no_delete", "DELETE", "trail_line", ""),
    ("trail_head_forward", "UPDATE", "trail_head", _BACKWARDS),
    ("trail_head_no_delete", "DELETE", "trail_head", ""),
    ("trail_checkpoint_no_update", "UPDATE", "trail_checkpoint", ""),
    ("trail_checkpoint_no_delete", "DELETE", "trail_checkpoint", ""),
)

SQLITE_TRIGGERS = [_sqlite(*guard) for guard in _GUARDS]
_REFUSE = (
    "CREATE OR REPLACE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)
POSTGRES_TRIGGERS = [
    _REFUSE,
    *[_postgres(*guard) for guard in _GUARDS],
    *[
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION trail_refuse()"
        for table in ("trail_line", "trail_head", "trail_checkpoint")
    ],
]
