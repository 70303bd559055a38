"""The review's forms as typed input."""

from decimal import Decimal, InvalidOperation

from audit_app.kit.forms import Fields
from audit_app.review import rules


def overlay(fields: Fields) -> rules.NewOverlay:
    """A change of one answer. The score keys send `answer`: `option:<id>` (several for a choice of many), or
    `na`, which wins over all others."""
    answers, value = fields.all("answer"), fields.text("value", 40)
    na = "na" in answers
    found = rules.NewOverlay(
        item_id=fields.text("item_id", 80, required=True),
        reason=fields.text("reason", 2000),
        option_ids=[] if na else [a.removeprefix("option:") for a in answers if a.startswith("option:")],
        value="" if na else value,
        not_applicable=na,
    )
    fields.check()
    return found


def note(fields: Fields) -> rules.ItemNote:
    """A question about one item."""
    found = rules.ItemNote(item_id=fields.text("item_id", 80, required=True), note=fields.text("note", 2000))
    fields.check()
    return found


def questions(fields: Fields) -> list[rules.ItemNote]:
    """The questions in the dialog of a return: `note:<item>` each; emptied ones are taken back."""
    names = [name for name in fields.values if name.startswith("note:")]
    found = [rules.ItemNote(name.removeprefix("note:"), fields.text(name, 2000)) for name in names]
    fields.check()
    return found


def subject(fields: Fields) -> rules.Chosen:
    """Whom a visit scores: `staff:<id>`, `team:<id>` or `nobody`."""
    kind, _, key = fields.text("subject", 60, required=True).partition(":")
    if (kind, bool(key)) not in {("staff", True), ("team", True), ("nobody", False)}:
        fields.wrong("subject", "choice", "Please choose one of the list.")
    fields.check()
    return rules.Chosen(staff_id=key if kind == "staff" else None, team_id=key if kind == "team" else None)


def approval(fields: Fields) -> rules.Approval:
    """The release note."""
    found = rules.Approval(release_note=fields.text("release_note", 2000))
    fields.check()
    return found


def settlement(fields: Fields) -> rules.Settlement:
    """What came of a flag."""
    found = rules.Settlement(how=fields.text("settle_how", 12), reason=fields.text("settle_reason", 500))
    fields.check()
    return found


def new_flag(fields: Fields) -> rules.NewFlag:
    """What a reviewer finds odd."""
    found = rules.NewFlag(fields.text("flag_kind", 32), fields.text("flag_note", 500), fields.text("flag_item", 80))
    fields.check()
    return found


def new_void(fields: Fields) -> rules.NewVoid:
    """Why a visit should count for nothing; `void_item` may come many times."""
    found = rules.NewVoid(fields.text("void_reason", 24), fields.text("void_note", 2000), fields.all("void_item")[:400])
    fields.check()
    return found


def chosen_reviews(fields: Fields) -> list[str]:
    """The visits of a list that the reviewer has confirmed, each once."""
    chosen = list(dict.fromkeys(fields.all("review")))
    if not chosen:
        fields.wrong("review", "required", "Please choose at least one.")
    elif len(chosen) > rules.MOST_AT_ONCE:
        fields.wrong("review", "too-many", "At most %(most)s visits in one go.", most=rules.MOST_AT_ONCE)
    fields.check()
    return chosen


def revisit(fields: Fields) -> rules.Revisit:
    """A second visit by a chief tester."""
    found = rules.Revisit(
        round_id=fields.text("round_id", 36, required=True),
        assessor_id=fields.text("assessor_id", 36, required=True),
        first_day=fields.day("first_day"),
        last_day=fields.day("last_day"),
        note=fields.text("note", 2000),
    )
    fields.check()
    return found


SIDES = ("left", "top", "width", "height")


def typed_boxes(fields: Fields) -> list[tuple[str, ...]]:
    """The lines of boxes as typed, without the empty ones: `left`, `top`, `width`, `height` once for each line."""
    columns = [fields.whole(side) for side in SIDES]
    return [line for line in zip(*columns, strict=False) if any(line)]


def redaction(fields: Fields) -> rules.Redaction:
    """What the photo shows and its boxes: percent as typed, ten-thousandths as kept."""
    shows = fields.choice("shows", rules.SHOWS)
    boxes = []
    for number, line in enumerate(typed_boxes(fields)[: rules.MOST_BOXES + 1], 1):
        box = [_part(text) for text in line]
        if None in box:
            fields.wrong("boxes", "number", "Box %(number)s: give four numbers from 0 to 100.", number=number)
        boxes.append(tuple(part or 0 for part in box))
    fields.check()
    return rules.Redaction(shows, boxes)  # type: ignore[arg-type]


def _part(text: str) -> int | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return int(found * 100) if found.is_finite() and 0 <= found <= 100 else None
