"""The inbox: one's own lines, each told once, in the reader's language, and nothing that the reader may not see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.bench.bodies import filled
from audit_app.jobs.inline import Inline
from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.kit.i18n import locale_now
from audit_app.notices import operations, queries, words
from audit_app.notices.models import Notice
from audit_app.notices.rules import KEPT, KINDS
from audit_app.planning import operations as planning
from audit_app.planning.models import Assignment
from audit_app.reactions import registry, relay
from audit_app.review import operations as review
from audit_app.review.models import Review
from audit_app.review.rules import ItemNote
from audit_app.settings import Settings
from audit_app.standards.queries import sheet_for
from audit_app.visits import operations as visits
from audit_app.visits.models import Visit
from audit_app.visits.rules import Sent
from audit_app.visits.sending import read_visit
from tests import world
from tests.reporting import made
from tests.visits.sending import raw, sha

Open = Callable[[str], TestClient]
FACTS = {"until": "2026-12-01T02:00:00+00:00", "on": "2026-11-20", "day_part": "midday", "count": 2}


def told(db: Database, who: str) -> list[Notice]:
    mine = select(Notice).where(Notice.account_id == world.account_id(who)).order_by(Notice.kind, Notice.subject)
    return db.read_now(lambda session: list(session.scalars(mine)))


@pytest.mark.data
def test_the_same_thing_is_told_once(db: Database) -> None:
    def tell(session: Session, subject: str, who: str = "staff") -> bool:
        key = world.account_id(who)
        return operations.tell(session, key, "appeal.decided", {}, "/inbox", world.NOW, subject=subject)

    assert [db.write_now(tell, subject) for subject in ("a", "a", "b", "")] == [True, False, True, True]
    assert db.write_now(tell, "a", "hr")
    assert [n.subject for n in told(db, "staff")] == ["/inbox", "a", "b"]


def test_an_unknown_kind_and_another_site_are_refused(db: Database) -> None:
    for kind, link in (("nonsense", "/"), ("appeal.decided", "//evil.example"), ("appeal.decided", "https://x")):
        with pytest.raises(ValueError):
            db.write_now(operations.tell, world.account_id("staff"), kind, {}, link, world.NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_sentence_in_both_languages(kind: str) -> None:
    said = []
    for locale in ("en", "zh"):
        mark = locale_now.set(locale)
        said += [words.sentence(kind, FACTS), words.act(kind)]
        locale_now.reset(mark)
    assert all(text and "%(" not in text for text in said)
    assert said[0] != said[2]
    assert said[1] != said[3]


def test_reading(client_for: Open, db: Database) -> None:
    """The bell counts what is unread; a line that is opened is read and leads on; nobody touches somebody else's."""

    def fill(session: Session) -> None:
        for n in range(35):
            at = world.NOW - timedelta(hours=n)
            operations.tell(session, world.account_id("staff"), "appeal.decided", {}, "/checklists", at, subject=str(n))

    db.write_now(fill)
    staff, other = client_for("staff"), client_for("outlet-manager")
    page = staff.get("/inbox").text
    assert "Inbox, 35 new" in page
    assert page.count("An appeal was decided.") == queries.PER_PAGE
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert staff.get(older).text.count("An appeal was decided.") == 5
    key = told(db, "staff")[0].id
    assert other.post(f"/inbox/{key}/reading").status_code == 404
    answer = staff.post(f"/inbox/{key}/reading")
    assert (answer.status_code, answer.headers["location"]) == (303, "/checklists")
    assert "Inbox, 34 new" in staff.get("/").text
    assert "Inbox, " not in other.get("/").text
    staff.post("/inbox/reading")
    assert "Nothing new" in staff.get("/inbox").text
    assert staff.get("/inbox?show=all").text.count("An appeal was decided.") == queries.PER_PAGE


def test_lines_that_were_read_long_ago_go(db: Database) -> None:
    old = world.NOW - KEPT - timedelta(days=1)

    def fill(session: Session) -> None:
        for subject in ("read", "unread"):
            operations.tell(session, world.account_id("staff"), "appeal.decided", {}, "/x", old, subject=subject)
        for notice in session.scalars(select(Notice).where(Notice.subject == "read")):
            notice.read_at = old
        session.flush()
        operations.forget(session, world.NOW)

    db.write_now(fill)
    assert [n.subject for n in told(db, "staff")] == ["unread"]


@pytest.fixture
def run(db: Database, settings: Settings) -> Callable[[], None]:
    """Lets everything happen that the trail's lines bring along."""
    queue = Inline(settings, db, Blobs(settings.data_dir / "blobs"), registry())
    bound = relay(settings, db, queue)

    def go() -> None:
        while bound.once() or queue.drain():
            continue

    return go


def test_a_released_visit_is_told_to_those_whom_it_concerns(db: Database, run: Callable[[], None]) -> None:
    """The manager and the person scored, with day and day part; nobody else, and nobody before."""
    plan = made.Plan(staff="bell-1", started_at=world.NOW - timedelta(days=6))
    before = db.write_now(made.approved, plan)
    run()
    assert told(db, "outlet-manager") == []
    assert told(db, "staff") == []
    db.write_now(review.release, [before], world.NOW)
    run()
    [manager], [staff] = told(db, "outlet-manager"), told(db, "staff")
    assert manager.params == staff.params == {"on": "2026-11-18", "day_part": "morning"}
    assert manager.link.startswith("/results/")
    assert staff.link.startswith("/my-results/")
    assert before not in manager.link + staff.link
    for who in ("outlet-manager-2", "team-lead", "county-supervisor", "outsider", "chief-tester"):
        assert [n.kind for n in told(db, who) if n.kind.startswith("result")] == []


def test_assessors_and_reviewers_hear_of_work(db: Database, run: Callable[[], None]) -> None:
    def offer_and_cancel(session: Session) -> None:
        session.get_one(Assignment, "as-offered").status = "draft"
        session.flush()
        planning.publish_round(session, made.actor(session, "province-supervisor"), "round-covert", world.NOW)

    db.write_now(offer_and_cancel)
    run()
    [offered] = told(db, "tester")
    assert (offered.kind, offered.link, offered.subject) == ("job.offered", "/field", "as-offered")
    assert set(offered.params) == {"until"}
    boss = db.read_now(made.actor, "province-supervisor")
    db.write_now(planning.cancel, boss, "as-offered", "no longer", world.NOW)
    run()
    assert [n.kind for n in told(db, "tester")] == ["job.cancelled", "job.offered"]

    visit = db.write_now(_sent)
    run()

    def send_back(session: Session) -> str:
        found = session.scalars(select(Review).where(Review.visit_id == visit)).one()
        who = (found.reviewer_id or "").removeprefix("acc-")
        item = next(iter(sheet_for(session, session.get_one(Visit, visit).checklist_version_id).by_id))
        review.return_visit(session, made.actor(session, who), found.id, world.NOW, [ItemNote(item, "Which desk?")])
        return who

    reviewer = db.write_now(send_back)
    run()
    assert [n.kind for n in told(db, reviewer)] == ["review.waiting"]
    [returned] = told(db, "chief-tester")
    assert (returned.kind, returned.params["count"]) == ("visit.returned", 1)


def _sent(session: Session) -> str:
    """A visit that lies open before its reviewer."""
    version = world.version_of(session, "own-hall-flagship")
    started = world.NOW - timedelta(hours=4)
    content = raw(filled(sheet_for(session, version), "as-chief", version, started))
    key = "c" * 32
    visits.submit(session, world.account_id("chief-tester"), Sent(key, read_visit(content), content, sha(content)),
                  started + timedelta(hours=1))  # fmt: skip
    made._files_arrive(session, key, started + timedelta(hours=1))
    review.open_review(session, key, started + timedelta(hours=1))
    return key
