"""What the pages of this package show: numbered sections and items, with conditions spelt out. Pure."""

from dataclasses import dataclass
from string import ascii_uppercase

from audit_app.standards.document import ChecklistDocument, ItemText, SectionText, Text
from audit_app.standards.queries import VersionReading, VersionRow


@dataclass(frozen=True)
class ListScreen:
    rows: list[VersionRow]


@dataclass(frozen=True)
class Condition:
    """The earlier item that decides, and its options that show this one."""

    number: str
    anchor: str
    text: Text
    options: list[Text]


@dataclass(frozen=True)
class NumberedItem:
    number: str
    item: ItemText
    condition: Condition | None

    @property
    def anchor(self) -> str:
        return f"item-{self.item.concept}"


@dataclass(frozen=True)
class NumberedSection:
    letter: str
    section: SectionText
    items: list[NumberedItem]

    @property
    def anchor(self) -> str:
        return f"section-{self.section.id}"


@dataclass(frozen=True)
class ReadingScreen:
    """One version for reading: `sections` in order, bands from the best down."""

    row: VersionRow
    sha256: str
    document: ChecklistDocument
    sections: list[NumberedSection]
    others: list[VersionRow]

    @property
    def critical(self) -> list[NumberedItem]:
        return [one for section in self.sections for one in section.items if one.item.critical]


def reading_screen(found: VersionReading, others: list[VersionRow]) -> ReadingScreen:
    """The screen of a version; `others` are the other versions of the same checklist."""
    numbered = numbered_sections(found.document)
    return ReadingScreen(found.row, found.sha256, found.document, numbered, others)


def numbered_sections(document: ChecklistDocument) -> list[NumberedSection]:
    """The sections with their letters and numbered items: A1, A2, B1 …"""
    seen: dict[str, NumberedItem] = {}
    sections = []
    for n, section in enumerate(document.sections):
        letter, rows = ascii_uppercase[n % 26], []
        for m, item in enumerate(section.items, start=1):
            one = NumberedItem(f"{letter}{m}", item, _condition(item, seen))
            seen[item.id] = one
            rows.append(one)
        sections.append(NumberedSection(letter, section, rows))
    return sections


def _condition(item: ItemText, seen: dict[str, NumberedItem]) -> Condition | None:
    rule = item.show_if
    if rule is None:
        return None
    earlier = seen[rule.item]
    options = [option.text for option in earlier.item.options if option.id in rule.options]
    return Condition(earlier.number, earlier.anchor, earlier.item.text, options)
