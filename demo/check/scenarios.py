"""The scenarios of a connection's life: their names, what went wrong in each, and one line for each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from demo.person import NotDone

REFUSED = "refused on Intuit's page"
TIMED_OUT = "nobody came back in time"
TAKEN = "books of another inBuild company refused"
CONNECTED = "connected"
HARD_END = "expired: hard end, found by the guardian"
AFTER_HARD_END = "reconnected after the hard end"
REFRESH_REFUSED = "expired: refresh refused after 102 days"
DIFFERENT = "reconnect to a different company refused"
SAME = "reconnected to the same company"
CUT_OFF = "expired: disconnected on Intuit's side"
AFTER_CUT_OFF = "reconnected after that"
DISCONNECTED = "disconnected"
AGAIN = "connected again"
GAP = "approved meanwhile: offered, then brought in"
WEBHOOKS = "30 % of webhooks dropped, 20 % doubled"
EVERY_SCENARIO = (
    REFUSED, TIMED_OUT, TAKEN, CONNECTED, HARD_END, AFTER_HARD_END,
    REFRESH_REFUSED, DIFFERENT, SAME, CUT_OFF, AFTER_CUT_OFF, DISCONNECTED, AGAIN, GAP, WEBHOOKS,
)  # fmt: skip


@dataclass
class Scenario:
    """One scenario as it was played; ``failures`` are sentences."""

    name: str
    failures: list[str] = field(default_factory=list)


class Scenarios:
    """What has been played so far, in order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.played: list[Scenario] = []

    @asynccontextmanager
    async def playing(self, name: str) -> AsyncIterator[list[str]]:
        """Play one; what is put into the list, or breaks the scenario off, is its failure."""
        scenario = Scenario(name)
        try:
            yield scenario.failures
        except (NotDone, httpx.HTTPError, LookupError) as broken:
            scenario.failures.append(f"broke off: {broken!r}")
        except asyncio.CancelledError:
            scenario.failures.append("was not played to its end")
            raise
        finally:
            self.played.append(scenario)
            self._say(f"{name}: {'; '.join(scenario.failures) or 'ok'}")


def in_order(played: Iterable[Scenario]) -> list[Scenario]:
    """As a life has them: some are played side by side."""
    return sorted(played, key=lambda one: EVERY_SCENARIO.index(one.name))


def not_played(played: Iterable[Scenario]) -> list[str]:
    """The names of those that should have been played and were not."""
    names = {one.name for one in played}
    return [name for name in EVERY_SCENARIO if name not in names]


__all__ = ["EVERY_SCENARIO", "Scenario", "Scenarios", "in_order", "not_played"]
