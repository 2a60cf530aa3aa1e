"""Changes after sync: people edit invoices in Procore and bills in QuickBooks, and the app must name exactly that.

Each kind of edit is made once, on an invoice of its own that agreed with its bill before; what must be named is a
literal beside the edit. Whatever else the app then says of any invoice is false. Payments are shown as what they are on
the invoice; that Procore shows another cash than QuickBooks is the reconciliation's to name.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person, eventually
from foundation.clock import SystemClock

# Nobody tells the app of anything: it asks QuickBooks every few seconds what has changed.
ENVIRONMENT = {"PAYMENT_PULL_SECONDS": "2", "PAYMENT_SWEEP_SECONDS": "5"}
# What is not named by then will not be.
PATIENCE = 30.0
# A worker that died in the middle of a look is missed after half a minute; then the payments follow.
FOLLOW_PATIENCE = 75.0
PAUSE = 1.0
OTHER_DATE = "2026-07-09"
# The day from which payments go back to Procore; nobody in the seed is paid before it.
START = "2026-01-01"
PAID = "paid"
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
    go_on: Callable[[], Awaitable[None]]
    say: Callable[[str], None]
    _wanted: dict[str, Wanted] = field(default_factory=dict)
    # Of paid bills: whether Procore refuses to take the payment.
    _paid: dict[str, bool] = field(default_factory=dict)

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
        (connection,) = await self.admin.connections()
        await self.admin.write_back(str(connection["id"]), START)
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
        apart = {invoice_id for invoice_id, is_refused in self._paid.items() if is_refused}
        named = await self._paid_apart()
        missed += [
            f"{invoice_id} is paid in QuickBooks alone, and nobody says so" for invoice_id in sorted(apart - named)
        ]
        false += [f"{invoice_id} is said to be paid otherwise in Procore" for invoice_id in sorted(named - apart)]
        injected = sum(1 for wanted in self._wanted.values() if wanted.named) + len(apart)
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
            (Wanted("QuickBooks: paid, and Procore refuses the payment", NOTHING), self._pay_alone),
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

    async def _pay(self, pair: Pair, *, is_refused: bool = False) -> None:
        # A day that is over wherever a project is.
        day = (SystemClock().now() - timedelta(days=2)).date().isoformat()
        await self._act("pay_bill", pair, number=f"{7000 + pair.requisition_id % 1000}", date=day)
        self._paid[pair.invoice_id] = is_refused

    async def _pay_alone(self, pair: Pair) -> None:
        said = {"errors": {"base": ["Payments are not enabled on this commitment."]}}
        rule = {"effect": "status", "method": "POST", "path": "contract_payments", "status": 422, "body": said}
        await self.procore.add_faults({**rule, "request_body": f"\\b{pair.requisition_id}\\b"})
        await self._pay(pair, is_refused=True)

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

    async def _paid_apart(self) -> set[str]:
        """Whose cash the reconciliation says to differ, once every payment went to Procore or was refused there."""

        async def followed() -> bool:
            for invoice_id, is_refused in self._paid.items():
                told = [one["sentence"] if is_refused else one["procore"] for one in await self._payments(invoice_id)]
                if not told or not all(one.startswith("Procore refuses" if is_refused else "written") for one in told):
                    return False
            return True

        await eventually("Procore follows the payments", followed, FOLLOW_PATIENCE)
        await self.admin.reconcile()
        told = await self.admin.reconciled_differences()
        return {one["invoice_id"] for one in told if one["field"] == PAID}

    async def _payments(self, invoice_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.admin.payments(invoice_id))["payments"]
        return found

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
