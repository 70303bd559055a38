"""Every text that a person can read stands in both languages, and Chinese stands only where it belongs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from audit_app.access.demo import DEMO_ACCOUNTS
from audit_app.access.rules import ROLE_NAMES
from audit_app.accounts.pages import SAVED as ACCOUNT_SAVED
from audit_app.auditing import words as trail
from audit_app.desk.navigation import CHAIN
from audit_app.kit import errors
from audit_app.kit.i18n import FOLDER, ON_THE_PHONE, catalogue, messages_json
from audit_app.kit.web import TITLES
from audit_app.notices.rules import KINDS
from audit_app.planning.operations import REFUSAL_TEXTS
from audit_app.settings import ROOT
from audit_app.visits.sheets import GAP_MESSAGES

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
HAN = re.compile(r"[\u3400-\u9fff\uff00-\uffef]")
JS_TEXT = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')""")


def template_texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as file:
            options = {
                "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false",
                "extensions": "jinja2.ext.do",  # else a template that uses it would be passed over in silence
            }  # fmt: skip
            for _line, _function, message, _comments in babel_extract(file, KEYWORDS, [], options):
                first = message[0] if isinstance(message, tuple) else message
                if first:
                    yield first, str(path.relative_to(ROOT))


def python_texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "audit_app").rglob("*.py")):
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract("python", file, KEYWORDS):
                first = message[0] if isinstance(message, tuple) else message
                if first:
                    yield first, str(path.relative_to(ROOT))


def refusal_texts() -> Iterator[tuple[str, str]]:
    """Messages of refusals and field errors: marked by where they stand, not by a function."""
    pattern = re.compile(
        r"""(?:FieldError\([^,()]+(?:\([^)]*\))?[^,]*,\s*"[^"]+",\s*|\.wrong\([^,]+,\s*"[^"]+",\s*"""
        r"""|raise (?:errors\.)?(?:Refusal|BadRequest|SignInNeeded|Forbidden|NotFound|Conflict|TooLarge|Invalid"""
        r"""|TooMany|Busy)\(\s*)"((?:[^"\\]|\\.)+)\""""
    )
    for path in sorted((ROOT / "audit_app").rglob("*.py")):
        for found in pattern.finditer(path.read_text()):
            yield found.group(1), str(path.relative_to(ROOT))


def declared_texts() -> Iterator[tuple[str, str]]:
    """Texts that stand in tables of constants and are translated where they are shown."""
    for group, label, *_ in CHAIN:
        yield from ((text, "desk/navigation.py") for text in (group, label) if text)
    for where, texts in (
        ("kit/web.py", TITLES),
        ("planning/operations.py", REFUSAL_TEXTS),
        ("visits/sheets.py", GAP_MESSAGES),
        ("access/rules.py", ROLE_NAMES),
        ("accounts/pages.py", ACCOUNT_SAVED),
        ("auditing/words.py", trail.ACTS | trail.KINDS | trail.FAULTS),
        ("access/demo.py", dict(DEMO_ACCOUNTS)),
    ):
        yield from ((text, where) for text in texts.values())
    yield from ((text, "notices/rules.py") for kind in KINDS.values() for text in kind.texts())
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.Refusal):
            yield kind.default, "kit/errors.py"


def script_texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        for double, single in JS_TEXT.findall(path.read_text()):
            yield re.sub(r"\\(.)", r"\1", double or single), str(path.relative_to(ROOT))


@pytest.mark.parametrize("texts", [template_texts, python_texts, refusal_texts, declared_texts, script_texts])
def test_every_text_has_its_chinese(texts) -> None:  # type: ignore[no-untyped-def]
    known = json.loads(messages_json(ON_THE_PHONE, "zh")) if texts is script_texts else catalogue("zh")
    found = list(texts())
    assert found
    missing = sorted({f"{where}: {text}" for text, where in found if text not in known})
    assert not missing, "\n".join(missing)


def test_no_text_is_translated_in_two_ways() -> None:
    seen: dict[str, tuple[object, str]] = {}
    clashes = []
    for path in sorted((FOLDER / "zh").glob("*.po")):
        if path.stem == ON_THE_PHONE:
            continue
        with path.open("rb") as file:
            for message in read_po(file):
                if not message.id:
                    continue
                key = message.id[0] if isinstance(message.id, tuple | list) else message.id
                text = tuple(message.string) if isinstance(message.string, tuple | list) else message.string
                before = seen.setdefault(key, (text, path.name))
                if before[0] != text:
                    clashes.append(f"{key!r}: {before[1]} {before[0]!r}, {path.name} {text!r}")
    assert not clashes, "\n".join(clashes)


def test_placeholders_agree() -> None:
    place = re.compile(r"%\((\w+)\)|\{(\w+)\}")
    wrong = []
    for text, translated in catalogue("zh").items():
        for one in translated if isinstance(translated, tuple) else (translated,):
            if set(place.findall(text)) != set(place.findall(one)):
                wrong.append(f"{text!r} → {one!r}")
    assert not wrong, "\n".join(wrong)


def test_chinese_stands_only_in_catalogues_data_and_reports() -> None:
    places: list[Path] = []
    for folder, kinds in (("audit_app", ("*.py",)), ("templates", ("*.html",)), ("static/js", ("*.js",))):
        for kind in kinds:
            places += (ROOT / folder).rglob(kind)
    wrong = [str(p.relative_to(ROOT)) for p in places if HAN.search(p.read_text())]
    assert not wrong, "\n".join(wrong)
