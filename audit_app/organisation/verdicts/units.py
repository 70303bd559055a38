"""Lines of a file of org units. A unit never moves (its path stands in old results): level and parent are fixed."""

from audit_app.organisation.rules import LEVELS, UP, Draft, Line, refuse_repeats
from audit_app.organisation.verdicts.known import Known


def judge(found: list[Draft], known: Known) -> list[Line]:
    first = refuse_repeats(found)
    paths: dict[str, str] = {}
    for draft in sorted(found, key=_depth):  # parents before children, wherever they stand in the file
        _place(draft, known, first, paths)
    lines = []
    for draft in found:
        old = known.units.get(draft.get("code"))
        lines.append(draft.settled(old.cells if old else None, old.id if old else ""))
    return lines


def _depth(draft: Draft) -> int:
    level = draft.get("level")
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _place(draft: Draft, known: Known, first: dict[str, Draft], paths: dict[str, str]) -> None:
    """Finds the line's place in the tree, or says why it has none."""
    code, level, parent = draft.get("code"), draft.get("level"), draft.get("parent_code")
    old = known.units.get(code)
    if draft.faults:
        return
    if old is not None:
        _fixed(draft, old.cells)
    if level == "province":
        if parent:
            draft.wrong("parent_code", "parent-of-province")
        path = f"{code}/"
    elif not parent:
        draft.wrong("parent_code", "parent-needed")
        return
    else:
        above = _parent_path(draft, known, first, paths)
        if above is None:
            return
        path = f"{above}{code}/"
    if not known.may_write(path):
        draft.wrong("code", "outside")
    if not draft.faults:
        paths[code] = path


def _fixed(draft: Draft, old: dict[str, str]) -> None:
    if draft.get("level") != old["level"]:
        draft.wrong("level", "level-fixed", old=old["level"])
    if draft.get("parent_code") and draft.get("parent_code") != old["parent_code"]:
        draft.wrong("parent_code", "parent-fixed", old=old["parent_code"])


def _parent_path(draft: Draft, known: Known, first: dict[str, Draft], paths: dict[str, str]) -> str | None:
    parent, wanted = draft.get("parent_code"), UP[draft.get("level")]
    there, sent = known.units.get(parent), first.get(parent)
    if there is None and sent is None:
        draft.wrong("parent_code", "no-such-unit", value=parent)
        return None
    if sent is not None and there is None and parent not in paths:
        draft.wrong("parent_code", "parent-wrong", line=str(sent.number))
        return None
    level = there.cells["level"] if there is not None else first[parent].get("level")
    if level != wanted:
        draft.wrong("parent_code", "parent-level", value=parent, level=wanted)
        return None
    return there.path if there is not None else paths[parent]
