"""What the demonstration is made of: the data files, and streams of chance that never disturb each other."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent / "data"
SEED = 20261


@cache
def read(name: str) -> Any:
    """A data file."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text("utf-8"))


def chance(name: str, seed: int = SEED) -> random.Random:
    """A stream of chance of its own for each purpose: drawing more of one changes nothing of another."""
    return random.Random(f"{seed}:{name}")


def outward(rng: random.Random) -> str:
    """An id of the form that phones mint."""
    return f"{rng.getrandbits(128):032x}"


class Names:
    """Invented Chinese names, each once."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        people = read("people")
        self.parts = (people["surnames"], people["first"], people["second"])
        self.used = set(people["accounts"].values())

    def next(self) -> str:
        surnames, first, second = self.parts
        while True:
            given = (
                self.rng.choice(second)
                if self.rng.random() < 0.25
                else self.rng.choice(first) + self.rng.choice(second)
            )
            name = self.rng.choice(surnames) + given
            if name not in self.used:
                self.used.add(name)
                return str(name)
