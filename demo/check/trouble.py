"""What goes wrong in the second round: answers that get lost after the work was done, and a worker killed with -9.

A kill counts only when the simulator really holds the answer to a committed write at that moment; a lost answer only
when the simulator's own log says that the write was committed and nothing was sent.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from demo.outside_control import SimulatorControl
from demo.person import Person
from demo.stack import Stack

Rule = dict[str, Any]

# A batch that only asks is no write: the look-up after a lost answer is one.
BATCH_WRITE: Rule = {"method": "POST", "path": "/batch$", "request_body": r'"operation"\s*:\s*"create"'}
SINGLE_WRITE: Rule = {"method": "POST", "path": "/bill$"}
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class LostAnswers:
    """Writes that QuickBooks did and whose answer never came."""

    batch: int
    single: int


class Trouble:
    """Makes trouble on purpose, one kind at a time, and counts what really happened."""

    def __init__(self, stack: Stack, quickbooks: SimulatorControl, admin: Person) -> None:
        self._stack = stack
        self._quickbooks = quickbooks
        self._admin = admin
        self.kills = 0

    async def lose(self, write: Rule, count: int) -> None:
        """Lose the answers of the next ``count`` writes of a kind; a kill that is armed later goes first."""
        await self._quickbooks.add_faults({**write, "effect": "drop_after", "count": count})

    async def hold_next(self, write: Rule) -> None:
        """Have the answer to the next such write held back."""
        await self._first({**write, "effect": "hold_after", "count": 1})

    async def kill_when_held(self, within: float) -> bool:
        """Kill the worker while an answer is held, and start another worker.

        False when nothing to be held came within the seconds.
        """
        held = await self._held(within)
        if held is None:
            await self._first(None)
            return False
        await self._stack.kill_worker()
        if await self._was_committed(held):
            self.kills += 1
        await self._quickbooks.release(drop=True)
        await self._stack.start_worker()
        # What the dead worker was looking at is found sooner when somebody asks.
        await self._admin.sync_now()
        return True

    async def lost_answers(self) -> LostAnswers:
        lost = [
            request["path"]
            for request in await self._quickbooks.requests()
            if request["fault"] == "drop_after" and request["committed"] and request["status"] is None
        ]
        return LostAnswers(
            batch=sum(path.endswith("/batch") for path in lost), single=sum(path.endswith("/bill") for path in lost)
        )

    async def _first(self, rule: Rule | None) -> None:
        """Put a rule before those that lose answers, which keep what is left of their count."""
        left = [
            {name: value for name, value in one.items() if name not in ("id", "matched", "applied")}
            | {"count": one["count"] - one["applied"]}
            for one in await self._quickbooks.faults()
            if one["effect"] == "drop_after" and one["count"] > one["applied"]
        ]
        await self._quickbooks.remove_faults()
        if rule is not None or left:
            await self._quickbooks.add_faults(*([rule] if rule else []), *left)

    async def _held(self, within: float) -> int | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while loop.time() < until:
            held = await self._quickbooks.held()
            if held:
                return held[0]
            await asyncio.sleep(POLL_SECONDS)
        return None

    async def _was_committed(self, request_id: int) -> bool:
        return any(
            request["id"] == request_id and request["committed"] and request["status"] is None
            for request in await self._quickbooks.requests()
        )


__all__ = ["BATCH_WRITE", "SINGLE_WRITE", "LostAnswers", "Trouble"]
