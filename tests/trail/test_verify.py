"""Verification: every kind of tampering is found; the last two kinds only through the signed checkpoints."""

import stat
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col

from audit_app.kit.db import Database, Session
from audit_app.trail import operations, queries
from audit_app.trail.models import TrailCheckpoint, TrailHead, TrailLine
from audit_app.trail.rules import CHAINED, GENESIS, Checkpoint, canonical, instant_text, line_hash, note, read_notes
from audit_app.trail.signing import KEY_FILE, NOTES_FILE, Signer
from audit_app.trail.verify import Fault, Report, verify
from tests import world
from tests.trail.lines import Started, act, acts, relay, rows

pytestmark = pytest.mark.data


@pytest.fixture
def sealed(trail: Database, signer: Signer) -> Database:
    """Ten lines, chained and signed."""
    acts(trail, 10)
    relay(trail, Started(), signer, limit=4).once()
    return trail


def check(db: Database, signer: Signer, **later: Any) -> Report:
    return db.read_now(verify, signer, world.NOW + timedelta(**later))


def change(db: Database, *where: Any, **values: Any) -> None:
    db.write_now(lambda session: session.execute(sa.update(TrailLine).where(*where).values(**values)))


def test_an_untouched_trail_is_sound(sealed: Database, signer: Signer) -> None:
    report = check(sealed, signer)
    assert report == Report(lines=10, checkpoints=2, loose=False, faults=[])


def test_an_empty_trail_is_sound(trail: Database, signer: Signer) -> None:
    assert check(trail, signer) == Report()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("act", "thing.forged"),
        ("actor_id", "another"),
        ("actor_id", None),
        ("at", world.NOW + timedelta(microseconds=1)),
        ("subject_kind", "other"),
        ("subject_id", "other"),
        ("unit_path", None),
        ("detail", {"n": 4, "more": 1}),
        ("batch_id", "another"),
        ("line_hash", "f" * 64),
        ("prev_hash", "f" * 64),
        ("id", "another"),
    ],
)
def test_an_edit_of_any_column_is_found(sealed: Database, signer: Signer, column: str, value: object) -> None:
    change(sealed, col(TrailLine.seq) == 5, **{column: value})
    assert Fault("edited", 5) in check(sealed, signer).faults


@pytest.mark.parametrize("seq", [1, 5, 10])
def test_a_deleted_line_is_found(sealed: Database, signer: Signer, seq: int) -> None:
    sealed.write_now(lambda session: session.execute(sa.delete(TrailLine).where(col(TrailLine.seq) == seq)))
    assert not check(sealed, signer).ok


def test_lines_that_changed_places_are_found(sealed: Database, signer: Signer) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        change(sealed, col(TrailLine.seq) == old, seq=new)
    assert Fault("broken", 4) in check(sealed, signer).faults


@pytest.mark.parametrize("forged", ["[x,", "a\n[b,", "\u9c81" * 62 + "ab"], ids=["bracket", "break", "wide"])
@pytest.mark.parametrize("column", ["prev_hash", "line_hash"])
def test_a_forged_hash_is_reported_whatever_it_is(sealed: Database, signer: Signer, column: str, forged: str) -> None:
    """Verification goes by the number of a line, not by what stands in it."""
    change(sealed, col(TrailLine.seq) == 10, **{column: forged})
    report = check(sealed, signer)
    assert not report.ok
    assert {fault.seq for fault in report.faults} >= {10}


def test_an_added_line_is_found(sealed: Database, signer: Signer) -> None:
    def add(session: Session) -> None:
        key = act(session, "thing.made")
        session.execute(sa.update(TrailLine).where(col(TrailLine.id) == key).values(seq=11, prev_hash="0" * 64))

    sealed.write_now(add)
    assert not check(sealed, signer).ok


def _rebuild(session: Session, upto: int) -> None:
    """What somebody can do who owns the database and knows how: cut the chain and compute it anew, head included."""
    session.execute(sa.delete(TrailLine).where(col(TrailLine.seq) > upto))
    lines = session.scalars(sa.select(TrailLine).order_by(col(TrailLine.seq))).all()
    prev = GENESIS
    for seq, line in enumerate(lines, 1):
        line.seq, line.prev_hash = seq, prev
        line.line_hash = prev = line_hash(prev, operations.chained_values(line, seq))
    session.execute(sa.update(TrailHead).values(seq=len(lines), hash=prev))


def test_a_cut_tail_is_found_by_the_checkpoint(sealed: Database, signer: Signer) -> None:
    sealed.write_now(_rebuild, 8)
    assert check(sealed, signer).faults == [Fault("cut", 10)] * 2


def test_a_chain_computed_anew_is_found_by_the_checkpoint(sealed: Database, signer: Signer) -> None:
    change(sealed, col(TrailLine.seq) == 5, act="thing.forged")
    sealed.write_now(_rebuild, 10)
    assert check(sealed, signer).faults == [Fault("rewritten", 10)] * 2


def test_without_its_checkpoints_the_file_still_knows(sealed: Database, signer: Signer) -> None:
    sealed.write_now(lambda session: session.execute(sa.delete(TrailCheckpoint)))
    sealed.write_now(_rebuild, 8)
    assert check(sealed, signer).faults == [Fault("cut", 10)]


def test_a_checkpoint_by_another_key_is_found(sealed: Database, signer: Signer) -> None:
    forged = Signer(signer.folder / "other").sign(10, "ab" * 32)
    values = {"hash": forged.hash, "signature": forged.signature}
    sealed.write_now(lambda session: session.execute(sa.update(TrailCheckpoint).values(**values)))
    assert check(sealed, signer).faults == [Fault("signature", 10)]


def test_a_line_that_the_relay_leaves_lying_raises_the_alarm(sealed: Database, signer: Signer) -> None:
    sealed.write_now(act, "thing.made")
    fresh = check(sealed, signer, seconds=9)
    assert fresh.ok
    assert fresh.loose
    assert check(sealed, signer, seconds=11).faults == [Fault("unsealed", 10)]


def test_a_moved_head_is_found(sealed: Database, signer: Signer) -> None:
    sealed.write_now(lambda session: session.execute(sa.update(TrailHead).values(seq=12)))
    assert check(sealed, signer).faults == [Fault("head", 12)]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT | st.integers(-(2**53) + 1, 2**53 - 1) | st.none(), max_size=3))
def test_the_database_writes_lines_as_rfc_8785_does(
    trail: Database, subject: str, path: str, detail: dict[str, Any]
) -> None:
    """What is verified is put together by SQL; what was chained, by Python. They agree on every text."""

    def write(session: Session) -> None:
        session.execute(sa.delete(TrailLine))
        session.execute(sa.delete(TrailHead))
        operations.record(
            session,
            "a",
            actor_id=None,
            subject_kind="k",
            subject_id=subject,
            now=world.NOW,
            unit_path=path,
            detail=detail,
        )
        operations.claim(session, 10)
        operations.seal(session, list(session.scalars(sa.select(TrailLine.batch_id))))

    trail.write_now(write)
    (line,) = rows(trail)
    values = [1, line.id, instant_text(world.NOW), None, "a", "k", subject, path, canonical(detail), line.batch_id]
    assert len(values) == len(CHAINED)
    ((last, text),) = trail.read_now(lambda session: list(queries.chain(session)))
    assert last == 1
    assert text == GENESIS + canonical(values) + (line.line_hash or "")


def test_chunks_do_not_hide_a_gap(trail: Database, signer: Signer) -> None:
    """The chain is read in pieces; a far-away line is read, too, and costs no walk over what is not there."""
    acts(trail, 5)
    relay(trail, Started(), signer).once()
    change(trail, col(TrailLine.seq) == 5, seq=10**12)
    pieces = trail.read_now(lambda session: list(queries.chain(session, size=2)))
    assert [(last, len(piece.split("\n"))) for last, piece in pieces] == [(2, 2), (4, 2), (10**12, 1)]
    assert not check(trail, signer).ok


def test_the_key_is_for_its_owner_only_and_made_once(signer: Signer) -> None:
    first = signer.sign(1, "ab" * 32)
    path = signer.folder / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer(signer.folder).sign(1, "ab" * 32) == first
    assert signer.valid(first)
    assert not signer.valid(Checkpoint(2, first.hash, first.signature))
    assert not Signer(signer.folder / "elsewhere").valid(first)


def test_the_file_can_be_read_even_if_half_written(signer: Signer) -> None:
    points = [signer.sign(seq, f"{seq:064x}") for seq in (1, 2)]
    for point in points:
        signer.keep(point)
    with (signer.folder / NOTES_FILE).open("a") as file:
        file.write(note(signer.sign(3, f"{3:064x}"))[:40])
    assert signer.kept() == points
    assert read_notes("rubbish") == []
