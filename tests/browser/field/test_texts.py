"""Every text of the field app has its Chinese; no catalogue line is left over; no Chinese stands in a script."""

import re

from audit_app.kit.i18n import FOLDER, read_catalogue
from audit_app.settings import ROOT

SCRIPTS = sorted((ROOT / "static/js/field").rglob("*.js"))
ONE = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
CHOICE = re.compile(r'\bt\([^()"]*\? "((?:[^"\\]|\\.)*)" : "((?:[^"\\]|\\.)*)"')
MANY = re.compile(r'\btn\(\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"')
TEMPLATE = re.compile(r'_\("([^"]*)"\)')
LISTED = re.compile(r'^  \["[a-z/]+", (?:"[a-z-]+", )?"([^"]+)"\],$', re.MULTILINE)  # tables of words: tabs, reasons


def texts() -> set[str]:
    found: set[str] = set()
    for path in SCRIPTS:
        source = path.read_text("utf-8")
        found |= set(ONE.findall(source)) | {single for single, _ in MANY.findall(source)} | set(LISTED.findall(source))
        found |= {text for pair in CHOICE.findall(source) for text in pair}
    return found | set(TEMPLATE.findall((ROOT / "templates/visits/field.html").read_text("utf-8")))


def test_every_text_has_its_chinese() -> None:
    known = set(read_catalogue(FOLDER / "zh" / "field.po"))
    assert len(texts()) > 250
    assert texts() - known == set()
    assert known - texts() == set()


def test_no_chinese_in_scripts() -> None:
    for path in (*SCRIPTS, ROOT / "static/sw.js"):
        assert not re.search("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", path.read_text("utf-8")), path.name
