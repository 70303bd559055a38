"""What does not fit together is flagged; what is merely unusual is not."""

import io
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from audit_app.visits.media import likeness, view_copy
from audit_app.visits.plausibility import Passage, Photo, Scene, flags, metres
from audit_app.visits.rules import (
    AnswerIn,
    CallIn,
    ConsentsIn,
    EvidenceIn,
    Flag,
    MarkIn,
    PositionIn,
    VisitBody,
)
from tests.world import NOW

YES = ConsentsIn(position=True)


@dataclass(frozen=True)
class Hall:
    lat: str | None = "28.680000"
    lon: str | None = "115.890000"
    datum: str | None = "WGS-84"


def at(minutes: float, lat: str = "28.680100", lon: str = "115.890100", accuracy: float = 20) -> PositionIn:
    return PositionIn(NOW + timedelta(minutes=minutes), lat, lon, accuracy, "WGS-84")


def body(begun: datetime = NOW, **parts: Any) -> VisitBody:
    return VisitBody(1, "job", "version", begun, begun + timedelta(minutes=40), parts.pop("answers", []), True, **parts)


def found(made: VisitBody, **about: Any) -> dict[str, Flag]:
    scene = Scene(about.pop("touchpoint", "hall"), about.pop("spot", Hall()), about.pop("minutes", 40), **about)
    return {flag.kind: flag for flag in flags(made, scene)}


def test_an_honest_visit_has_no_flag() -> None:
    """50 traces with an error of 5 to 80 m, one of them with a lost fix: none is flagged."""
    chance = random.Random(7)
    for n in range(50):
        error = chance.uniform(5, 80)
        off = [chance.gauss(0, error / 111_000) for _ in range(4)]
        arrived = at(0, f"{28.68 + off[0]:.7f}", f"{115.89 + off[1]:.7f}", error)
        left = None if n == 7 else at(40, f"{28.68 + off[2]:.7f}", f"{115.89 + off[3]:.7f}", error)
        pace = [AnswerIn(f"i{k}", f"o{k}", answered_at=NOW + timedelta(seconds=60 * k)) for k in range(38)]
        places = [(f"i{k}", 0) for k in range(38)]
        earlier = body(NOW - timedelta(hours=2), consents=YES, check_out=at(-80, "28.7000123", "115.9500456"))
        made = body(consents=YES, check_in=arrived, check_out=left, answers=pace)
        assert found(made, others=[Passage("other", earlier)], places=places) == {}


def test_without_consent_no_position_is_looked_at() -> None:
    far = at(0, "30.000000", "115.890000", 0)
    for consents in (None, ConsentsIn(position=False)):
        assert found(body(consents=consents, check_in=far)) == {}
    earlier = body(NOW - timedelta(hours=1), check_out=at(-20, "30.000000", "115.890000"))
    assert found(body(consents=YES, check_in=at(0)), others=[Passage("other", earlier)]) == {}


def test_far_from_the_touchpoint() -> None:
    flag = found(body(consents=YES, check_in=at(0), check_out=at(40, "28.700000")))["far_away"]
    assert 2000 < (flag.detail or {})["metres"] < 2500
    assert not found(body(consents=YES, check_in=at(0, "28.684000", accuracy=500))), "its own error is in its favour"
    assert not found(body(consents=YES, check_in=at(0, "28.700000")), spot=None), "a hotline lies nowhere"


@pytest.mark.parametrize("lat", ["", "nan", "inf", "north", None])
def test_what_is_no_number_is_no_distance(lat: Any) -> None:
    assert metres(PositionIn(NOW, lat, "115.89", 20, "WGS-84"), Hall()) is None


def test_another_datum_is_not_compared() -> None:
    assert metres(PositionIn(NOW, "28.68", "115.89", 20, "GCJ-02"), Hall()) is None


@pytest.mark.parametrize(("minutes", "odd"), [(-30, True), (-300, False), (70, True), (400, False)])
def test_faster_than_anybody_travels(minutes: int, odd: bool) -> None:
    """120 km from the visit before, or to the one after, in whatever order they were sent."""
    begun = NOW + timedelta(minutes=minutes)
    there = at(minutes, "29.760000"), at(minutes + 5, "29.760000")
    other = Passage("other", body(begun, consents=YES, check_in=there[0], check_out=there[1]))
    made = body(consents=YES, check_in=at(0), check_out=at(40))
    assert ("too_fast" in found(made, others=[other])) is odd


def test_the_same_coordinates_in_two_places_and_a_position_without_error() -> None:
    """Mock positions have identical decimals; the same hall may well give the same point twice."""
    earlier = body(NOW - timedelta(days=3), consents=YES, check_in=at(-4320))
    made = body(consents=YES, check_in=at(0))
    assert set(found(made, others=[Passage("other", earlier)])) == {"same_point"}
    assert not found(made, others=[Passage("hall", earlier)])
    coarse = body(NOW - timedelta(days=3), consents=YES, check_in=at(-4320, "28.68", "115.89"))
    assert not found(body(consents=YES, check_in=at(0, "28.68", "115.89")), others=[Passage("other", coarse)])
    assert set(found(body(consents=YES, check_in=at(0, accuracy=0)))) == {"no_error"}


def test_a_brief_stay_by_the_marks_of_arriving_and_leaving() -> None:
    marks = [MarkIn("check_in", NOW), MarkIn("check_out", NOW + timedelta(minutes=6))]
    assert (found(body(timeline=marks))["brief_stay"].detail or {})["seconds"] == 360
    assert not found(body(timeline=[marks[0], MarkIn("check_out", NOW + timedelta(minutes=25))]))
    assert not found(body(timeline=[marks[0]]))
    recalled = [marks[0], MarkIn("check_out", NOW + timedelta(minutes=6), True)]
    assert not found(body(timeline=recalled)), "a mark that was added later measures nothing"


def tapped(count: int, seconds: float, places: Iterable[int]) -> dict[str, Any]:
    answers = [AnswerIn(f"i{n}", "o", answered_at=NOW + timedelta(seconds=n * seconds)) for n in range(count)]
    return {"answers": answers, "places": [(f"i{n}", place) for n, place in zip(range(count), places, strict=False)]}


def straight(count: int, seconds: float, places: Iterable[int]) -> bool:
    made = tapped(count, seconds, places)
    return "straight" in found(body(answers=made["answers"]), places=made["places"])


def test_the_same_place_of_the_list_faster_than_one_reads() -> None:
    assert straight(40, 1, [0] * 40)
    assert straight(40, 1, [1] * 20 + [0] * 20)
    assert not straight(40, 20, [0] * 40), "a perfect hall, looked at with care"
    assert not straight(40, 1, [0, 0, 0, 1] * 10)
    assert not straight(8, 1, [0] * 8)


def test_answers_long_after_leaving() -> None:
    left = MarkIn("check_out", NOW + timedelta(minutes=40))
    late = [AnswerIn(f"i{n}", "o", answered_at=NOW + timedelta(hours=20)) for n in range(5)]
    soon = [AnswerIn(f"s{n}", "o", answered_at=NOW + timedelta(hours=2)) for n in range(6)]
    assert (found(body(answers=late, timeline=[left]))["late_recall"].detail or {})["hours"] == 19
    assert not found(body(answers=late + soon, timeline=[left]))
    hung_up = [MarkIn("hang_up", NOW + timedelta(minutes=4))]
    assert "late_recall" in found(body(answers=late, timeline=hung_up, call=CallIn("10000")), spot=None, minutes=0)


def test_photos_from_another_time() -> None:
    lines = [
        EvidenceIn(f"{n:064x}", 9, "image/jpeg", NOW + timedelta(minutes=m), item_id=item)
        for n, (m, item) in enumerate([(3, "a"), (-1, "b"), (-60, "c"), (600, "c"), (44, "d")])
    ]
    seen = found(body(evidence=lines))
    assert set(seen) == {"photo_time"}
    assert (seen["photo_time"].item_id, seen["photo_time"].detail) == ("c", {"files": 2})


def drawn(seed: int, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """A made-up interior: walls, counters, posters."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, tuple(chance.randrange(140, 250) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(26):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        box = (x, y, x + chance.randrange(60, 500), y + chance.randrange(60, 400))
        (draw.rectangle if chance.random() < 0.7 else draw.ellipse)(
            box, fill=tuple(chance.randrange(256) for _ in range(3))
        )
    return picture


def shot(picture: Image.Image, quality: int = 85) -> str:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return likeness(view_copy(out.getvalue()))


def alike(here: str, there: list[str]) -> bool:
    return "alike" in found(body(), photos=[Photo("a", here)], elsewhere=there)


def test_a_recompressed_or_resized_photo_looks_like_the_first() -> None:
    others = [shot(drawn(seed)) for seed in range(20)]
    for seed in range(20):
        first = drawn(seed)
        for copy in (shot(first, 35), shot(first.resize((640, 480))), shot(first.resize((900, 675)), 50)):
            assert alike(copy, [others[seed]])
            assert not alike(copy, others[:seed] + others[seed + 1 :])


def test_a_picture_without_contrast_looks_like_nothing() -> None:
    assert shot(Image.new("RGB", (300, 300), (9, 9, 9))) == ""
