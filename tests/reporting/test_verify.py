"""A document carries what it is checked by; an appeal makes a newer one, and the old token says so."""

import hashlib
import io
import re
from collections.abc import Callable

import pypdf
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import select

from audit_app.desk.verification import check_file
from audit_app.kit import clock
from audit_app.kit.db import Database
from audit_app.reporting import operations
from audit_app.reporting.models import IssuedDocument, Scorecard
from tests.appeals.conftest import HALL, Court
from tests.reporting.made import make

Open = Callable[[str], TestClient[Litestar]]


def card_of(db: Database, visit_id: str) -> str:
    return db.read_now(lambda s: s.scalars(select(Scorecard.id).where(Scorecard.visit_id == visit_id)).one())


def token_in(pdf: bytes) -> tuple[str, str]:
    """The token that is printed in a PDF, and its text."""
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    found = re.search(r"/verify/([0-9a-f\s]{32,40})", text)
    assert found, text
    return re.sub(r"\s", "", found[1])[:32], text


def english(client_for: Open) -> TestClient[Litestar]:
    """Somebody who is not signed in and reads English."""
    visitor = client_for("")
    visitor.cookies.set("mingcha_locale", "en")
    return visitor


def test_an_appeal_supersedes_the_file(db: Database, client_for: Open) -> None:
    [visit] = make(db, HALL)
    court, card, manager, visitor = (
        Court(db, visit),
        card_of(db, visit),
        client_for("outlet-manager"),
        english(client_for),
    )
    old = manager.get(f"/scorecards/{card}.pdf").content
    assert manager.get(f"/scorecards/{card}.pdf").content == old  # the same facts are the same file
    token, _ = token_in(old)
    seen = visitor.get(f"/verify/{token}")
    assert seen.status_code == 200
    assert hashlib.sha256(old).hexdigest() in seen.text
    assert "no newer one" in seen.text
    for name in ("Bell Road Hall", "Chief Tester", "Bell Staff", "JZ0001"):
        assert name not in seen.text

    item = court.lost()[0]
    court.decide(court.file(item=item), court.best(item), clock.now())
    db.write_now(operations.keep_cards, [visit])
    assert "Superseded" in visitor.get(f"/verify/{token}").text  # before anybody has taken the new one
    new = manager.get(f"/scorecards/{card}.pdf").content
    new_token, text = token_in(new)
    assert new_token != token
    assert "Changed by appeals" in text
    assert "It was there; the photo shows it." in re.sub(r"\s+", " ", text)
    assert "no newer one" in visitor.get(f"/verify/{new_token}").text
    typed = visitor.get(f"/verify/{token}?sha256={hashlib.sha256(old).hexdigest()}").text
    assert "Genuine, but superseded" in typed
    assert "Not our file" in visitor.get(f"/verify/{new_token}?sha256={hashlib.sha256(old).hexdigest()}").text

    first, second, other = (db.read_now(check_file, data, "https://m") for data in (old, new, new + b" "))
    assert (first.state, first.superseded_by) == ("superseded", f"https://m/verify/{new_token}")
    assert (second.state, second.address, second.superseded_by) == ("current", f"https://m/verify/{new_token}", "")
    assert (other.state, other.ok) == ("unknown", False)


def test_an_unknown_token(client_for: Open) -> None:
    for token in ("0" * 32, "x", "%00", "\u4e2d"):
        answer = english(client_for).get(f"/verify/{token}")
        assert answer.status_code == 404
        assert "Unknown document" in answer.text or token == "%00"


def test_checking_is_limited(client_for: Open) -> None:
    visitor = client_for("")
    codes = [visitor.get(f"/verify/{n:032}").status_code for n in range(122)]
    assert codes[0] == 404
    assert codes[-1] == 429


def test_a_file_is_known_by_its_hash(db: Database, client_for: Open) -> None:
    [visit] = make(db, HALL)
    pdf = client_for("outlet-manager").get(f"/scorecards/{card_of(db, visit)}.pdf").content
    whole = hashlib.sha256(pdf).hexdigest()
    page = english(client_for).get(f"/verify/{whole.upper()}")
    assert page.status_code == 200
    assert f'action="/verify/{token_in(pdf)[0]}"' in page.text
    assert "<b>Genuine</b></div>" in re.sub(r">\s+<", "><", page.text)
    assert english(client_for).get(f"/verify/{'0' * 64}").status_code == 404
    assert len(db.read_now(lambda s: s.scalars(select(IssuedDocument)).all())) == 1
