"""Writing assessors."""

import secrets

from audit_app.kit.db import Session
from audit_app.kit.errors import Conflict
from audit_app.kit.ids import new_id
from audit_app.testers import queries
from audit_app.testers.models import Assessor

TRIES = 50


def enrol_inspector(session: Session, account_id: str, unit_code: str) -> None:
    """Gives an employee who inspects a code for planning, unless there is one already. Checklists come later."""
    if queries.assessor_of(session, account_id):
        return
    for _ in range(TRIES):
        code = f"{secrets.randbelow(9999) + 1:04}"
        if not queries.code_taken(session, code):
            session.add(Assessor(id=new_id(), account_id=account_id, code=code, tier="inspector", unit_code=unit_code))
            session.flush()
            return
    raise Conflict("No code is free.")
