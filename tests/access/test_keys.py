"""The server's keys: closed file, older keys still open, nothing altered passes."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_app.access.keys import Keys, Unreadable


def test_the_file_is_for_its_owner_only_and_is_kept(tmp_path: Path) -> None:
    first = Keys(tmp_path / "new" / "folder")
    file = tmp_path / "new" / "folder" / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Keys(tmp_path / "new" / "folder").proves("a", "b", first.mac("a", "b"))
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        proofs = {keys.mac("a", "b") for keys in pool.map(lambda _n: Keys(tmp_path), range(16))}
    assert len(proofs) == 1


def test_older_keys_still_open_after_a_change(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    proof, sealed = keys.mac("a", "b"), keys.seal(b"seed", "c")
    keys.rotate()
    again = Keys(tmp_path)
    assert again.mac("a", "b") != proof
    assert again.proves("a", "b", proof)
    assert again.open(sealed, "c") == b"seed"


def test_what_is_sealed_belongs_to_its_context(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    sealed = keys.seal(b"seed", "totp:1")
    assert keys.open(sealed, "totp:1") == b"seed"
    for altered in (sealed[:-1], sealed + b"x", b"", b"00000000" + sealed[8:], sealed[:20] + b"\0" + sealed[21:]):
        with pytest.raises(Unreadable):
            keys.open(altered, "totp:1")
    with pytest.raises(Unreadable):
        keys.open(sealed, "totp:2")
    with pytest.raises(Unreadable):
        keys.open_text("\u00e9", "totp:1")


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_no_other_text_is_a_proof_and_none_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, text: bytes | str
) -> None:
    keys = Keys(tmp_path_factory.getbasetemp())
    assert not keys.proves("csrf", "session", text)
    assert not keys.proves("other", "session", keys.mac("csrf", "session"))
