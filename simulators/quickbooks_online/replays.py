"""requestid: the same id again gets the first answer, and the work is not done again (reference 2.3)."""

from __future__ import annotations

from typing import Generic, TypeVar

from simulators.quickbooks_online.refusals import bad_request_id
from simulators.quickbooks_online.switches import Switches

Kept = TypeVar("Kept")

LONGEST_ID = 50
LONGEST_BATCH_ID = 36
LONGEST_ITEM_ID = 10


class Replays(Generic[Kept]):
    """Answers by (realm, requestid, bId or nothing). What a replay of a Fault does is a switch."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._kept: dict[tuple[str, str, str], tuple[float, Kept]] = {}

    def clear(self) -> None:
        """Forget all answers."""
        self._kept.clear()

    def find(self, realm_id: str, request_id: str, now: float, item_id: str = "") -> Kept | None:
        """The first answer, if it is still remembered."""
        kept = self._kept.get((realm_id, request_id, item_id))
        retention = self._switches.requestid_retention_seconds
        if kept is None or (retention and now - kept[0] > retention):
            return None
        return kept[1]

    def keep(
        self, realm_id: str, request_id: str, now: float, answer: Kept, *, is_fault: bool, item_id: str = ""
    ) -> None:
        """Remember the answer to a request that was given an id."""
        if not is_fault or self._switches.requestid_replays_faults:
            self._kept[realm_id, request_id, item_id] = (now, answer)


def check_request_id(request_id: str, longest: int = LONGEST_ID) -> None:
    """Raise 2130 for an id that is too long."""
    if len(request_id) > longest:
        raise bad_request_id(f"requestid has {len(request_id)} characters, {longest} are the most")


def check_item_id(item_id: str) -> None:
    """Raise 2130 for a bId that is too long to be used with a requestid."""
    if len(item_id) > LONGEST_ITEM_ID:
        raise bad_request_id(f"bId has {len(item_id)} characters, {LONGEST_ITEM_ID} are the most")
