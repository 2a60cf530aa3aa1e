"""Invoices that wait for a person, freed one reason at a time: each word frees exactly its own."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from demo.check.foresight import Foresight
from demo.check.ledger import Ledger
from demo.check.wanted import REASON_WORDS, REQUISITION
from demo.person import NotDone, Person, eventually

Held = Mapping[str, frozenset[str]]
Act = Mapping[str, Any]

REASONS_WANTED, BLOCKED_WANTED = 6, 20
PAGE = 100
POSTING_PATIENCE = 60.0
VENDOR_PATIENCE = 150.0


@dataclass
class Freed:
    """What a round showed of blockers; ``sentences`` say what was wrong."""

    reasons: int = 0
    blocked: int = 0
    released_wrong: int = 0
    sentences: list[str] = field(default_factory=list)


def wrongly_released(before: Held, after: Held, own: Iterable[str], *, done: bool) -> list[str]:
    """What one step did to invoices that are not its own, and what it left undone once it was the last one."""
    mine = set(own)
    said = [
        f"requisition {one}: held for {sorted(before[one])} before, for {sorted(after.get(one, ()))} now"
        for one in before
        if one not in mine and before[one] != after.get(one)
    ]
    said += [f"requisition {one}: held only now, for {sorted(after[one])}" for one in after if one not in before]
    if done:
        said += [f"requisition {one}: is still held for {sorted(after[one])}" for one in mine if one in after]
    return said


def held_now(ledger: Ledger) -> Held:
    """Every requisition that waits for a reason of its own."""
    return {one.source_id: one.reasons for one in ledger.invoices if one.reasons and one.source == REQUISITION}


class Blockers:
    """The admin who works off what waits."""

    def __init__(
        self, admin: Person, foresight: Foresight, expected: Mapping[str, Any], say: Callable[[str], None]
    ) -> None:
        self._admin = admin
        self._foresight = foresight
        self._entries: Sequence[Act] = expected["blocked"]
        self._say = say
        self._connection_id = ""
        self.freed = Freed()

    # --- what waits

    async def work_off(self) -> None:
        """Clear every reason of the seed, preview what that frees, and wait until it is posted."""
        self._connection_id = await self._foresight.connection_id()
        start = held_now(await self._foresight.ledger())
        own = [str(one["requisition_id"]) for entry in self._entries for one in entry["invoices"]]
        self.freed.blocked = sum(one in start for one in own)
        self.freed.reasons = len({reason for reason in map(self._word, self._entries) if self._is_held(reason, start)})
        missing = [one for one in own if one not in start]
        self.freed.sentences += [f"requisition {one} was to wait for a person, and does not" for one in missing]
        creating = [entry for entry in self._entries if any(step["do"] == "create_vendor" for step in entry["steps"])]
        # Nothing is created in QuickBooks while posting is paused.
        created = [str(one["requisition_id"]) for entry in creating for one in entry["invoices"]]
        async with self._foresight.kept_back(created):
            for entry in creating:
                await self._clear(entry)
            await self._foresight.hold_back()
        for entry in self._entries:
            if entry not in creating:
                await self._clear(entry)
        await self._foresight.look()
        await self._foresight.let_go()
        await eventually("what was freed is posted", lambda: self._are_posted(own), POSTING_PATIENCE)
        self._say(f"{self.freed.blocked} invoices freed from {self.freed.reasons} reasons and posted")

    async def _are_posted(self, own: Sequence[str]) -> bool:
        ledger = await self._foresight.ledger()
        posted = {row.source_id for row in ledger.invoices if row.state == "posted"}
        return set(own) <= posted and ledger.is_settled

    @staticmethod
    def _word(entry: Act) -> str:
        return REASON_WORDS.get(entry["reason"], str(entry["reason"]))

    def _is_held(self, reason: str, start: Held) -> bool:
        mine = [one for entry in self._entries if self._word(entry) == reason for one in entry["invoices"]]
        return all(reason in start.get(str(one["requisition_id"]), ()) for one in mine)

    async def _clear(self, entry: Act) -> None:
        own = [str(one["requisition_id"]) for one in entry["invoices"]]
        for place, step in enumerate(entry["steps"], start=1):
            before = held_now(await self._foresight.ledger())
            await self._do(step, entry)
            after = held_now(await self._foresight.ledger())
            wrong = wrongly_released(before, after, own, done=place == len(entry["steps"]))
            self.freed.released_wrong += len(wrong)
            self.freed.sentences += [f"{step['do']}: {sentence}" for sentence in wrong]

    async def _do(self, step: Act, entry: Act) -> None:
        ways: dict[str, Callable[[Act, Act], Awaitable[None]]] = {
            "match": self._match,
            "create_vendor": self._create_vendor,
            "opening": self._confirm_opening,
            "recode": self._recode,
        }
        await ways.get(step["do"], self._say_yes)(step, entry)

    async def _match(self, step: Act, entry: Act) -> None:
        kind, to = step["kind"], step["to"]
        targets = (await self._admin.ask(f"{self._path}/mapping-targets", kind=kind))["targets"]
        target = next(one for one in targets if one["name"] == to)
        row = {
            "kind": kind,
            "procore_id": step["procore_id"],
            "quickbooks_list": target["quickbooks_list"],
            "quickbooks_id": target["quickbooks_id"],
            "version": 0,
        }
        await self._admin.send("PUT", f"{self._path}/mappings", mappings=[row])

    async def _create_vendor(self, step: Act, entry: Act) -> None:
        await self._admin.send("POST", f"{self._path}/vendors", procore_id=step["procore_id"], name=step["to"])

        async def created() -> bool:
            wanted = await self._admin.ask(f"{self._path}/vendors/{step['procore_id']}")
            if wanted["state"] == "rejected":
                raise NotDone(wanted["sentence"])
            return bool(wanted["state"] == "accepted")

        # Where QuickBooks throttles the files of what was just posted, paperwork obeys for a minute, vendors included.
        await eventually(f"{step['to']} is created in QuickBooks", created, VENDOR_PATIENCE)

    async def _confirm_opening(self, step: Act, entry: Act) -> None:
        opening = {"commitment_id": step["commitment_id"], "amount": step["amount"]}
        await self._admin.send("PUT", f"{self._path}/retainage", openings=[opening])

    async def _recode(self, step: Act, entry: Act) -> None:
        chart = (await self._admin.ask(f"{self._path}/accounts"))["accounts"]
        account = next(one for one in chart if one["full_name"] == step["to"])
        body = {"position": step["position"], "kind": "account", "quickbooks_id": account["id"]}
        await self._admin.send("POST", f"{await self._invoice(entry)}/recode", **body)

    async def _say_yes(self, step: Act, entry: Act) -> None:
        """The exits that name the amount that was shown."""
        way = str(step["do"]).replace("_", "-")
        await self._admin.send("POST", f"{await self._invoice(entry)}/{way}", amount=step["amount"])

    async def _invoice(self, entry: Act) -> str:
        (one,) = entry["invoices"]
        number, project = one["bill"]["number"], str(one["project_id"])
        for row in (await self._admin.invoices(project_id=project, limit=PAGE, search=number))["invoices"]:
            if row["number"] == number:
                return f"/invoices/{row['id']}"
        raise NotDone(f"the list has no invoice {number}")

    @property
    def _path(self) -> str:
        return f"/connections/{self._connection_id}"


__all__ = ["BLOCKED_WANTED", "REASONS_WANTED", "Blockers", "Freed", "held_now", "wrongly_released"]
