"""Every act that the program writes on the trail has words, and every kind of thing says whether it may be shown.

Whoever records something new adds it to `audit_app/auditing/words.py` (both languages) and its kind to
`audit_app/auditing/rules.py`: a kind that stands nowhere is hidden from auditors.
"""

import ast
import re
from collections.abc import Iterator

from audit_app.auditing.rules import OPEN, WORK
from audit_app.auditing.words import ACTS, KINDS
from audit_app.review.rules import RECHECK
from tests.architecture.source import Module, modules

ACT = re.compile(r"[a-z_]+\.[a-z_]+")
WRITES = re.compile(r"(trail\.operations|review\.recording) import record|\bpanels\.tell\(")
# Acts put together from parts: what the parts can be.
PARTS: dict[str, set[str]] = {
    "proposal.{}": {"confirmed", "refused"},
    "identity.{}": {"granted", "refused"},
    "recheck.{}": set().union(*RECHECK.values()),
    "report_run.{}": {"ready", "failed"},
    "verification.{}": {"whole", "broken"},
    "visit.{}": {"evidence_asked", "evidence_overdue", "return_expired"},
    "{}.move_planned": {"staff", "touchpoint"},
    "{}.move_cancelled": {"staff", "touchpoint"},
    "{}.moved": {"staff", "touchpoint"},
    "{}.merged": {"staff", "touchpoint"},
    "{}.asked": {"change", "void"},
    "{}.confirmed": {"change", "void"},
    "{}.refused": {"change", "void"},
    "{}.withdrawn": {"change", "void"},
}
# What looks like an act beside one and is none.
NOT_ACTS = {"accounts.manage"}


def writers() -> Iterator[Module]:
    """Modules that write on the trail, or hand an act to one that does."""
    for module in modules():
        if module.package not in ("demo", "bench", "trail") and WRITES.search(module.text):
            yield module


def calls(module: Module) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(module.text)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name == "tell" and (module.name == "appeals.panels" or ast.unparse(node.func) == "panels.tell"):
                yield node
            if name.startswith(("record", "_record", "_system", "_strike")):
                yield node


def templates(text: ast.JoinedStr) -> str:
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in text.values)  # type: ignore[misc]


def acts_of(module: Module) -> Iterator[str]:
    """Acts as they stand in calls, and those put together there."""
    for call in calls(module):
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and ACT.fullmatch(argument.value):
                yield argument.value
            if isinstance(argument, ast.JoinedStr) and "." in templates(argument):
                yield templates(argument)
    for node in ast.walk(ast.parse(module.text)):  # act = "a.b" if … else "a.c"
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "act" for t in node.targets):
            yield from (
                c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant) and ACT.fullmatch(str(c.value))
            )


def test_every_act_has_words() -> None:
    found: dict[str, str] = {}
    for module in writers():
        for act in acts_of(module):
            if "{}" in act:
                head, tail = act.split("{}", 1)
                assert act in PARTS, f"{module.name}: say in PARTS what {act} can be"
                found |= {f"{head}{part}{tail}": module.name for part in PARTS[act]}
            else:
                found[act] = module.name
    assert len(found) > 60
    missing = {act: where for act, where in found.items() if act not in ACTS and act not in NOT_ACTS}
    assert missing == {}, "give them words in audit_app/auditing/words.py"
    assert set(ACTS) - set(found) == set(), "words of acts that nobody records any more"


def test_every_kind_of_thing_is_shown_or_hidden_on_purpose() -> None:
    used: dict[str, str] = {}
    for module in writers():
        for call in calls(module):
            for keyword in call.keywords:
                if keyword.arg == "subject_kind" and isinstance(keyword.value, ast.Constant):
                    used[str(keyword.value.value)] = module.name
    assert {kind: where for kind, where in used.items() if kind not in OPEN | WORK} == {}
    assert set(KINDS) == OPEN | WORK


def test_a_planted_act_is_seen() -> None:
    planted = Module("planted", "record(session, 'thing.happened', actor_id=None)\n_record(s, f'thing.{x}', a)\n")
    assert list(acts_of(planted)) == ["thing.happened", "thing.{}"]
