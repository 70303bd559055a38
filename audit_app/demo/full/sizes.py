"""How large the province is, and what part of it a test builds."""

from dataclasses import dataclass

TIERS = (13, 36, 60)  # own halls by tier: 109
OUTLETS, AGENTS, HOTLINES = 4800, 10_000, 6
STAFF, TESTERS, CHIEFS = 20_000, 400, 50
VISITS = 18_000
INSPECTORS_PER_CITY, REVIEWERS = 2, 12
ROSTER_BACK, ROSTER_AHEAD = 10, 5


@dataclass(frozen=True)
class Sizes:
    """Totals, what the small demonstration holds included. `scale` 1 is the whole; `visits` may be asked for apart."""

    scale: float = 1.0
    visits: int = VISITS

    def _of(self, whole: int) -> int:
        return max(1, round(whole * self.scale))

    @property
    def halls(self) -> int:
        return self._of(sum(TIERS))

    @property
    def outlets(self) -> int:
        return self._of(OUTLETS)

    @property
    def agents(self) -> int:
        return self._of(AGENTS)

    @property
    def staff(self) -> int:
        return self._of(STAFF)

    @property
    def testers(self) -> int:
        """Without the chief ones."""
        return self._of(TESTERS)

    @property
    def chiefs(self) -> int:
        return self._of(CHIEFS)
