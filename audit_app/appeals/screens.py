"""What the panel's page shows of a hearing: the standard, both sides beside each other, what each answer would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from audit_app.access.rules import Actor
from audit_app.appeals import panels, rules
from audit_app.appeals.models import Appeal, Hearing, PanelSeat
from audit_app.appeals.queries import cases, contested, hearings, panel
from audit_app.appeals.weighing import Weighed, weigh
from audit_app.kit.db import Session
from audit_app.kit.errors import FieldError
from audit_app.organisation.models import Touchpoint
from audit_app.review import queries as reviews
from audit_app.review.queries import StoredFile
from audit_app.scoring.answers import Answer
from audit_app.standards.document import Text
from audit_app.standards.queries import document_for, sheet_for
from audit_app.standards.screens import NumberedItem
from audit_app.visits.models import Visit
from audit_app.visits.rules import answers_of


@dataclass(frozen=True)
class Typed:
    """A ballot that was refused: its faults and what was typed."""

    errors: Sequence[FieldError] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    answers: Sequence[str] = ()


@dataclass(frozen=True)
class Choice:
    """An answer that would give the appellant something: upheld or partly, its points, the total with it. `gap`: it
    shows items that nobody looked at; `averaged`: whether the total then still enters averages."""

    value: str  # of the form's radio
    text: Text | None  # None: not applicable
    verdict: str
    earned: str
    total: Decimal | None
    gap: bool
    averaged: bool


@dataclass(frozen=True)
class Ballots:
    """How far the panel is. Others' votes are told only after one's own: whoever votes, votes for themselves."""

    seats: int
    cast: int
    own: PanelSeat
    others: list[PanelSeat]


@dataclass(frozen=True)
class HearingScreen:
    """One hearing for a member of its panel."""

    hearing: Hearing
    appeal: Appeal
    visit: Visit
    touchpoint: Touchpoint
    unit_name: str
    pseudonym: str
    checklist: Text
    version: int
    item: NumberedItem | None
    now_counting: Weighed | None
    choices: list[Choice]
    answer: Answer | None
    words: str
    files: list[StoredFile]
    proofs: list[cases.FileLine]
    rounds: list[cases.Round]
    earlier: list[reviews.ItemBefore]
    precedents: list[hearings.Precedent]
    tally: Mapping[str, int]
    ballots: Ballots
    list: hearings.PanelList
    now: datetime
    typed: Typed

    @property
    def open(self) -> bool:
        """Whether the actor can vote."""
        return self.hearing.status == "open" and self.ballots.own.voted_at is None

    @property
    def photos(self) -> Sequence[StoredFile]:
        return [f for f in self.files if f.is_image]

    @property
    def sounds(self) -> Sequence[StoredFile]:
        return [f for f in self.files if not f.is_image]

    @property
    def before(self) -> Sequence[cases.Round]:
        """The rounds before this one."""
        return [one for one in self.rounds if one.number < self.hearing.number]

    @property
    def days_left(self) -> int:
        return rules.days_left(self.hearing.decide_by, self.now)

    @property
    def next_id(self) -> str:
        return next((row.id for row in self.list.page.rows if row.id != self.hearing.id), "")


def build(session: Session, actor: Actor, hearing_id: str, now: datetime, typed: Typed | None = None) -> HearingScreen:
    """Everything of one hearing; NotFound for whoever does not sit there."""
    hearing, appeal, visit, own = hearings.hearing_of(session, actor, hearing_id)
    place = session.get_one(Touchpoint, visit.touchpoint_id)
    document = document_for(session, visit.checklist_version_id)
    item = contested.numbered_items(document).get(appeal.item_id)
    body = reviews.body_of(session, visit)
    said = answers_of(body).get(appeal.item_id)
    counting = panels.weigh_now(session, visit, appeal.item_id) if item else None
    stored = reviews.files_of(session, visit.id)
    named = set(said.evidence) if said else set()
    files = [f for f in stored if f.sha256 in named or f.item_id == appeal.item_id] if item else []
    answers = reviews.effective_answers(session, visit)
    return HearingScreen(
        hearing=hearing, appeal=appeal, visit=visit, touchpoint=place,
        unit_name=reviews.unit_name(session, place.unit_code), pseudonym=visit.id[:4].upper(),
        checklist=document.title, version=document.version, item=item, now_counting=counting,
        choices=_choices(session, visit, item, counting, answers) if item and counting else [],
        answer=answers.get(appeal.item_id), words=_words(said), files=files,
        proofs=cases.files_of(session, appeal.id), rounds=cases.rounds_of(session, appeal.id),
        earlier=reviews.item_before(reviews.results_before(session, visit), appeal.item_id) if item else [],
        precedents=hearings.precedents(session, visit.checklist_version_id, appeal.item_id, appeal.id) if item else [],
        tally=hearings.tally(session, visit.checklist_version_id, appeal.item_id) if item else {},
        ballots=_ballots(session, hearing, own), list=hearings.hearings(session, actor, "open", "", now), now=now,
        typed=typed or Typed(),
    )  # fmt: skip


def _words(said: Answer | None) -> str:
    """What the assessor wrote of the item: reasons, then the note."""
    return " · ".join(part for part in (said.reason, said.note) if part) if said else ""


def _choices(
    session: Session, visit: Visit, item: NumberedItem, counting: Weighed, answers: Mapping[str, Answer]
) -> list[Choice]:
    """The single options, and "does not apply", that would raise the score; other answers are typed."""
    sheet, key = sheet_for(session, visit.checklist_version_id), item.item.id
    wanted: list[tuple[str, Text | None, Answer]] = []
    if not item.item.many:
        wanted += [(f"option:{one.id}", one.text, Answer(key, (one.id,))) for one in item.item.options]
    if item.item.not_applicable.allowed:
        wanted.append(("na", None, Answer(key, not_applicable=True)))
    found = []
    for value, text, answer in wanted:
        one = weigh(sheet, answers, answer)
        if one is None or one.hundredths < counting.hundredths:
            continue
        verdict = rules.verdict_of(counting.earned or rules.NOTHING, one.earned, one.most)
        if verdict != "rejected":
            found.append(Choice(value, text, verdict, one.printed, one.total, one.gap, one.averaged))
    return found


def _ballots(session: Session, hearing: Hearing, own: PanelSeat) -> Ballots:
    seats = panel.seats_of(session, hearing.id)
    told = own.voted_at is not None or hearing.status != "open"
    others = [s for s in seats if s.account_id != own.account_id and s.voted_at is not None] if told else []
    return Ballots(len(seats), sum(s.voted_at is not None for s in seats), own, others)
