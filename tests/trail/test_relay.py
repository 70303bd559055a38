"""The relay: every line wakes what reacts to it once, and is chained once, wherever the relay dies."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from audit_app.kit.db import Database
from audit_app.trail import operations
from audit_app.trail import relay as relay_module
from audit_app.trail.relay import Relay
from audit_app.trail.rules import GENESIS
from audit_app.trail.signing import Signer
from audit_app.trail.verify import verify
from tests import world
from tests.trail.lines import Started, act, acts, relay, rows

pytestmark = pytest.mark.data


def test_record_only_inserts(trail: Database) -> None:
    key = trail.write_now(act, "thing.made", "one", code="a")
    (line,) = rows(trail)
    assert (line.id, line.act, line.subject_id, line.detail) == (key, "thing.made", "one", {"code": "a"})
    assert (line.at, line.unit_path, line.actor_id) == (world.NOW, "36/3601/", "somebody")
    assert (line.seq, line.batch_id, line.prev_hash, line.line_hash) == (None, None, None, None)


def test_a_line_of_a_refused_act_does_not_exist(trail: Database) -> None:
    def refused(session: Any) -> None:
        act(session, "thing.made")
        raise LookupError

    with pytest.raises(LookupError):
        trail.write_now(refused)
    assert rows(trail) == []


def test_lines_wake_their_reactions_and_are_chained_in_order(trail: Database, signer: Signer) -> None:
    started = Started()
    made = acts(trail, 3)
    sent = trail.write_now(act, "thing.sent", "s")
    trail.write_now(act, "thing.ignored", "i")
    assert relay(trail, started, signer).once() == 5
    assert started.subjects("first") == ["0", "1", "2", "s"]
    assert started.subjects("second") == ["0", "1", "2"]
    assert started.calls == 2  # one workflow per reaction and batch, not per line
    lines = rows(trail)
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
    assert [line.id for line in lines][:4] == [*made, sent]
    assert [line.prev_hash for line in lines] == [GENESIS, *[line.line_hash for line in lines[:-1]]]
    assert trail.read_now(verify, signer, world.NOW).ok


def test_a_second_run_does_nothing(trail: Database, signer: Signer) -> None:
    started = Started()
    acts(trail, 3)
    relay(trail, started, signer).once()
    assert relay(trail, started, signer).once() == 0
    assert started.calls == 2
    assert trail.read_now(verify, signer, world.NOW).lines == 3


def test_many_lines_go_in_bounded_batches(trail: Database, signer: Signer) -> None:
    started = Started()
    acts(trail, 7)
    assert relay(trail, started, signer, limit=3).once() == 7
    assert [len(subjects) for subjects in started.runs.values()] == [3, 3, 3, 3, 1, 1]
    assert len({line.batch_id for line in rows(trail)}) == 3


class Died(BaseException):
    """The process is gone: nothing that comes after it is done."""


def dies(*_args: Any, **_kwargs: Any) -> Any:
    raise Died


def after(real: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Died

    return run


def _before_claim(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(operations, "claim", dies)


def _after_claim(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(r, "_pass_on", dies)


def _between_two_starts(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(r, "start", after(r.start))


def _after_all_starts(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(operations, "seal", dies)


def _inside_the_seal(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(operations, "seal", after(operations.seal))  # its transaction is rolled back


def _after_the_seal(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(r, "_checkpoint", dies)


def _inside_the_signature(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(operations, "sign_off", after(operations.sign_off))


def _before_the_file(m: pytest.MonkeyPatch, r: Relay) -> None:
    m.setattr(r.signer, "keep", dies)


@pytest.mark.parametrize(
    "death",
    [
        _before_claim,
        _after_claim,
        _between_two_starts,
        _after_all_starts,
        _inside_the_seal,
        _after_the_seal,
        _inside_the_signature,
        _before_the_file,
    ],
)
def test_wherever_it_dies_the_next_one_goes_on(
    trail: Database, signer: Signer, death: Callable[[pytest.MonkeyPatch, Relay], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Started()
    acts(trail, 3)
    with monkeypatch.context() as patch:
        doomed = relay(trail, started, signer)
        death(patch, doomed)
        with pytest.raises(Died):
            doomed.once()
    acts(trail, 2, "thing.sent")
    relay(trail, started, signer).once()
    assert started.subjects("first") == ["0", "1", "2", "0", "1"]
    assert started.subjects("second") == ["0", "1", "2"]
    assert [line.seq for line in rows(trail)] == [1, 2, 3, 4, 5]
    report = trail.read_now(verify, signer, world.NOW)
    assert report.ok
    assert report.lines == 5
    assert signer.kept()[-1].seq == 5


def test_two_relays_at_once_chain_every_line_once(trail: Database, signer: Signer) -> None:
    other = Database(trail.url)
    started = Started()
    acts(trail, 60)
    faults: list[BaseException] = []

    def work(database: Database) -> None:
        try:
            while relay(database, started, signer, limit=7).once():
                pass
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(database,)) for database in (trail, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert faults == []
    assert sorted(started.subjects("first"), key=int) == [str(n) for n in range(60)]
    report = trail.read_now(verify, signer, world.NOW)
    assert report.ok
    assert report.lines == 60


def test_checkpoints_come_now_and_then_not_with_every_batch(trail: Database, signer: Signer) -> None:
    now = world.NOW
    one = relay(trail, Started(), signer, checkpoint_every=timedelta(seconds=60), now=lambda: now)
    for _ in range(3):
        acts(trail, 1)
        one.once()
    assert [point.seq for point in signer.kept()] == [1]
    now += timedelta(seconds=61)
    one.once()
    assert [point.seq for point in signer.kept()] == [1, 3]
    assert trail.read_now(verify, signer, now).checkpoints == 4  # two in the database, two in the file


def test_event_carries_the_line(trail: Database) -> None:
    trail.write_now(act, "thing.made", "one", code="a")
    (line,) = rows(trail)
    event = relay_module.event_of(line)
    assert (event.id, event.act, event.subject_id, event.detail) == (line.id, "thing.made", "one", {"code": "a"})
