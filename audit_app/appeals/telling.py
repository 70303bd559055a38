"""What the people of an appeal are told: the panel that it waits, the appellant and the assessor how it ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from audit_app.appeals.models import Appeal, Hearing
from audit_app.appeals.queries import panel
from audit_app.kit.db import Session
from audit_app.notices.operations import tell

TO_THE_DAY = timedelta(minutes=1)  # a term ends with its last day, not with the first minute of the next


def tell_panel(session: Session, hearing: Hearing, accounts: Iterable[str], now: datetime, late: bool = False) -> None:
    """Members hear that a hearing waits for their vote; once more when it is late."""
    params = {"until": (hearing.decide_by - TO_THE_DAY).isoformat()}
    for account_id in accounts:
        subject = f"{hearing.id}:late" if late else hearing.id
        tell(session, account_id, "appeal.waiting", params, f"/hearings/{hearing.id}", now, subject=subject)


def tell_decided(session: Session, appeal: Appeal, hearing: Hearing, now: datetime) -> None:
    """The appellant and the assessor hear that a round is decided; each reads of it what is for them."""
    own = "/field/appeals" if appeal.side == "tester" else f"/appeals/{appeal.id}"
    tell(session, appeal.filed_by, "appeal.decided", {}, own, now, subject=hearing.id)
    scorer = panel.scorer_of(session, appeal.visit_id)
    if scorer != appeal.filed_by:
        tell(session, scorer, "appeal.decided", {}, "/field/appeals", now, subject=hearing.id)
