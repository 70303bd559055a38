"""What must be true of one item. Pure."""

import re
from fractions import Fraction

from audit_app.scoring.numbers import exact
from audit_app.scoring.sheet import BY_OPTION, BY_VALUE, WITHOUT_SCORE
from audit_app.standards.document import ItemText
from audit_app.standards.fields import Faults

CLAUSE = re.compile(r"S([1-9]|[1-3][0-9]|4[0-2])|PR[1-8]|FH[1-5]|R(0[1-9]|1[0-7])")
LEAST_OPTIONS = {"yes_no": 2, "graded": 3, "choice": 2}


def check_item(item: ItemText, path: str, faults: Faults) -> None:
    """Adds every fault of the item, each under its path."""
    if item.type in WITHOUT_SCORE and exact(item.points) != 0:
        faults.add(f"{path}.points", "unscored", "Text and evidence items score nothing.")
    _check_options(item, path, faults)
    _check_thresholds(item, path, faults)
    _check_losses(item, path, faults)
    _check_critical(item, path, faults)
    if item.not_applicable.reason_required and not item.not_applicable.allowed:
        faults.add(f"{path}.not_applicable", "na", "A reason is asked for an answer that is not allowed.")
    if item.evidence.live_camera and item.evidence.photo == "never":
        faults.add(f"{path}.evidence", "camera", "A live camera without a photo makes no sense.")
    for n, ref in enumerate(item.clause):
        if CLAUSE.fullmatch(ref) is None:
            faults.add(f"{path}.clause[{n}]", "clause", "No such reference.")
    if not item.clause:
        faults.add(f"{path}.clause", "clause", "At least one clause is needed.")


def _check_options(item: ItemText, path: str, faults: Faults) -> None:
    where, options = f"{path}.options", item.options
    if item.type not in BY_OPTION:
        if options:
            faults.add(where, "options", "Items of this type take no options.")
        return
    least = LEAST_OPTIONS[item.type]
    if len(options) < least or (item.type == "yes_no" and len(options) > least):
        faults.add(where, "options", "Too few or too many options.")
        return
    if len({option.id for option in options}) != len(options):
        faults.add(where, "repeats", "This id stands here twice.")
    if item.many and item.type != "choice":
        faults.add(f"{path}.many", "many", "Only a choice can take several options.")
    points = [exact(option.points) for option in options]
    if points != sorted(points, reverse=True):
        faults.add(where, "order", "The options must stand best first.")
    if not item.many and (points[0], points[-1]) != _ends(item):
        faults.add(where, "ends", "The best option must earn all points, the worst none (a deduction: 0, and all).")
    if item.many and not _reaches(item, points):
        faults.add(where, "ends", "All good options together must reach the points of the item.")


def _ends(item: ItemText) -> tuple[Fraction, Fraction]:
    """What the best and the worst option earn."""
    points = exact(item.points)
    return (Fraction(0), -points) if item.effect == "deduction" else (points, Fraction(0))


def _reaches(item: ItemText, points: list[Fraction]) -> bool:
    wanted = exact(item.points)
    if item.effect == "deduction":
        return -sum((value for value in points if value < 0), Fraction(0)) >= wanted
    return sum((value for value in points if value > 0), Fraction(0)) >= wanted


def _check_thresholds(item: ItemText, path: str, faults: Faults) -> None:
    where, rule = f"{path}.thresholds", item.thresholds
    if item.type not in BY_VALUE:
        if rule is not None:
            faults.add(where, "thresholds", "Items of this type take no thresholds.")
        return
    if rule is None or not rule.steps:
        faults.add(where, "missing", "A measured item needs thresholds.")
        return
    limits = [exact(step.limit) for step in rule.steps]
    earned = [exact(step.points) for step in rule.steps]
    if limits != sorted(set(limits), reverse=rule.better == "higher"):
        faults.add(where, "order", "The limits must go from best to worst, without repeats.")
    best, worst = _ends(item)
    falling = [*earned, exact(rule.otherwise)]
    if falling != sorted(falling, reverse=True) or falling[0] != best or falling[-1] < worst:
        faults.add(where, "ends", "The points must fall from all points to the worst.")


def _check_losses(item: ItemText, path: str, faults: Faults) -> None:
    where, losses = f"{path}.loss_reasons", item.loss_reasons
    if item.type not in WITHOUT_SCORE and not 3 <= len(losses) <= 6:
        faults.add(where, "count", "Between 3 and 6 ready reasons are needed.")
    if len({loss.zh for loss in losses}) != len(losses) or len({loss.en for loss in losses}) != len(losses):
        faults.add(where, "repeats", "A value stands here twice.")


def _check_critical(item: ItemText, path: str, faults: Faults) -> None:
    where, critical, evidence = f"{path}.critical", item.critical, item.evidence
    if critical is None:
        return
    if item.type not in ("yes_no", "choice") or item.effect != "normal" or exact(item.points) <= 0:
        faults.add(where, "critical", "A critical item must be a yes/no or a choice with points of its own.")
    if item.nature == "subjective":
        faults.add(where, "critical", "A subjective item cannot be critical.")
    if (critical.rule == "cap") != (critical.cap is not None):
        faults.add(where, "cap", "A cap needs its height, and only a cap has one.")
    elif critical.cap is not None and not 0 < exact(critical.cap) < 100:
        faults.add(where, "cap", "The cap must lie between 0 and 100.")
    if critical.rule == "zero" and item.answers_for == "company":
        faults.add(where, "critical", "What no person answers for cannot set the score to zero.")
    if critical.rule == "zero" and evidence.photo == "never" == evidence.audio:
        faults.add(where, "critical", "A rule that sets the score to zero needs a photo or a recording.")
