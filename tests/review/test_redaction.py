"""Painting over photos: what is under a box is gone, nothing goes out unseen, and what went out stays as it was."""

import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from PIL import Image
from sqlmodel import col, select

from audit_app.kit.blobs import Blobs
from audit_app.kit.db import Database, Session
from audit_app.planning.models import Programme
from audit_app.reporting import downloads
from audit_app.reporting import operations as reporting
from audit_app.reporting.facts import HrVisit, OfficeVisit, OutletVisit
from audit_app.reporting.models import Scorecard
from audit_app.review import opinions, redaction_pages
from audit_app.review.models import Redaction, Review
from audit_app.review.rules import MOST_BOXES
from audit_app.settings import Settings
from audit_app.trail.models import TrailLine
from audit_app.visits.decoding import Decoder
from audit_app.visits.media import NotShown, covered
from audit_app.visits.models import Evidence, Visit
from tests import world
from tests.reporting import made
from tests.review.acting import ask_void, colleague, do, owner
from tests.review.conftest import Submit

Open = Callable[[str], TestClient]
BOX = {"left": "25", "top": "25", "width": "50", "height": "50"}
PERSON = {**BOX, "shows": "person"}


def photo(middle: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    picture = Image.new("RGB", (320, 160), (220, 224, 222))
    picture.paste(middle, (100, 50, 220, 110))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CANARY-CAMERA"
    picture.save(out, "JPEG", quality=82, exif=exif, comment=b"CANARY-COMMENT")
    return out.getvalue()


def test_what_lies_under_a_box_is_gone() -> None:
    """Two pictures that differ under the box only give the same bytes, and nothing but pixels is in them."""
    boxes = [(2500, 2500, 5000, 5000)]
    after = covered(photo(), boxes)
    assert after == covered(photo((20, 200, 40)), boxes)
    assert b"CANARY" not in after
    with Image.open(io.BytesIO(after)) as shown:
        assert shown.size == (320, 160)
        assert max(shown.getpixel((160, 80))) < 60  # type: ignore[arg-type]
        assert min(shown.getpixel((10, 10))) > 180  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"x", photo()[:400]])
def test_what_is_no_photo_is_not_painted(data: bytes) -> None:
    with pytest.raises(NotShown):
        covered(data, [(0, 0, 10, 10)])


def test_a_file_that_kills_the_child_harms_nobody() -> None:
    child = Decoder()
    try:
        with pytest.raises(NotShown):
            child.run(os._exit, 3)
        assert child.run(covered, photo(), [(0, 0, 10, 10)])[:2] == b"\xff\xd8"
    finally:
        child.close()


@pytest.fixture
def here(
    client_for: Open, db: Database, settings: Settings, submit: Submit, review_of: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[TestClient, str, str]:  # fmt: skip
    """(the reviewer's browser, the address of the first photo, the visit)."""
    monkeypatch.setattr(redaction_pages, "burn", covered)  # the child has a test of its own
    visit = submit("as-hall", option_at=made.every(5))
    review, blob = review_of(visit), Blobs(settings.data_dir / "blobs").put(photo())

    def shown(session: Session) -> tuple[str, str]:
        files = session.scalars(select(Evidence).where(Evidence.visit_id == visit).order_by(Evidence.id)).all()
        for one in files:
            one.view_blob, one.view_type = blob, "image/jpeg"
            session.add(one)
        return files[0].id, str(session.get_one(Review, review).reviewer_id).removeprefix("acc-")

    evidence, who = db.write_now(shown)
    return client_for(who), f"/reviews/{review}/evidence/{evidence}", visit


def kept(db: Database, visit: str) -> Redaction | None:
    return db.read_now(lambda s: s.scalars(select(Redaction).where(Redaction.visit_id == visit)).first())


def acts(db: Database) -> list[str]:
    wanted = select(TrailLine.act).where(col(TrailLine.act).startswith("redaction.")).order_by(TrailLine.id)
    return list(db.read_now(lambda s: s.scalars(wanted).all()))


def test_nothing_goes_out_unseen(here: tuple[TestClient, str, str], db: Database) -> None:
    mine, place, visit = here
    assert mine.get(f"{place}/redacted").status_code == 404
    assert mine.post(f"{place}/releasable", data={"releasable": "1"}).status_code == 404
    assert mine.post(f"{place}/redaction", data=PERSON).status_code == 303
    refused = mine.post(f"{place}/releasable", data={"releasable": "1"})
    assert refused.status_code == 422
    assert "First look at the painted copy." in refused.text
    copy = mine.get(f"{place}/redacted")
    assert copy.content == covered(photo(), [(2500, 2500, 5000, 5000)])
    assert copy.headers["cache-control"] == "private, no-store"
    assert mine.post(f"{place}/releasable", data={"releasable": "1"}).status_code == 303
    found = kept(db, visit)
    assert found is not None
    assert found.releasable
    assert found.outward_id is None  # minted at release
    mine.post(f"{place}/redaction", data={**PERSON, "left": "30"})
    again = kept(db, visit)
    assert again is not None
    assert (again.releasable, again.looked_at) == (False, None), "other boxes are another photo"
    assert mine.post(f"{place}/redaction/removal").status_code == 303
    assert kept(db, visit) is None
    assert acts(db) == [
        "redaction.made",
        "redaction.looked_at",
        "redaction.releasable",
        "redaction.made",
        "redaction.undone",
    ]


@pytest.mark.parametrize("shows", ["ticket", "receipt", "screen"])
def test_tickets_receipts_and_screens_never_go_out(here: tuple[TestClient, str, str], db: Database, shows: str) -> None:
    mine, place, visit = here
    assert mine.post(f"{place}/redaction", data={**BOX, "shows": shows}).status_code == 303
    mine.get(f"{place}/redacted")
    refused = mine.post(f"{place}/releasable", data={"releasable": "1"})
    assert refused.status_code == 422
    assert "never shown to an outlet" in refused.text
    found = kept(db, visit)
    assert found is not None
    assert not found.releasable
    assert 'name="releasable" value="1"' not in mine.get(f"{place}/redaction").text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"shows": "person"}, "Draw at least one box."),
        ({**PERSON, "left": "60"}, "A box must lie inside the picture."),
        ({**PERSON, "width": "0"}, "A box must lie inside the picture."),
        ({**PERSON, "top": "x"}, "give four numbers from 0 to 100"),
        ({**PERSON, "height": "NaN"}, "give four numbers from 0 to 100"),
        ({**BOX, "shows": "cat"}, "Please choose one of the list."),
        ({side: ["1"] * (MOST_BOXES + 1) for side in BOX} | {"shows": "person"}, "These are too many boxes."),
    ],
)
def test_boxes_that_cannot_be_drawn(
    here: tuple[TestClient, str, str], db: Database, form: dict[str, Any], text: str
) -> None:
    mine, place, visit = here
    refused = mine.post(f"{place}/redaction", data=form)
    assert refused.status_code == 422
    assert text in refused.text
    assert kept(db, visit) is None


def test_only_the_reviewer_and_only_while_it_is_open(
    here: tuple[TestClient, str, str], client_for: Open, db: Database
) -> None:
    mine, place, visit = here
    asked = [("GET", "/redaction"), ("POST", "/redaction"), ("GET", "/redacted"), ("POST", "/releasable"),
             ("POST", "/redaction/removal")]  # fmt: skip
    mine.post(f"{place}/redaction", data=PERSON)
    for who in ("reviewer", "reviewer-2", "outsider-reviewer"):
        other = client_for(who)
        if other.get(place).status_code == 200:
            continue  # the reviewer
        assert [other.request(m, place + way).status_code for m, way in asked] == [404] * 5, who
    mine.get(f"{place}/redacted")
    mine.post(f"{place}/releasable", data={"releasable": "1"})
    review = place.split("/")[2]
    assert mine.post(f"/reviews/{review}/approval", data={"release_note": "Well done"}).status_code == 303
    for way in ("/redaction", "/releasable", "/redaction/removal"):
        assert mine.post(place + way, data=PERSON).status_code == 409, way
    assert mine.get(f"{place}/redaction").status_code == 200  # still to be seen
    found = kept(db, visit)
    assert found is not None
    assert found.releasable


def test_a_second_reviewer_sees_the_copy_and_nobody_changes_it(
    here: tuple[TestClient, str, str], client_for: Open, db: Database
) -> None:
    mine, place, visit = here
    mine.post(f"{place}/redaction", data=PERSON)
    review = place.split("/")[2]
    asked_about = ask_void(db, review)
    second = client_for(colleague(owner(db, review)))
    shown = second.get(f"{place}/redaction")
    assert shown.status_code == 200
    for page in (shown.text, mine.get(f"{place}/redaction").text):
        assert "A second reviewer has been asked" in page
        assert '<form method="post" action="/reviews' not in page
    assert second.get(f"{place}/redacted").content == covered(photo(), [(2500, 2500, 5000, 5000)])
    found = kept(db, visit)
    assert found is not None
    assert found.looked_at is None, "its reviewer has not looked at it"
    for way in ("/redaction", "/releasable", "/redaction/removal"):
        assert mine.post(place + way, data={**PERSON, "left": "30"}).status_code == 409, way
        assert second.post(place + way, data={**PERSON, "left": "30"}).status_code == 404, way
    assert kept(db, visit) == found
    files = db.read_now(lambda s: s.scalars(select(Evidence.id).where(Evidence.visit_id == visit)).all())
    for client in (mine, second):  # a link to what there is, and to nothing else
        pages = {file: client.get(f"/reviews/{review}?file={file}").text for file in files[:3]}
        linked = [f"/evidence/{file}/redaction" in page for file, page in pages.items()]
        assert linked == [f"/{file}" in place for file in pages]
    do(db, owner(db, review), opinions.withdraw, asked_about, world.NOW)
    assert mine.post(f"{place}/redaction/removal").status_code == 303
    assert second.get(f"{place}/redaction").status_code == 404


def released(db: Database, settings: Settings) -> tuple[str, str]:
    """A released visit of the hall with one painted photo let out; (outward id, the photo's)."""
    blobs = Blobs(settings.data_dir / "blobs")
    bare, painted = blobs.put(photo()), blobs.put(covered(photo(), [(2500, 2500, 5000, 5000)]))

    def build(session: Session) -> tuple[str, str]:
        key = made.approved(session, made.Plan(option_at=made.every(5)))
        files = session.scalars(select(Evidence).where(Evidence.visit_id == key).order_by(Evidence.id)).all()
        for number, one in enumerate(files):
            one.view_blob, one.view_type, one.fault = bare, "image/jpeg", ""
            session.add(one)
            session.flush()
            if number < 3:  # the first is let out, the second is not, the third shows a ticket in spite of its tick
                session.add(Redaction(evidence_id=one.id, visit_id=key, shows="ticket" if number == 2 else "person",
                                      boxes=[[2500, 2500, 5000, 5000]], blob=painted, made_by="acc-reviewer",
                                      made_at=world.NOW, looked_at=world.NOW, releasable=number != 1))  # fmt: skip
        session.flush()
        made.review.release(session, [key], world.NOW)
        session.flush()
        session.expire_all()
        reporting.keep_cards(session, [key])
        shown = select(Redaction.outward_id).where(Redaction.visit_id == key, Redaction.shows == "person")
        one = session.scalars(shown.where(col(Redaction.releasable).is_(True))).one()
        return session.get_one(Visit, key).outward_id or "", one or ""

    return db.write_now(build)


def test_the_outlet_sees_what_was_let_out(client_for: Open, db: Database, settings: Settings) -> None:
    visit, shown = released(db, settings)
    manager = client_for("outlet-manager")
    page = manager.get(f"/results/{visit}").text
    assert page.count(f"/results/{visit}/photos/") == 2, "one photo: link and picture"
    answer = manager.get(f"/results/{visit}/photos/{shown}")
    assert answer.content == covered(photo(), [(2500, 2500, 5000, 5000)])
    assert "etag" not in answer.headers
    others = [one.outward_id or one.evidence_id for one in db.read_now(
        lambda s: s.scalars(select(Redaction).where(Redaction.outward_id != shown)).all())]  # fmt: skip
    for wrong in (*others, "0" * 32):
        assert manager.get(f"/results/{visit}/photos/{wrong}").status_code == 404
    for who, status in (("outlet-manager-2", 404), ("team-lead", 404), ("hr", 403), ("county-supervisor", 403)):
        assert client_for(who).get(f"/results/{visit}/photos/{shown}").status_code == status, who


def test_each_edition_has_its_photos(db: Database, settings: Settings) -> None:
    """Outlet: painted, without a time; office: all; HR: none."""
    released(db, settings)
    blobs = Blobs(settings.data_dir / "blobs")

    def card(session: Session, username: str) -> Any:
        wanted = select(Scorecard.id).where(col(Scorecard.visit_id).is_not(None))
        gathered = downloads.gather(session, made.actor(session, username), session.scalars(wanted).one(), world.NOW)
        return downloads.complete(gathered, blobs)

    outlet, office, hr = (db.read_now(card, who) for who in ("outlet-manager", "province-supervisor", "hr"))
    assert isinstance(outlet, OutletVisit)
    assert isinstance(office, OfficeVisit)
    assert isinstance(hr, HrVisit)
    assert [one.content for one in outlet.painted] == [covered(photo(), [(2500, 2500, 5000, 5000)])]
    assert not hasattr(outlet.painted[0], "taken_at")
    assert len(office.photos) > 3
    assert not hasattr(hr, "painted")
    assert not hasattr(hr, "photos")


def test_a_county_reads_the_painted_photos_of_a_covert_visit(db: Database, settings: Settings) -> None:
    released(db, settings)

    def edition(session: Session) -> tuple[str, str]:
        wanted = select(Scorecard.id).where(col(Scorecard.visit_id).is_not(None))
        actor = made.actor(session, "county-supervisor")
        found = downloads.gather(session, actor, session.scalars(wanted).one(), world.NOW)
        return found.found.edition, session.scalars(select(Programme.manner)).first() or ""

    assert db.read_now(edition)[0] == "outlet"
