"""Short ways to write a sheet and its answers by hand."""

from fractions import Fraction

from audit_app.scoring.answers import Answer
from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import Band, Critical, Evidence, Item, Option, Section, Sheet, ShowIf, Step, Thresholds

BANDS = (
    Band("fail", Fraction(0), Fraction(60)),
    Band("improve", Fraction(60), Fraction(70)),
    Band("pass", Fraction(70), Fraction(80)),
    Band("good", Fraction(80), Fraction(90)),
    Band("excellent", Fraction(90), Fraction(100), closed=True),
)


def sheet(*sections: Section, personal: bool = True, bands: tuple[Band, ...] = BANDS) -> Sheet:
    return Sheet("test", "0" * 64, "by_manner", personal, sections, bands)


def section(key: str, weight: str, *items: Item) -> Section:
    return Section(key, exact(weight), items)


def item(key: str, points: str = "1", options: str = "", **rest: object) -> Item:
    """An item whose options are written "id=points id=points"; without: yes = all points, no = 0."""
    written = options or f"yes={points} no=0"
    pairs = [pair.split("=") for pair in written.split()]
    given: dict[str, object] = {
        "type": "yes_no" if not options else "choice",
        "answers_for": "staff",
        "na_allowed": True,
    }
    given.update(rest)
    return Item(id=key, points=exact(points), options=tuple(Option(k, exact(v)) for k, v in pairs), **given)  # type: ignore[arg-type]


def measured(key: str, points: str, better: str, steps: str, otherwise: str = "0", **rest: object) -> Item:
    """A measured item whose steps are written "limit:points limit:points"."""
    pairs = [pair.split(":") for pair in steps.split()]
    rule = Thresholds(better, tuple(Step(exact(a), exact(b)) for a, b in pairs), exact(otherwise), "seconds")  # type: ignore[arg-type]
    given: dict[str, object] = {"type": "duration", "answers_for": "staff", "na_allowed": True}
    given.update(rest)
    return Item(id=key, points=exact(points), thresholds=rule, **given)  # type: ignore[arg-type]


def cap(height: str) -> Critical:
    return Critical("cap", exact(height))


ZERO = Critical("zero")
FLAG = Critical("fail_flag")


def shown_if(key: str, *options: str) -> ShowIf:
    return ShowIf(key, frozenset(options))


def evidence(**when: object) -> Evidence:
    return Evidence(**when)  # type: ignore[arg-type]


def answers(**given: str) -> dict[str, Answer]:
    """`a="yes"` an option, `a="x+y"` several, `a="na"` not applicable, `a="=35"` a measured value."""
    return {key: answer(key, text) for key, text in given.items()}


def answer(key: str, text: str) -> Answer:
    if text == "na":
        return Answer(key, not_applicable=True)
    if text.startswith("="):
        return Answer(key, value=text[1:])
    return Answer(key, option_ids=tuple(text.split("+")))
