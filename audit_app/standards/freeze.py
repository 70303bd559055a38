"""Triggers that hold a published checklist version still, on both databases. The initial migration runs them.

A draft may change in any way. Once published, only the status may move, and only from published to retired; a version
that is or was published cannot be deleted or replaced.
"""

FROZEN = (
    "id", "checklist_id", "number", "title_zh", "title_en", "item_count", "critical_count", "body", "body_sha256",
    "comparable_with", "effective_from", "published_at", "published_by", "created_at",
)  # fmt: skip

MESSAGE = "a published checklist version cannot change"

_SQLITE_CHANGED = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FROZEN)
_POSTGRES_CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN)
_BACKWARDS = """(OLD.status = 'published' AND NEW.status NOT IN ('published', 'retired'))
      OR (OLD.status = 'retired' AND NEW.status <> 'retired')"""

SQLITE_TRIGGERS = [
    f"""CREATE TRIGGER checklist_version_frozen BEFORE UPDATE ON checklist_version
    WHEN OLD.status <> 'draft' AND ({_SQLITE_CHANGED} OR {_BACKWARDS})
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    f"""CREATE TRIGGER checklist_version_kept BEFORE DELETE ON checklist_version
    WHEN OLD.status <> 'draft'
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    # INSERT OR REPLACE deletes the old row without firing the trigger above
    f"""CREATE TRIGGER checklist_version_not_replaced BEFORE INSERT ON checklist_version
    WHEN EXISTS (SELECT 1 FROM checklist_version old WHERE old.status <> 'draft'
      AND (old.id = NEW.id OR (old.checklist_id = NEW.checklist_id AND old.number = NEW.number)))
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
]

POSTGRES_TRIGGERS = [
    f"""CREATE FUNCTION checklist_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'draft' THEN
    IF TG_OP = 'DELETE' THEN
      RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF {_POSTGRES_CHANGED} OR {_BACKWARDS} THEN
      RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$""",
    """CREATE TRIGGER checklist_version_frozen BEFORE UPDATE OR DELETE ON checklist_version
FOR EACH ROW EXECUTE FUNCTION checklist_version_frozen()""",
]

SQLITE_DROPS = [
    "DROP TRIGGER IF EXISTS checklist_version_frozen",
    "DROP TRIGGER IF EXISTS checklist_version_kept",
    "DROP TRIGGER IF EXISTS checklist_version_not_replaced",
]
POSTGRES_DROPS = [
    "DROP TRIGGER IF EXISTS checklist_version_frozen ON checklist_version",
    "DROP FUNCTION IF EXISTS checklist_version_frozen()",
]
