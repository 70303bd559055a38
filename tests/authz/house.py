"""A house full of things to ask for: for each place of the tree programmes, visits, reviews, results and files."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from litestar import Litestar
from sqlmodel import col, select

from audit_app.access.keys import Keys
from audit_app.access.models import ApiToken, LoginSession
from audit_app.access.rules import Actor
from audit_app.accounts.models import Proposal
from audit_app.app import build
from audit_app.appeals import operations as appeals
from audit_app.appeals.models import AppealFile, Hearing
from audit_app.appeals.queries.standing import standing
from audit_app.appeals.rules import Filing
from audit_app.bench.bodies import filled
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.ids import random_id
from audit_app.notices import operations as notices
from audit_app.notices.models import Notice
from audit_app.organisation import changes
from audit_app.organisation.queries import grants_of
from audit_app.personal import operations as personal
from audit_app.personal.rules import Question
from audit_app.planning.models import Assignment, Programme, Round
from audit_app.reporting.models import IssuedDocument, ReportRun, Scorecard
from audit_app.review import operations as review
from audit_app.review import opinions
from audit_app.review.models import Recheck, Redaction, Review, SecondOpinion
from audit_app.review.rules import NewVoid
from audit_app.settings import Settings
from audit_app.standards.queries import sheet_for
from audit_app.testers.models import IdentityPermit
from audit_app.trail.models import TrailLine
from audit_app.visits import operations as visits
from audit_app.visits.models import Evidence, Visit
from audit_app.visits.rules import Sent
from audit_app.visits.sending import read_visit
from tests import world
from tests.authz.asking import Browser
from tests.reporting import made
from tests.visits.sending import raw, sha

OPEN = {"bell": ("as-hall", "tester"), "drum": ("as-tester-2", "tester-2"), "far": ("as-far", "tester-far")}
RELEASED = {
    "bell": made.Plan("hall-bell", "overt", "inspector", "own-hall-overt", staff="bell-1"),
    "drum": made.Plan("hall-drum", "covert", "chief-tester", "own-hall-flagship"),
    "reed": made.Plan("hall-reed", "covert", "tester-2", "own-hall-basic"),
    "call": made.Plan("hotline", "hotline", "inspector", "hotline-mystery", team="team-1"),
    "far": made.Plan("hall-far", "far", "tester-far", "own-hall-flagship"),
}


@dataclass
class House:
    app: Litestar
    db: Database
    settings: Settings
    keys: Keys
    ids: dict[str, str] = field(default_factory=dict)  # `visit:bell`, `review:bell`, `card:bell`, …
    reviewer: dict[str, str] = field(default_factory=dict)  # place → username
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _open: dict[str, Browser] = field(default_factory=dict)

    def browser(self, username: str) -> Browser:
        """The one browser of a member of the cast ("" for a visitor)."""
        if username not in self._open:
            client = Browser(self.app, self.runner)
            if username:
                world.sign_in(client, self.db, self.settings, self.keys, username)
            self._open[username] = client
        return self._open[username]

    def close(self) -> None:
        self.runner.close()
        self.db.close()


def furnish(template: Path, folder: Path) -> House:
    """A house on a copy of the template database (SQLite)."""
    import shutil

    shutil.copy(template, folder / "mingcha.db")
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'mingcha.db'}")
    db, keys = Database(settings.database_url), Keys(folder)
    house = House(build(settings, db, keys), db, settings, keys)
    made.ROUNDS.setdefault("far", "round-far")
    db.write_now(_far_plans)
    for place in OPEN:
        db.write_now(_in_review, place, house)
    for place, plan in RELEASED.items():
        visit_id = db.write_now(made.released, replace(plan, started_at=world.NOW - timedelta(days=20)))
        db.read_now(_remember, place, visit_id, house)
    db.write_now(_second_opinion, house)
    db.write_now(_appeals, Blobs(folder / "blobs"), house)
    for place in ("bell", "reed", "far"):
        db.write_now(_second_look, place, house)
    db.write_now(_files, Blobs(folder / "blobs"), house)
    _by_hand(house)
    house.ids["move"] = db.write_now(_move)
    house.ids["question"] = db.write_now(_question, house)
    return house


def _far_plans(session: Session) -> None:
    """The other province plans and visits, too."""
    by, now = world.account_id("outsider"), world.NOW
    common = {"touchpoint_kinds": ["hall"], "checklist_ids": ["own-hall-flagship"], "for_incentives": True}
    session.add(Programme(id="prog-far", name="Far visits", unit_code="35", unit_path="35/", level="province",
                          kind="routine", manner="overt", purpose="p", notice="n", notice_at=now - timedelta(days=60),
                          created_by=by, created_at=now - timedelta(days=90), **common))  # fmt: skip
    session.flush()
    session.add(Round(id="round-far", programme_id="prog-far", name="2026 Q4", starts_on=(now - timedelta(days=45)).date(),  # noqa: E501
                      ends_on=(now + timedelta(days=45)).date(), status="published", created_by=by,
                      created_at=now - timedelta(days=55)))  # fmt: skip
    session.flush()
    version = world.version_of(session, "own-hall-flagship")
    session.add(Assignment(id="as-far", round_id="round-far", touchpoint_id="hall-far", unit_path="35/3501/350102/",
                           assessor_id=world.assessor_id("tester-far"), checklist_version_id=version,
                           window_start=now - timedelta(days=5), window_end=now + timedelta(days=9), respond_by=None,
                           status="accepted", status_at=now - timedelta(days=4), created_by=by,
                           created_at=now - timedelta(days=6)))  # fmt: skip


def _in_review(session: Session, place: str, house: House) -> None:
    """A visit that lies open before its reviewer."""
    job_id, who = OPEN[place]
    job = session.get_one(Assignment, job_id)
    sheet = sheet_for(session, job.checklist_version_id)
    started = world.NOW - timedelta(hours=4)
    content = raw(filled(sheet, job.id, job.checklist_version_id, started, option_at=made.every(5)))
    key = sha(place.encode())[:32]
    now = started + timedelta(hours=1)
    visits.submit(session, world.account_id(who), Sent(key, read_visit(content), content, sha(content)), now)
    made._files_arrive(session, key, now)
    review.open_review(session, key, now)
    session.flush()
    found = session.exec(select(Review).where(Review.visit_id == key)).one()
    house.ids |= {f"open:{place}": key, f"review:{place}": found.id}
    house.reviewer[f"open:{place}"] = (found.reviewer_id or "").removeprefix("acc-")


def _remember(session: Session, place: str, visit_id: str, house: House) -> None:
    found = session.exec(select(Review).where(Review.visit_id == visit_id)).one()
    card = session.exec(select(Scorecard).where(Scorecard.visit_id == visit_id)).one()
    period = session.exec(
        select(Scorecard).where(Scorecard.touchpoint_id == card.touchpoint_id, col(Scorecard.visit_id).is_(None))
    ).one()
    house.ids |= {
        f"visit:{place}": visit_id, f"card:{place}": card.id, f"period:{place}": period.id,
        f"result:{place}": session.get_one(Visit, visit_id).outward_id or "",
        f"decided:{place}": found.id,
    }  # fmt: skip
    house.reviewer[f"visit:{place}"] = (found.reviewer_id or "").removeprefix("acc-")


def _second_opinion(session: Session, house: House) -> None:
    """A released visit that its reviewer wants void, and a colleague is asked."""
    name = house.reviewer["visit:drum"]
    asker = Actor(world.account_id(name), name, name, tuple(grants_of(session, world.account_id(name))))
    void = NewVoid("recognised", "Recognised at the door.", [])
    key = opinions.ask_void(session, asker, house.ids["decided:drum"], void, world.NOW)
    second = session.get_one(SecondOpinion, key).second_id or ""
    house.ids["opinion"] = key
    house.reviewer |= {"opinion:asked": name, "opinion:second": second.removeprefix("acc-")}


def _appeals(session: Session, blobs: Blobs, house: House) -> None:
    """A visit of yesterday that lost points: its manager and the person it scored have appealed, the city hears it."""
    plan = made.Plan("hall-bell", staff="bell-1", option_at=made.every(3), started_at=world.NOW - timedelta(days=6))
    visit_id = made.released(session, plan)
    visit = session.get_one(Visit, visit_id)
    house.ids |= {"visit:court": visit_id, "result:court": visit.outward_id or ""}
    name = blobs.put(b"\xff\xd8\xff\xe0 proof \xff\xd9")
    items = standing(session, made.actor(session, "outlet-manager"), visit.outward_id or "", world.NOW).items
    for who, filing in (("outlet-manager", Filing("facts", "It hung there.", next(iter(items.values())))),
                        ("staff", Filing("not_me", "Another badge."))):  # fmt: skip
        file = appeals.Upload(name, "image/jpeg", 20)
        outward = visit.outward_id or ""
        key = appeals.file_appeal(session, made.actor(session, who), outward, filing, [file], world.NOW)
        proof = session.exec(select(AppealFile).where(AppealFile.appeal_id == key)).one()
        proof.view_blob, proof.view_type = name, "image/jpeg"
        session.add(proof)
        hearing = session.exec(select(Hearing).where(Hearing.appeal_id == key)).one()
        house.ids |= {f"appeal:{who}": key, f"proof:{who}": proof.id, f"hearing:{who}": hearing.id}
    card = session.exec(select(Scorecard).where(Scorecard.visit_id == visit_id)).one()
    session.add(IssuedDocument(token="a" * 32, scorecard_id=card.id, edition="outlet", locale="zh",
                               facts_sha256="b" * 64, issued_at=world.NOW))  # fmt: skip
    house.ids["token"] = "a" * 32
    seen = session.exec(select(Evidence).where(Evidence.visit_id == visit_id).limit(1)).one()
    seen.view_blob, seen.view_type, seen.fault = name, "image/jpeg", ""
    session.add(seen)
    house.ids["evidence:court"] = seen.id


def _second_look(session: Session, place: str, house: House) -> None:
    """A released visit at which a supervisor is to look again."""
    made_one = Recheck(visit_id=house.ids[f"visit:{place}"], low=True, changed=False, experience=6900, change=0,
                       opened_at=world.NOW)  # fmt: skip
    session.add(made_one)
    session.flush()
    house.ids[f"recheck:{place}"] = made_one.id


def _files(session: Session, blobs: Blobs, house: House) -> None:
    """One photo of each open visit can be looked at."""
    name = blobs.put(b"\xff\xd8\xff\xe0 photo \xff\xd9")
    for place in OPEN:
        key = house.ids[f"open:{place}"]
        one = session.exec(select(Evidence).where(Evidence.visit_id == key).limit(1)).one()
        one.view_blob, one.view_type, one.fault = name, "image/jpeg", ""
        session.add(one)
        house.ids |= {f"evidence:{place}": one.id, f"sha:{place}": one.sha256}
        session.add(painted(one, name))
    for place in RELEASED:
        key = house.ids[f"visit:{place}"]
        first = session.exec(select(Evidence).where(Evidence.visit_id == key).order_by(Evidence.id).limit(1)).first()
        if first is None:  # a call may have none
            first = Evidence(visit_id=key, sha256=sha(key.encode()), size=1, media_type="image/jpeg")
        first.view_blob, first.view_type, first.fault = name, "image/jpeg", ""
        session.add(first)
        session.flush()
        shown = painted(first, name)
        shown.looked_at, shown.releasable, shown.outward_id = world.NOW, True, random_id()
        session.add(shown)
        house.ids[f"photo:{place}"] = shown.outward_id
    for who, tester in (("admin", "tester"), ("outsider-admin", "tester-far")):
        permit = IdentityPermit(
            assessor_id=world.assessor_id(tester),
            asked_by=world.account_id(who),
            status="asked",
            asked_at=world.NOW,
            reason="Why",
            ends_at=world.NOW + timedelta(days=1),
        )
        session.add(permit)
        session.flush()
        house.ids[f"permit:{who}"] = permit.id
    for who in ("hr", "outsider-hr"):
        run = ReportRun(account_id=world.account_id(who), edition="hr", locale="en", filters={}, status="ready", total=0,  # noqa: E501
                        zip_blob=name, zip_bytes=10, created_at=world.NOW, finished_at=world.NOW)  # fmt: skip
        session.add(run)
        session.flush()
        house.ids[f"run:{who}"] = run.id


def _question(session: Session, house: House) -> str:
    asker = made.actor(session, "staff")
    return personal.ask(session, asker, house.ids["result:bell"], Question("Why so few points?"), world.NOW)


def _move(session: Session) -> str:
    boss, on = made.actor(session, "admin"), (world.NOW + timedelta(days=60)).date()
    return changes.plan_move(session, boss, "staff", "drum-3", "JZ0001", on, world.NOW)


def _told(session: Session) -> str:
    notices.tell(session, world.account_id("staff"), "appeal.decided", {}, "/inbox", world.NOW)
    return session.exec(select(Notice.id).where(Notice.kind == "appeal.decided")).one()


def painted(one: Evidence, blob: str) -> Redaction:
    """A box over a photo, not looked at yet."""
    return Redaction(evidence_id=one.id, visit_id=one.visit_id, shows="premises", boxes=[[0, 0, 100, 100]], blob=blob,
                     made_by=world.account_id("reviewer"), made_at=world.NOW)  # fmt: skip


def _by_hand(house: House) -> None:
    """What is easiest made by the people themselves: drafts, imports, tokens."""
    for who in ("tester", "tester-far"):
        key = sha(who.encode())[:32]
        assert house.browser(who).put(f"/api/v1/drafts/{key}", json={"answers": []}).status_code == 200
        house.ids[f"draft:{who}"] = key
    text = "code,name,level,parent_code\n{unit}9,Planted,town,{unit}\n"
    for who, unit in (("admin", "360102"), ("outsider-admin", "350102")):
        file = {"file": ("a.csv", text.format(unit=unit).encode(), "text/csv")}
        answer = house.browser(who).post("/imports", data={"kind": "units"}, files=file)
        assert answer.status_code == 303, answer.text
        house.ids[f"import:{who}"] = answer.headers["location"].rpartition("/")[2]
    house.ids["notice:staff"] = house.db.write_now(_told)
    answer = house.browser("hr").post("/account/tokens", data={"name": "mine"})
    assert answer.status_code < 400, answer.text
    house.ids["token:hr"] = house.db.read_now(lambda session: session.exec(select(ApiToken.id)).first()) or ""

    def own_session(session: Session) -> str:
        wanted = select(LoginSession.id).where(LoginSession.account_id == world.account_id("staff"))
        return session.exec(wanted).first() or ""

    house.browser("staff")
    house.ids["session:staff"] = house.db.read_now(own_session)
    asked = {"role": "hr", "unit": "36", "reason": "takes over in December"}
    answer = house.browser("admin").post("/accounts/acc-staff/grants", data=asked)
    assert answer.headers["location"].endswith("saved=waiting"), answer.text
    house.ids["proposal"] = house.db.read_now(lambda session: session.exec(select(Proposal.id)).one())
    answer = house.browser("auditor").post("/trail/verifications")
    house.ids["verification"] = answer.headers["location"].rpartition("/")[2]

    def line(session: Session, kind: str, subject: str) -> str:
        wanted = select(TrailLine.id).where(TrailLine.subject_kind == kind, TrailLine.subject_id == subject)
        return session.exec(wanted.limit(1)).first() or ""

    ids = house.ids
    things = {"36": ("account", "acc-staff"), "35": ("visit", ids["visit:far"]), "hidden": ("visit", ids["open:bell"])}
    for name, (kind, key) in things.items():
        house.ids[f"line:{name}"] = house.db.read_now(line, kind, key)
        assert house.ids[f"line:{name}"], name
    house.ids["version"] = house.db.read_now(world.version_of, "own-hall-flagship")
