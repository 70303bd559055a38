"""What the review page says for and against a visit."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from audit_app.review.checks import checks, course, flag_line
from audit_app.visits.rules import ConsentsIn, MarkIn, PositionIn, VisitBody
from tests.world import NOW

HALL = SimpleNamespace(lat="28.6800", lon="115.8900", datum="WGS-84")
HERE = PositionIn(NOW, "28.6801", "115.8901", 20, "WGS-84")


@dataclass
class Photo:
    taken_at: Any = None
    is_image: bool = True
    here: bool = True


@dataclass
class Raised:
    kind: str
    item_id: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def body(**parts: Any) -> VisitBody:
    return VisitBody(1, "job", "version", NOW, NOW + timedelta(minutes=40), [], True, **parts)


def codes(made: VisitBody, files: list[Photo], flags: list[Raised]) -> dict[str, tuple[str, int, str]]:
    found = [*checks(made, files, flags, HALL), *[flag_line(flag, {"item-1": "A1"}) for flag in flags]]
    return {one.code: (one.tone, one.n, one.number) for one in found}


def test_without_consent_nothing_is_said_of_the_position() -> None:
    for consents in (None, ConsentsIn(position=False)):
        assert set(codes(body(check_in=HERE, consents=consents), [], [])) == {"no_consent"}
    near = codes(body(check_in=HERE, consents=ConsentsIn(position=True)), [], [])
    assert near["distance"][0] == "g"
    assert 10 < near["distance"][1] < 20


def test_a_position_far_off_is_to_be_looked_at_and_another_datum_is_not_compared() -> None:
    consents = ConsentsIn(position=True)
    far = PositionIn(NOW, "28.70", "115.89", 20, "WGS-84")
    assert codes(body(check_in=far, consents=consents), [], [])["distance"][0] == "w"
    other = PositionIn(NOW, "28.68", "115.89", 20, "GCJ-02")
    assert codes(body(check_in=other, consents=consents), [], [])["position"] == ("", 0, "")


def test_photos_by_time_camera_and_repetition() -> None:
    inside, outside = Photo(NOW + timedelta(minutes=3)), Photo(NOW - timedelta(hours=2))
    good = codes(body(), [inside, inside], [])
    assert good["photo_times"] == ("g", 2, "")
    assert good["camera"] == ("g", 2, "")
    assert "no_repeat" in good
    raised = [Raised("gallery", "item-1"), Raised("alike"), Raised("photo_time", "item-1", {"files": 1})]
    bad = codes(body(), [inside, outside], raised)
    assert bad["photo_time"] == ("w", 1, "A1")
    assert bad["gallery"] == ("w", 0, "A1")
    assert not {"photo_times", "camera", "no_repeat"} & set(bad)


def test_missing_evidence_and_the_figures_of_flags() -> None:
    found = codes(
        body(), [Photo(here=False)], [Raised("late", "", {"hours": 80}), Raised("short", "", {"seconds": 300})]
    )
    assert found["missing"] == ("w", 1, "")
    assert found["late"][1] == 80
    assert found["short"][1] == 5


def test_the_course_is_in_order_with_the_length_of_each_span() -> None:
    marks = [("agent", 128), ("dial", 0), ("queue", 40), ("hang_up", 420), ("item-1:start", 200), ("item-1:stop", 263)]
    made = body(timeline=[MarkIn(m, NOW + timedelta(seconds=s), m == "queue") for m, s in marks])
    rows = [(m.code, m.number, m.seconds, m.later) for m in course(made, {"item-1": "A1"})]
    assert rows == [
        ("begun", "", None, False),
        ("dial", "", None, False),
        ("queue", "", None, True),
        ("agent", "", 88, False),
        ("start", "A1", None, False),
        ("stop", "A1", 63, False),
        ("hang_up", "", 420, False),
        ("finished", "", None, False),
    ]
