"""Work of reporting: cards follow released visits, and a run renders its documents in batches."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from audit_app.access.keys import Keys
from audit_app.jobs.registry import Event, JobContext, job, reaction, schedule
from audit_app.notices.rules import worth_telling
from audit_app.reporting import operations, packing, rules, telling
from audit_app.reporting.facts import Facts
from audit_app.reporting.pool import Failure, RenderPool
from audit_app.reporting.queries import cards, runs
from audit_app.reporting.queries.runs import Finished
from audit_app.reporting.render import Locale, cache_key
from audit_app.reporting.tokens import Stamper

log = logging.getLogger(__name__)
READ = 500


@reaction("reporting.cards")
def keep_cards(ctx: JobContext, events: Sequence[Event]) -> None:
    """A released visit gets its card, and its touchpoint's period a new one."""
    ctx.db.write_now(operations.keep_cards, [event.subject_id for event in events])


@reaction("reporting.tell")
def tell(ctx: JobContext, events: Sequence[Event]) -> None:
    """Whoever asked for a batch hears what became of it."""
    now = ctx.now()
    fresh = [(event.id, event.subject_id) for event in events if worth_telling(event.at, now)]
    if fresh:
        ctx.db.write_now(telling.tell_owners, fresh, now)


@schedule("reporting.rebuild", "15 4 * * *")
def rebuild(ctx: JobContext, due: datetime) -> None:
    """Once a night all cards follow again from their visits, whatever was missed by day."""
    ctx.db.write_now(operations.rebuild)


@job("reporting.render_run")
def render_run(ctx: JobContext, run_id: str) -> None:
    """Renders what a run still lacks, a batch a step, then packs the ZIP.

    Batches are cut by number, so that a worker that takes the run up again has the same steps; inside a batch only what
    is still waiting is done, and what was rendered before the crash comes from the store.
    """
    total = ctx.write(operations.begin_run, run_id)
    if not total:
        return
    with RenderPool(workers=ctx.settings.render_workers) as pool:
        for batch in range(-(-total // rules.BATCH)):
            if not ctx.step(render_batch, ctx, pool, run_id, batch):
                return
    ctx.step(pack, ctx, run_id)


def render_batch(ctx: JobContext, pool: RenderPool, run_id: str, batch: int) -> bool:
    """Short read, rendering, short write. False when the run was cancelled."""
    run = ctx.read(runs.job, run_id)
    if run is None or run.status != "running":
        return False
    waiting = ctx.read(runs.waiting, run_id, batch)
    if waiting:
        locale = cast(Locale, run.locale)
        facts = _facts(ctx, [card for _, card in waiting])
        outcomes = list(_outcomes(ctx, pool, waiting, facts, locale))
        ctx.db.write_now(operations.settle, run_id, outcomes, ctx.now())
    return True


def _facts(ctx: JobContext, ids: Sequence[str]) -> dict[str, Facts | None]:
    """The facts of a batch; where they cannot be gathered together, one by one, so that a bad card harms no other."""
    try:
        found: dict[str, Facts | None] = dict(ctx.read(cards.scorecard_facts, ids, "hr", ctx.now()))
    except Exception:
        log.exception("the facts of a batch of %s cards failed", len(ids))
        found = {key: _fact(ctx, key) for key in ids}
    return found


def _fact(ctx: JobContext, card_id: str) -> Facts | None:
    try:
        return ctx.read(cards.scorecard_facts, [card_id], "hr", ctx.now()).get(card_id)
    except Exception:
        log.exception("the facts of card %s failed", card_id)
        return None


def _outcomes(
    ctx: JobContext,
    pool: RenderPool,
    waiting: Sequence[tuple[int, str]],
    facts: dict[str, Facts | None],
    locale: Locale,
) -> Iterator[operations.Outcome]:
    """What becomes of each document: from the store, rendered, or failed with its reason."""
    stamper = Stamper(Keys(ctx.settings.data_dir), ctx.settings.public_origin)
    stamped = {seq: stamper.stamp(found, locale) for seq, card in waiting if (found := facts.get(card)) is not None}
    wanted, cards_of = {seq: one[0] for seq, one in stamped.items()}, dict(waiting)
    yield from (operations.Outcome(seq, reason="facts") for seq, _ in waiting if seq not in wanted)
    keys = {seq: cache_key(found, locale) for seq, found in wanted.items()}
    known = ctx.read(cards.rendered, set(keys.values()))
    stored = {seq: known[key] for seq, key in keys.items() if key in known and ctx.blobs.has(known[key].blob)}
    for seq, row in stored.items():
        made = operations.Made(row.key, row.blob, row.bytes, stamped[seq][1], cards_of[seq], "hr", locale)
        yield _done(seq, made, wanted[seq], locale)
    fresh = ((seq, found, locale) for seq, found in wanted.items() if seq not in stored)
    for seq, outcome in pool.render_many(fresh):
        if isinstance(outcome, Failure):
            log.warning("document %s was not made: %s %s", seq, outcome.reason, outcome.detail)
            yield operations.Outcome(seq, reason=outcome.reason)
        else:
            blob, stamp = ctx.blobs.put(outcome), stamped[seq][1]
            made = operations.Made(keys[seq], blob, len(outcome), stamp, cards_of[seq], "hr", locale)
            yield _done(seq, made, wanted[seq], locale)


def _done(seq: int, made: operations.Made, facts: Facts, locale: Locale) -> operations.Outcome:
    return operations.Outcome(seq, made, packing.zip_name(facts, locale), packing.summary(facts))


def pack(ctx: JobContext, run_id: str) -> None:
    """Builds the ZIP of what is done and flips the run to ready; with nothing done it has failed."""
    run = ctx.read(runs.job, run_id)
    if run is None or run.status != "running":
        return
    if not run.done:
        ctx.db.write_now(operations.finish_run, run_id, None, 0, ctx.now())
        return
    folder = ctx.settings.data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as place:
        target = Path(place) / "run.zip"
        packing.write_zip(target, lambda: _documents(ctx, run_id), ctx.blobs.chunks, run.locale)
        blob = ctx.blobs.put_file(target)
        ctx.db.write_now(operations.finish_run, run_id, blob, target.stat().st_size, ctx.now())


def _documents(ctx: JobContext, run_id: str) -> Iterator[Finished]:
    above = 0
    while found := ctx.read(runs.finished, run_id, above, READ):
        yield from found
        above = found[-1].seq
