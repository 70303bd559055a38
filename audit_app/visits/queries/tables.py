"""The tables and their columns by short names: statements of this package are written on them."""

from typing import Any

import sqlalchemy as sa

from audit_app.organisation.models import OrgUnit, Touchpoint
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.testers.models import Assessor
from audit_app.visits.models import (
    Evidence,
    EvidenceUpload,
    Likeness,
    ReviewOverlay,
    Visit,
    VisitDraft,
    VisitFlag,
    VisitNote,
    VisitRevision,
    VisitVoid,
)


def _table(model: Any) -> sa.Table:
    found: sa.Table = model.__table__
    return found


ASSIGNMENT, ASSESSOR, PROGRAMME, ROUND = (_table(m) for m in (Assignment, Assessor, Programme, Round))
TOUCHPOINT, UNIT, DRAFT, NOTE = (_table(m) for m in (Touchpoint, OrgUnit, VisitDraft, VisitNote))
VISIT, REVISION, EVIDENCE, FLAG = (_table(m) for m in (Visit, VisitRevision, Evidence, VisitFlag))
UPLOAD, OVERLAY, LIKENESS = _table(EvidenceUpload), _table(ReviewOverlay), _table(Likeness)
A, S, P, R, T = ASSIGNMENT.c, ASSESSOR.c, PROGRAMME.c, ROUND.c, TOUCHPOINT.c
D, E, F, N, U = DRAFT.c, EVIDENCE.c, FLAG.c, NOTE.c, UPLOAD.c
L, V, VR, OV, ORG, VD = LIKENESS.c, VISIT.c, REVISION.c, OVERLAY.c, UNIT.c, _table(VisitVoid).c
VOID: Any = sa.literal_column("'void'")
LIVE, SAME = sa.alias(VISIT, "live"), sa.alias(VISIT, "same")
