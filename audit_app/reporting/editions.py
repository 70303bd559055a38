"""From the office edition to what HR and the outlet may read: only the fields that the narrower class has are taken."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

from audit_app.kit.clock import local_date
from audit_app.reporting.facts import (
    Change,
    ExactTimes,
    HrBlock,
    HrTouchpoint,
    HrVisit,
    Loss,
    OfficeFacts,
    OfficeTouchpoint,
    OutletBlock,
    OutletLoss,
    OutletRow,
    OutletTouchpoint,
    OutletVisit,
    Row,
)
from audit_app.reporting.parts import DayAndPart, Issue


def hr_edition(card: OfficeFacts, issue: Issue) -> HrVisit | HrTouchpoint:
    """The same card for HR: no photo, no free text, nobody's name."""
    if isinstance(card, OfficeTouchpoint):
        blocks = _blocks(HrBlock, Row, Loss, card)
        return cast(HrTouchpoint, _narrow(HrTouchpoint, card, issue=issue, blocks=blocks))
    losses, changes, when = _narrow_all(Loss, card.losses), _narrow_all(Change, card.changes), _day_and_part(card.when)
    return cast(HrVisit, _narrow(HrVisit, card, issue=issue, when=when, losses=losses, changes=changes))


def outlet_edition(card: OfficeFacts, issue: Issue) -> OutletVisit | OutletTouchpoint:
    """The same card for the outlet: the reviewer's release note instead of the assessor's words, times as bands."""
    if isinstance(card, OfficeTouchpoint):
        blocks = _blocks(OutletBlock, OutletRow, OutletLoss, card)
        return cast(OutletTouchpoint, _narrow(OutletTouchpoint, card, issue=issue, blocks=blocks))
    losses = _narrow_all(OutletLoss, card.losses)
    own = {"issue": issue, "when": _day_and_part(card.when), "losses": losses, "painted": ()}
    return cast(OutletVisit, _narrow(OutletVisit, card, **own))


def _blocks(block: type, row: type, loss: type, card: OfficeTouchpoint) -> tuple[Any, ...]:
    return tuple(
        _narrow(
            block,
            each,
            rows=_narrow_all(row, each.rows),
            losses=_narrow_all(loss, each.losses),
        )
        for each in card.blocks
    )


def _narrow_all(kind: type, values: Sequence[object]) -> tuple[Any, ...]:
    return tuple(_narrow(kind, value) for value in values)


def _narrow(kind: type, value: object, **instead: object) -> Any:
    """A `kind` from the fields that it shares with `value`."""
    taken = {field.name: getattr(value, field.name) for field in fields(kind) if field.name not in instead}
    return kind(**taken, **instead)


def _day_and_part(times: ExactTimes) -> DayAndPart:
    return DayAndPart(on=local_date(times.started_at), slot=times.slot)
