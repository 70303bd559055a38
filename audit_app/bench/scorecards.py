"""How many scorecards a second of CPU makes, against WeasyPrint alone on the same pages in the same process.

Each document is another one (its figures, number and name differ), so that no cache helps; both ways are measured in
turns. CPU is counted, not time: the machine may be busy with something else.
"""

import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from audit_app.reporting.facts import Facts, HrVisit
from audit_app.reporting.parts import Text
from audit_app.reporting.render import bare_write_pdf, html, render, warm
from audit_app.reporting.samples import sample

DOCUMENTS = 50
PAGE = 4096


def run(seconds: float | None = None, documents: int = DOCUMENTS) -> dict[str, Any]:
    """Renders one-page cards of a visit (HR edition) until there are `documents`, or the seconds are over."""
    warm()
    _once(0)
    rss_first, made, size, ours, bare = _rss_mb(), 0, 0, 0.0, 0.0
    began = time.perf_counter()
    while made < documents and (seconds is None or time.perf_counter() - began < seconds):
        made += 1
        facts = _varied(made)
        ours_took, written = _cpu(lambda card=facts: render(card, "zh"))
        source = html(facts, "zh")
        bare_took, _ = _cpu(lambda card=facts, text=source: bare_write_pdf(card, text))
        ours, bare, size = ours + ours_took, bare + bare_took, size + len(written)
    return {
        "documents": made,
        "documents_per_cpu_s": round(made / ours, 2),
        "bare_documents_per_cpu_s": round(made / bare, 2),
        "share_of_bare": round(bare / ours, 3),
        "mean_kb": round(size / made / 1000, 1),
        "rss_first_mb": rss_first,
        "rss_last_mb": _rss_mb(),
    }


def _once(number: int) -> None:
    """What only the first document costs is not measured."""
    facts = _varied(number)
    render(facts, "zh")
    bare_write_pdf(facts, html(facts, "zh"))


def _varied(number: int) -> Facts:
    """The worked example as another hall's card with other figures."""
    card = sample("visit", "hr", photos=0)
    assert isinstance(card, HrVisit)
    final = f"{60 + number * 7 % 40}.{number % 100:02}"
    return replace(
        card,
        issue=replace(card.issue, number=f"{number:032x}"),
        place=replace(card.place, code=f"BENCH-{number:05}", name=Text(zh=f"{card.place.name.zh}{number}")),
        experience=replace(card.experience, raw=final, final=final),
        answers_sha256=f"{number:064x}",
    )


def _cpu(work: Any) -> tuple[float, bytes]:
    began = time.process_time()
    made: bytes = work()
    return time.process_time() - began, made


def _rss_mb() -> float:
    """Memory in use now; the most ever used where the system does not say."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return round(int(statm.read_text().split()[1]) * PAGE / 2**20, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
