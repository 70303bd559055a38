"""Random sheets with every kind of item, and random complete answers to them."""

from fractions import Fraction

from hypothesis import strategies as st

from audit_app.scoring.answers import Answer
from audit_app.scoring.sheet import Critical, Item, Option, Section, Sheet, ShowIf, Step, Thresholds
from tests.scoring.sheets import BANDS

HALVES = st.integers(0, 12).map(lambda n: Fraction(n, 2))
PARTIES = st.sampled_from(["staff", "site", "company"])
CRITICAL = st.one_of(
    st.none(), st.none(), st.none(),
    st.just(Critical("zero")), st.just(Critical("fail_flag")),
    st.integers(1, 99).map(lambda k: Critical("cap", Fraction(k))),
)  # fmt: skip


@st.composite
def items(draw: st.DrawFn, key: str, earlier: list[Item]) -> Item:
    shape = draw(st.sampled_from(["option", "option", "option", "many", "measure", "text"]))
    effect = draw(st.sampled_from(["normal"] * 6 + ["bonus", "deduction"])) if shape != "text" else "normal"
    points = draw(HALVES) if shape != "text" else Fraction(0)
    sign = -1 if effect == "deduction" else 1
    options: tuple[Option, ...] = ()
    thresholds = None
    if shape == "option":
        middle = points * draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]))
        options = tuple(Option(f"o{n}", sign * p) for n, p in enumerate((points, middle, Fraction(0))))
    elif shape == "many":
        worths = draw(st.lists(st.integers(-4, 6), min_size=2, max_size=4))
        options = tuple(Option(f"o{n}", Fraction(w)) for n, w in enumerate(worths))
    elif shape == "measure":
        better = draw(st.sampled_from(["lower", "higher"]))
        limits = sorted(draw(st.sets(st.integers(1, 50), min_size=2, max_size=3)), reverse=better == "higher")
        worths = sorted((draw(HALVES) for _ in limits), reverse=True)
        steps = tuple(Step(Fraction(a), sign * b) for a, b in zip(limits, worths, strict=True))
        thresholds = Thresholds(better, steps, Fraction(0))  # type: ignore[arg-type]
    targets = [item for item in earlier if item.options]
    show_if = None
    if targets and draw(st.integers(0, 3)) == 0:
        target = draw(st.sampled_from(targets))
        chosen = draw(st.sets(st.sampled_from([option.id for option in target.options]), min_size=1))
        show_if = ShowIf(target.id, frozenset(chosen))
    return Item(
        id=key,
        type={"option": "choice", "many": "choice", "measure": "duration", "text": "text"}[shape],  # type: ignore[arg-type]
        points=points,
        answers_for=draw(PARTIES),
        options=options,
        many=shape == "many",
        effect=effect,  # type: ignore[arg-type]
        thresholds=thresholds,
        na_allowed=draw(st.booleans()),
        critical=draw(CRITICAL) if shape != "text" else None,
        show_if=show_if,
    )


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    sections, earlier = [], []
    for s in range(draw(st.integers(1, 3))):
        rows = []
        for i in range(draw(st.integers(1, 4))):
            one = draw(items(f"s{s}i{i}", earlier))
            rows.append(one)
            earlier.append(one)
        weight = draw(st.integers(1, 60).map(lambda n: Fraction(n, 2)))
        sections.append(Section(f"s{s}", weight, tuple(rows)))
    return Sheet("random", "f" * 64, "by_manner", draw(st.booleans()), tuple(sections), BANDS)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Sheet, dict[str, Answer]]:
    """A sheet and an answer to each of its items, hidden ones too."""
    sheet = draw(sheets())
    return sheet, {item.id: draw(an_answer(item)) for item in sheet.items()}


@st.composite
def an_answer(draw: st.DrawFn, item: Item) -> Answer:
    if item.na_allowed and draw(st.integers(0, 3)) == 0:
        return Answer(item.id, not_applicable=True, reason="there was none")
    if item.type == "text":
        return Answer(item.id, value="what I saw")
    if item.type == "duration":
        return Answer(item.id, value=draw(st.integers(0, 600).map(lambda n: f"{n / 10:.1f}")))
    ids = [option.id for option in item.options]
    if item.many:
        return Answer(item.id, option_ids=tuple(sorted(draw(st.sets(st.sampled_from(ids), min_size=1)))))
    return Answer(item.id, option_ids=(draw(st.sampled_from(ids)),))
