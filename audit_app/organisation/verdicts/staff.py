"""Lines of a file of staff. A team of a hotline is made when a line first names it."""

from collections.abc import Iterable

from audit_app.organisation.rules import Draft, Line, refuse_repeats
from audit_app.organisation.verdicts.known import Known, KnownRow


def judge(found: list[Draft], known: Known) -> list[Line]:
    refuse_repeats(found)
    teams: dict[str, Draft] = {}
    olds: list[KnownRow | None] = []
    for draft in found:
        old = known.staff.get(draft.get("code"))
        if old is not None and not known.may_write(old.path):
            draft.wrong("code", "code-taken")
            old = None
        elif old is not None and old.merged:
            draft.wrong("code", "merged")
        olds.append(old)
        _check(draft, known, old)
        _check_team(draft, known, old, teams)
    while _refuse_taken(found, known, "agent_no", everywhere=True) or _refuse_taken(
        found, known, "badge", everywhere=False
    ):
        pass  # a line that turned out wrong lets go of nothing: look again at who takes what
    return [
        draft.settled(old.cells if old else None, old.id if old else "") for draft, old in zip(found, olds, strict=True)
    ]


def _check(draft: Draft, known: Known, old: KnownRow | None) -> None:
    code = draft.get("touchpoint_code")
    touchpoint = known.touchpoints.get(code)
    if code and (touchpoint is None or not known.may_write(touchpoint.path)):
        draft.wrong("touchpoint_code", "no-such-touchpoint", value=code[:36])
    left = draft.get("left_on") or (old.cells["left_on"] if old else "")
    if not draft.faults and left and left < draft.get("joined_on"):
        draft.wrong("left_on", "left-before-joined", joined=draft.get("joined_on"), left=left)


def _check_team(draft: Draft, known: Known, old: KnownRow | None, teams: dict[str, Draft]) -> None:
    code, name = draft.get("team_code"), draft.get("team_name")
    if draft.faults:
        return
    if not code:
        if name and not (old and old.cells["team_code"]):
            draft.wrong("team_code", "team-code-needed")
        return
    touchpoint_code = draft.get("touchpoint_code")
    if known.touchpoints[touchpoint_code].cells["kind"] != "hotline":
        draft.wrong("team_code", "team-of-hotlines")
        return
    team, first = known.teams.get(code), teams.setdefault(code, draft)
    home = team.touchpoint_code if team else first.get("touchpoint_code")
    if home != touchpoint_code:
        draft.wrong("team_code", "team-elsewhere", value=code)
    if name and first.get("team_name") and first.get("team_name") != name:
        draft.wrong("team_name", "team-named-twice", line=str(first.number))


def _refuse_taken(found: Iterable[Draft], known: Known, column: str, *, everywhere: bool) -> bool:
    """A number stands for one person: an agent number everywhere, a badge among those who still work at a touchpoint.
    Returns whether a line was found wrong that had seemed right."""
    sound = {draft.get("code"): draft for draft in found if not draft.faults}
    holders: dict[tuple[str, str], str] = {}
    for code, row in known.staff.items():
        if code in sound and sound[code].get(column):
            continue  # the file says anew which number this person has
        if row.cells[column] and (everywhere or not row.cells["left_on"]):
            holders[(row.cells[column], "" if everywhere else row.cells["touchpoint_code"])] = code
    more = False
    for code, draft in sound.items():
        number = draft.get(column)
        if not number or (draft.get("left_on") and not everywhere):
            continue
        place = (number, "" if everywhere else draft.get("touchpoint_code"))
        if holders.setdefault(place, code) != code:
            draft.wrong(column, "number-taken", value=number[:24])
            more = True
    return more
