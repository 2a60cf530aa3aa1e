"""Changes after sync: people edit invoices in Procore and bills in QuickBooks, and the app must name exactly that.

Each kind of edit is made once, on an invoice of its own that agreed with its bill before; what must be named is a
literal beside the edit. Whatever else the app then says of any invoice is false.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person

# A look every few seconds; what is not named by then will not be.
PATIENCE = 25.0
PAUSE = 1.0
OTHER_DATE = "2026-07-09"
FLAGS = ("Changed after posting", "Removed in QuickBooks", "Approval withdrawn")
Named = frozenset[str]
NOTHING: Named = frozenset()


@dataclass(frozen=True)
class Pair:
    """A posted invoice and its bill."""

    invoice_id: str
    requisition_id: int
    bill: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What an edit must be named as, and what may be named beside it."""

    kind: str
    named: Named
    also: Named = NOTHING

    def is_met(self, seen: Named) -> bool:
        return self.named <= seen <= self.named | self.also


@dataclass(frozen=True)
class DriftVerdict:
    """``injected`` edits that must be named, those that were not, and what was named although nobody did it."""

    injected: int = 0
    missed: tuple[str, ...] = ()
    false: tuple[str, ...] = ()


@dataclass
class Drift:
    """Plays every kind of edit once and watches what the app says once mirroring ``goes_on``."""

    admin: Person
    procore: SimulatorControl
    quickbooks: SimulatorControl
    realm_id: str
    go_on: Callable[[], Awaitable[object]]
    say: Callable[[str], None]
    _wanted: dict[str, Wanted] = field(default_factory=dict)

    async def play(self) -> DriftVerdict:
        """All of it. What breaks off counts as missed."""
        try:
            return await self._play()
        except (NotDone, httpx.HTTPError, LookupError) as broken:
            return DriftVerdict(len(self._wanted), (f"broke off: {broken!r}",))

    async def _play(self) -> DriftVerdict:
        edits = self._edits()
        before = await self._flagged()
        pairs = await self._agreeing(len(edits))
        for pair, (wanted, edit) in zip(pairs, edits, strict=True):
            await edit(pair)
            self._wanted[pair.invoice_id] = wanted
        await self.go_on()
        seen = await self._watch()
        missed = [
            f"{wanted.kind} on {invoice_id} is named as {sorted(seen[invoice_id])}"
            for invoice_id, wanted in self._wanted.items()
            if not wanted.is_met(seen[invoice_id])
        ]
        edited = {invoice_id for invoice_id, wanted in self._wanted.items() if wanted.named}
        others = await self._flagged() - before - edited
        false = [f"{invoice_id} is said to differ, and nobody edited it" for invoice_id in sorted(others)]
        injected = sum(1 for wanted in self._wanted.values() if wanted.named)
        self.say(f"{injected} edits after posting, {len(missed)} missed, {len(false)} false")
        return DriftVerdict(injected, tuple(missed), tuple(false))

    def _edits(self) -> list[tuple[Wanted, Callable[[Pair], Awaitable[None]]]]:
        amount, retainage = frozenset({"total", "line_amount"}), frozenset({"retainage"})
        return [
            (Wanted("QuickBooks: amount", amount), self._amount),
            (Wanted("QuickBooks: number", frozenset({"number"})), lambda pair: self._edit(pair, DocNumber="TYPO-1")),
            (Wanted("QuickBooks: date", frozenset({"date"})), lambda pair: self._edit(pair, TxnDate=OTHER_DATE)),
            (Wanted("QuickBooks: vendor", frozenset({"vendor"})), self._vendor),
            (Wanted("QuickBooks: account", frozenset({"line_target"})), self._account),
            (Wanted("QuickBooks: deleted", frozenset({"deleted"})), self._delete),
            (Wanted("QuickBooks: memo", NOTHING), lambda pair: self._edit(pair, PrivateNote="x", DueDate=OTHER_DATE)),
            (Wanted("QuickBooks: paid", NOTHING), self._pay),
            (Wanted("Procore: amount", amount, also=retainage), self._bill_more),
            (Wanted("Procore: number", frozenset({"number"})), lambda pair: self._procore(pair, invoice_number="C-7")),
            (Wanted("Procore: date", frozenset({"date"})), lambda pair: self._procore(pair, billing_date=OTHER_DATE)),
            (Wanted("Procore: comment", NOTHING), lambda pair: self._procore(pair, comment="seen")),
            (Wanted("Procore: withdrawn", frozenset({"approval_withdrawn"})), self._withdraw),
        ]

    # --- what people do

    async def _edit(self, pair: Pair, **fields: Any) -> None:
        await self._act("edit", pair, fields=fields)

    async def _amount(self, pair: Pair) -> None:
        first, *others = pair.bill["Line"]
        changed = {**first, "Amount": float(Decimal(str(first["Amount"])) + 1)}
        await self._edit(pair, Line=[changed, *others])

    async def _vendor(self, pair: Pair) -> None:
        company = await self._company()
        own = pair.bill["VendorRef"]["value"]
        other = next(one["Id"] for one in company["Vendor"] if one["Id"] != own and one.get("Active") is not False)
        await self._edit(pair, VendorRef={"value": other})

    async def _account(self, pair: Pair) -> None:
        first, *others = pair.bill["Line"]
        detail = first["AccountBasedExpenseLineDetail"]
        own = detail["AccountRef"]["value"]
        company = await self._company()
        other = next(one["Id"] for one in company["Account"] if one["AccountType"] == "Expense" and one["Id"] != own)
        moved = {**detail, "AccountRef": {"value": other}}
        await self._edit(pair, Line=[{**first, "AccountBasedExpenseLineDetail": moved}, *others])

    async def _delete(self, pair: Pair) -> None:
        await self._act("delete", pair)

    async def _pay(self, pair: Pair) -> None:
        await self._act("pay_bill", pair)

    async def _procore(self, pair: Pair, **fields: Any) -> None:
        await self.procore.edit_requisition(pair.requisition_id, **fields)

    async def _bill_more(self, pair: Pair) -> None:
        requisitions = (await self.procore.state())["requisitions"]
        first = next(one for one in requisitions if one["id"] == pair.requisition_id)["items"][0]
        more = Decimal(str(first["work_completed_this_period"])) + 100
        items = [{"id": first["id"], "work_completed_this_period": f"{more:.2f}"}]
        await self._procore(pair, items=items)

    async def _withdraw(self, pair: Pair) -> None:
        await self.procore.set_requisition_status(pair.requisition_id, "under_review")

    async def _act(self, action: str, pair: Pair, **fields: Any) -> None:
        await self.quickbooks.act(self.realm_id, action, id=pair.bill["Id"], **fields)

    # --- what the app says

    async def _agreeing(self, count: int) -> list[Pair]:
        """So many posted invoices of Procore that agree with their unpaid bills, as both sides have them."""
        bills = {one["Id"]: one for one in (await self._company())["Bill"]}
        found: list[Pair] = []
        for listed in (await self.admin.invoices(badge="Posted", limit=200))["invoices"]:
            one = await self.admin.invoice(listed["id"])
            bill = bills.get(one["bill"]["quickbooks_id"]) if one["bill"] else None
            is_unpaid = bill is not None and bill["Balance"] == bill["TotalAmt"] > 0
            if one["source"] != "procore_requisition" or bill is None or not is_unpaid:
                continue
            if not await self._named(one["id"]):
                found.append(Pair(one["id"], int(one["source_id"]), bill))
            if len(found) == count:
                return found
        raise LookupError(f"only {len(found)} invoices agree with an unpaid bill")

    async def _company(self) -> dict[str, Any]:
        state = await self.quickbooks.state()
        found: dict[str, Any] = next(one for one in state["companies"] if one["realm_id"] == self.realm_id)
        return found

    async def _named(self, invoice_id: str) -> Named:
        answer = await self.admin.differences(invoice_id)
        return frozenset(one["field"] for one in answer["differences"])

    async def _flagged(self) -> set[str]:
        """Every invoice that is shown as differing from its bill."""
        pages = [await self.admin.invoices(badge=badge, limit=200) for badge in FLAGS]
        return {one["id"] for page in pages for one in page["invoices"]}

    async def _watch(self) -> dict[str, Named]:
        """What the app names in the end: as soon as everything wanted is named, else when patience is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            seen = {invoice_id: await self._named(invoice_id) for invoice_id in self._wanted}
            if all(wanted.is_met(seen[one]) for one, wanted in self._wanted.items()) or loop.time() > until:
                return seen
            await asyncio.sleep(PAUSE)


__all__ = ["Drift", "DriftVerdict"]
