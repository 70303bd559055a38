"""Work of visits: copies of files to look at, and the end of uploads that nobody continued."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from resource import RLIMIT_AS, setrlimit

from pebble import ProcessExpired, ProcessPool

from audit_app.jobs.registry import JobContext, job, schedule
from audit_app.visits import operations, queries
from audit_app.visits.media import NotShown, shown
from audit_app.visits.uploads import FOLDER

SECONDS_PER_FILE = 10
MEMORY = 1024 * 1024 * 1024
FILES_PER_CHILD = 100
ABANDONED = timedelta(days=14)
FORGOTTEN = timedelta(minutes=10)
BATCH = 200

Show = Callable[[bytes, str], tuple[bytes | None, str]]


def _limit() -> None:
    setrlimit(RLIMIT_AS, (MEMORY, MEMORY))


@contextmanager
def child() -> Iterator[Show]:
    """A process that does the decoding: it may be killed by a file without harm to us."""
    pool = ProcessPool(max_workers=1, max_tasks=FILES_PER_CHILD, initializer=_limit, context=get_context("spawn"))

    def show(data: bytes, media_type: str) -> tuple[bytes | None, str]:
        try:
            found: tuple[bytes | None, str] = pool.schedule(
                shown, args=[data, media_type], timeout=SECONDS_PER_FILE
            ).result()
        except TimeoutError as fault:
            raise NotShown("took-too-long") from fault
        except ProcessExpired as fault:
            raise NotShown("killed-the-decoder") from fault
        return found

    try:
        yield show
    finally:
        pool.stop()
        pool.join()


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
        address = one.blob if data is None else ctx.blobs.put(data)
        ctx.db.write_now(operations.set_view, one.id, address, media_type, "")
    return len(files)


@job("visits.views")
def views(ctx: JobContext, visit_id: str) -> None:
    """The photos and recordings of a submitted visit, made fit to be shown."""
    if ctx.db.read_now(queries.to_view, visit_id):
        with child() as show:
            make_views(ctx, visit_id, show)


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
