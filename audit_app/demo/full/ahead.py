"""What is to do now: jobs of the running rounds, offered or accepted."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from audit_app.demo.full import people, programmes, visits
from audit_app.demo.full.ledger import insert
from audit_app.demo.itinerary import TIERS_OF, hall_checklist
from audit_app.demo.material import chance, outward
from audit_app.kit import clock
from audit_app.kit.db import Session
from audit_app.organisation.models import Touchpoint
from audit_app.planning.models import Assignment

SHARE = 0.05  # of the touchpoints have a job in the next days
CHECKLIST = {"outlet": "outlet-partner", "agent": "payment-agent", "hotline": "hotline-mystery"}


def build(session: Session, at: datetime) -> None:
    rng, today = chance("full-ahead"), clock.local_date(at)
    opened, versions = programmes.opened(session, at), visits.versions(session)
    walkers = people.walkers(session)
    may = {checklist: [w for w in walkers if w.tier in tiers] for checklist, tiers in TIERS_OF.items()}
    busy: set[str] = set()
    rows: list[dict[str, Any]] = []
    for place in session.scalars(sa.select(Touchpoint).order_by(col(Touchpoint.code))):
        if rng.random() >= SHARE:
            continue
        checklist = CHECKLIST.get(place.kind) or hall_checklist(place)
        walker = rng.choice(may[checklist])
        home = bool(walker.home_path and place.unit_path.startswith(walker.home_path))
        if walker.id in busy or home or (place.tier == 1 and walker.tier == "tester"):
            continue
        busy.add(walker.id)
        programme = opened["hotline" if place.kind == "hotline" else "covert"]
        start = clock.day_start(today + timedelta(days=rng.randint(-2, 6)))
        rows.append({
            "id": outward(rng), "round_id": programme.round_on(today), "touchpoint_id": place.id,
            "unit_path": place.unit_path, "assessor_id": walker.id, "checklist_version_id": versions[checklist],
            "window_start": start, "window_end": start + timedelta(days=7), "respond_by": at + timedelta(days=2),
            "status": rng.choice(("accepted", "accepted", "offered")), "status_at": at - timedelta(hours=30),
            "created_by": programme.author_id, "created_at": at - timedelta(hours=30),
        })  # fmt: skip
    insert(session, Assignment, rows)
