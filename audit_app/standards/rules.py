"""Reading and checking a checklist. `parse_checklist` is the one door from YAML to a document that may be published.

The document, its canonical bytes and its compiled sheet are exported here for other packages.
"""

from audit_app.kit.errors import FieldError, Invalid
from audit_app.standards.checks import advice_on, check_document
from audit_app.standards.compiling import compile_sheet
from audit_app.standards.document import (
    AppliesTo,
    AssessorKind,
    BandText,
    Channel,
    ChecklistDocument,
    Kind,
    Manner,
    Scenario,
    SectionText,
    Segment,
    Series,
    TouchpointKind,
    body_of,
    document_of,
    sha256_of,
)
from audit_app.standards.fields import Faults, Node
from audit_app.standards.items import read_item
from audit_app.standards.phone import phone_json
from audit_app.standards.plain_yaml import Unreadable, load

__all__ = [
    "STATUSES",
    "TRANSITIONS",
    "ChecklistDocument",
    "advice_on",
    "body_of",
    "check_checklist",
    "compile_sheet",
    "document_of",
    "parse_checklist",
    "phone_json",
    "sha256_of",
]

STATUSES = ("draft", "published", "retired")
TRANSITIONS = {"draft": frozenset({"published"}), "published": frozenset({"retired"}), "retired": frozenset[str]()}

FORMAT = 1
TIERS = frozenset({1, 2, 3})
_KEYS = (
    "id", "schema", "version", "family", "channel", "kind", "series", "title", "purpose", "applies_to",
    "expected_minutes", "personal_scores", "bands", "sections", "scenarios",
)  # fmt: skip


def parse_checklist(source: bytes) -> ChecklistDocument:
    """The document of a YAML file; :class:`kit.errors.Invalid` with every fault (path, code, message) at once."""
    document, faults = check_checklist(source)
    if document is None:
        raise Invalid("The checklist has mistakes.", code="checklist", fields=faults)
    return document


def check_checklist(source: bytes) -> tuple[ChecklistDocument | None, list[FieldError]]:
    """The document and no faults, or None and all faults in the order of the file. Never raises on bad input."""
    faults = Faults()
    try:
        tree = load(source)
    except Unreadable as fault:
        faults.add(fault.place, "yaml", fault.message, **fault.params)
        return None, faults.found
    document = _read(Node(tree, "", faults))
    check_document(document, faults)
    return (None, faults.found) if faults.found else (document, [])


def _read(node: Node) -> ChecklistDocument:
    node.only(*_KEYS)
    slug = node.text("id")
    return ChecklistDocument(
        id=slug,
        schema=node.whole("schema", FORMAT, FORMAT),
        version=node.whole("version", 1, 9999),
        family=node.text("family") if node.given("family") else "",
        channel=node.choice("channel", Channel),
        kind=node.choice("kind", Kind),
        series=node.choice("series", Series),
        title=node.pair("title"),
        purpose=node.pair("purpose"),
        applies_to=_applies_to(node.node("applies_to")),
        expected_minutes=node.whole("expected_minutes", 1, 600),
        personal_scores=node.flag("personal_scores"),
        bands=node.nodes("bands", _band),
        sections=node.nodes("sections", _section),
        scenarios=node.nodes("scenarios", _scenario) if node.given("scenarios") else (),
    )


def _applies_to(node: Node) -> AppliesTo:
    node.only("touchpoint_kinds", "tiers", "manner", "assessors")
    return AppliesTo(
        touchpoint_kinds=node.choices("touchpoint_kinds", TouchpointKind),
        tiers=node.choices("tiers", TIERS),
        manner=node.choices("manner", Manner),
        assessors=node.choices("assessors", AssessorKind),
    )


def _band(node: Node) -> BandText:
    node.only("id", "from", "to", "to_inclusive", "text")
    low, high = node.decimal("from"), node.decimal("to")
    return BandText(node.text("id"), low, high, node.flag("to_inclusive"), node.pair("text"))


def _section(node: Node) -> SectionText:
    node.only("id", "title", "weight", "items")
    return SectionText(node.text("id"), node.pair("title"), node.decimal("weight"), node.nodes("items", read_item))


def _scenario(node: Node) -> Scenario:
    node.only("id", "segment", "persona", "goal", "script", "expected", "time_limit")
    limit = node.node("time_limit")
    limit.only("minutes")
    return Scenario(
        id=node.text("id"),
        segment=node.choice("segment", Segment),
        persona=node.pair("persona"),
        goal=node.pair("goal"),
        script=node.pair("script"),
        expected=node.pair("expected"),
        minutes=limit.whole("minutes", 1, 120),
    )
