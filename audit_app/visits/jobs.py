"""Work of visits: copies of files to look at, and the end of uploads that nobody continued."""

from datetime import datetime, timedelta

from audit_app.jobs.registry import JobContext, job, schedule
from audit_app.visits import flags, operations, queries
from audit_app.visits.decoding import Show, child, decoder
from audit_app.visits.media import NotShown, likeness
from audit_app.visits.uploads import FOLDER

ABANDONED = timedelta(days=14)
FORGOTTEN = timedelta(minutes=10)
BATCH = 200


def make_views(ctx: JobContext, visit_id: str, show: Show) -> int:
    """A copy for every file of the visit that has none yet. Returns how many files were looked at."""
    files = ctx.db.read_now(queries.to_view, visit_id)
    for one in files:
        try:
            data, media_type = show(ctx.blobs.get(one.blob), one.media_type)
        except NotShown as fault:
            ctx.db.write_now(operations.set_view, one.id, None, None, fault.code)
            ctx.db.write_now(operations.flag_fault, visit_id, one.item_id, fault.code, ctx.now())
            continue
        address = ctx.blobs.put(data)
        ctx.db.write_now(operations.set_view, one.id, address, media_type, "")
    return len(files)


@job("visits.views")
def views(ctx: JobContext, visit_id: str) -> None:
    """The photos and recordings of a submitted visit, made fit to be shown, and what of the visit does not fit."""
    if ctx.db.read_now(queries.to_view, visit_id):
        with child() as show:
            make_views(ctx, visit_id, show)
    look_over(ctx, visit_id)


def look_over(ctx: JobContext, visit_id: str) -> None:
    """Compares the visit, its photos included, with others and flags what does not fit."""
    for one in ctx.db.read_now(queries.unmeasured, visit_id):
        try:
            found = decoder().run(likeness, ctx.blobs.get(one.view_blob))
        except NotShown:
            found = ""
        ctx.db.write_now(operations.set_likeness, one.id, found)
    ctx.db.write_now(flags.look_over, visit_id, ctx.now())


@schedule("visits.missing_views", "*/10 * * * *")
def missing_views(ctx: JobContext, due: datetime) -> None:
    """What a worker left undone when it went down in the middle of its copies is begun again."""
    for visit_id in ctx.db.read_now(queries.without_views, ctx.now() - FORGOTTEN, BATCH):
        ctx.queue.enqueue("visits.views", visit_id, f"views:{visit_id}:{due.isoformat()}")


@schedule("visits.forget_uploads", "30 3 * * *")
def forget_uploads(ctx: JobContext, due: datetime) -> None:
    """Part files that nobody has continued for two weeks go."""
    for name in ctx.db.write_now(operations.forget_uploads, ctx.now() - ABANDONED):
        (ctx.settings.data_dir / FOLDER / name).unlink(missing_ok=True)
