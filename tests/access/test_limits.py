"""Too many tries wait; nobody is locked out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from audit_app.access import limits, passwords
from audit_app.access.rules import Limit
from audit_app.kit.db import Database
from tests import world
from tests.access.conftest import ClientFor, Clock, enter

Person = Callable[..., str]
FIVE = Limit("test", 5)


@pytest.mark.data
def test_parallel_tries_get_no_more_than_the_limit(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: db.write_now(limits.take, [(FIVE, "a")], world.NOW), range(20)))
    assert waits.count(0) == 5
    assert max(waits) == 300


@pytest.mark.data
def test_the_window_ends_and_right_tries_do_not_count(db: Database) -> None:
    for _ in range(5):
        assert db.write_now(limits.take, [(FIVE, "a")], world.NOW) == 0
    assert db.write_now(limits.take, [(FIVE, "b")], world.NOW) == 0
    assert db.write_now(limits.take, [(FIVE, "a")], world.NOW + timedelta(seconds=200)) == 100
    assert db.write_now(limits.take, [(FIVE, "a")], world.NOW + timedelta(seconds=300)) == 0
    db.write_now(limits.give_back, [(FIVE, "a")])
    later = world.NOW + timedelta(seconds=301)
    assert [db.write_now(limits.take, [(FIVE, "a")], later) for _ in range(6)].index(299) == 5


def test_a_guesser_waits_and_the_owner_gets_in_from_a_known_device(
    client_for: ClientFor, person: Person, hands: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("sun", "supervisor")
    home = client_for("")
    assert enter(home, "sun").status_code == 303
    checked: list[str] = []
    monkeypatch.setattr(passwords, "verify_now", lambda stored, password: checked.append(password) or False)
    guesser = client_for("")
    answers = [enter(guesser, "sun", f"guess-{n}") for n in range(14)]
    assert [a.status_code for a in answers] == [422] * 10 + [429] * 4
    assert len(checked) == 10
    assert int(answers[-1].headers["retry-after"]) == 300
    assert 'value="sun"' in answers[-1].text
    monkeypatch.undo()
    monkeypatch.setattr("audit_app.kit.clock.now", hands)
    assert enter(client_for(""), "sun").status_code == 429  # the right password, from an unknown device
    token = home.get("/api/v1/session").json()["csrf"]
    home.post("/session/end", data={"_csrf": token})
    assert enter(home, "sun").status_code == 303
    hands.move(minutes=5)
    assert enter(client_for(""), "sun").status_code == 303


def test_colleagues_behind_one_address_do_not_stop_each_other(client_for: ClientFor, person: Person) -> None:
    for n in range(12):
        person(f"colleague-{n}", "supervisor")
    assert {enter(client_for(""), f"colleague-{n}").status_code for n in range(12)} == {303}
