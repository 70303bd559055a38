"""Search: any part of a name, a code, the pinyin or its initials; kept on every way of writing."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import col

from audit_app.kit.db import Database, Session
from audit_app.kit.ids import random_id
from audit_app.kit.search import LONGEST, matches, normal, text_of
from audit_app.organisation.models import StaffMember, Touchpoint
from tests import world

HALL = "\u53e0\u5c71\u8def\u8425\u4e1a\u5385"  # Dieshan Road hall
FIELD = "\u957f\u57ce\u91cd\u5e86"  # characters that are read in two ways


@pytest.mark.parametrize(
    "asked", ["\u5c71\u8def", "dieshan", "Die Shan", "shanlu", "DSLYYT", "slyy", "yt002", "ＹＴ００２"]
)
def test_what_a_name_is_found_by(asked: str) -> None:
    assert normal(asked) in text_of(HALL, "YT002")


def test_both_readings_of_a_character_are_kept() -> None:
    found = text_of(FIELD).split("\n")
    assert "changchengchongqing" in found
    assert "cccq" in found


@pytest.mark.parametrize("asked", ["dieshen", "sd", "%", "_", "yt003"])
def test_what_it_is_not_found_by(asked: str) -> None:
    assert normal(asked) not in text_of(HALL, "YT002")


def test_parts_do_not_run_into_each_other() -> None:
    assert "ttyt" not in text_of(HALL, "YT002")
    assert len(text_of(HALL * 40, "YT002")) <= LONGEST


@pytest.mark.data
def test_every_way_of_writing_keeps_it(db: Database) -> None:
    row = {
        "id": random_id(), "code": "YT777", "kind": "hall", "name": HALL, "unit_code": "360102",
        "unit_path": "36/3601/360102/", "address": "", "opens": "09:00", "closes": "18:00", "active": True,
    }  # fmt: skip

    def write(session: Session) -> None:
        session.connection().execute(
            sa.insert(Touchpoint.__table__), [row, {**row, "id": random_id(), "code": "YT778"}]
        )  # type: ignore[attr-defined]
        session.add(StaffMember(code="YG777", name="x", touchpoint_id="hall-bell-2", joined_on=world.NOW.date()))
        session.flush()
        person = session.scalars(sa.select(StaffMember).where(col(StaffMember.code) == "YG777")).one()
        person.name = HALL[:3]
        session.add(person)

    db.write_now(write)

    def found(session: Session, model: type[Touchpoint] | type[StaffMember], asked: str) -> list[str]:
        return sorted(session.scalars(sa.select(col(model.code)).where(matches(model.search, asked))))

    assert db.read_now(found, Touchpoint, "dieshanlu") == ["YT777", "YT778"]
    assert db.read_now(found, Touchpoint, "yt77") == ["YT777", "YT778"]
    assert db.read_now(found, StaffMember, "DSL") == ["YG777"]
    assert db.read_now(found, Touchpoint, "d%s") == []


def test_the_organisation_page_finds_by_pinyin(client_for: Callable[[str], TestClient[Litestar]], db: Database) -> None:
    def rename(session: Session) -> None:
        hall = session.get_one(Touchpoint, "hall-bell-2")
        hall.name = HALL
        session.add(hall)

    db.write_now(rename)
    client = client_for("county-supervisor")
    assert HALL in client.get("/organisation?q=dsl").text
    assert HALL not in client.get("/organisation?q=dsx").text
