"""Payments back: people pay, void, move and print in QuickBooks, and Procore must end with exactly the cash of it.

What is expected is written down by each act from the bill's own literal of the seed; nothing of the product is asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from demo.check.issued import Issued, PaymentsVerdict, commitments_of, compare, new_payments, notes_of
from demo.check.paid_bills import Bill, bills_by_vendor, paid_on
from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person, eventually
from demo.stack import Stack
from foundation.clock import SystemClock
from simulators.world.documents import Documents

# A pull every other second, and one a minute although nobody told of anything: webhooks bring most, and what they lost
# is found all the same.
ENVIRONMENT = {"PAYMENT_PULL_SECONDS": "2", "PAYMENT_SWEEP_SECONDS": "60"}
DROPPED, REPEATED = 0.3, 0.2
# Of Intuit's webhooks so many at least must have been lost, doubled and taken, or the round proves little.
TOLD = {"dropped": 3, "duplicated": 3, "delivered": 3}
# A worker that died in the middle of a look is missed after half a minute.
PATIENCE = 120.0
START = "2026-01-01"


@dataclass
class Payments:
    """Plays every scenario of payments. ``expected`` is what Procore must hold in the end, beside what it held.

    ``while_down`` is what others do while our worker is not there, ``until_others_may`` when they are ready to.
    """

    stack: Stack
    documents: Documents
    admin: Person
    procore: SimulatorControl
    quickbooks: SimulatorControl
    say: Callable[[str], None]
    until_others_may: Callable[[], Awaitable[None]]
    while_down: Callable[[], Awaitable[None]]
    expected: list[Issued] = field(default_factory=list)
    badges: dict[int, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    typed_credits: set[str] = field(default_factory=set)
    _vendors: list[list[Bill]] = field(default_factory=list)
    _check: int = 5000

    async def play(self) -> None:
        """All of it. What breaks off is a trouble; what Procore then holds is judged all the same."""
        try:
            await self._play()
        except (NotDone, httpx.HTTPError, LookupError) as broken:
            self.troubles.append(f"the payments broke off: {broken!r}")

    async def verdict(self) -> PaymentsVerdict:
        """What stands on this customer's commitments now against what was expected."""
        seeded = self.documents.procore
        own = commitments_of(seeded, int(self.documents.expected["company_id"]))
        return compare(self.expected, new_payments(seeded, await self.procore.state(), own))

    async def _play(self) -> None:
        self._vendors = bills_by_vendor(self.documents, await self.quickbooks.state())
        await self.quickbooks.switch(webhook_drop=DROPPED, webhook_duplicate=REPEATED, webhook_seed=7)
        verifier = self.stack.environment["INTUIT_WEBHOOK_VERIFIER"]
        await self.quickbooks.tell_webhooks(f"{self.stack.app_url}/webhooks/intuit", verifier)
        await self._entered_by_hand()
        (connection,) = await self.admin.connections()
        await self.admin.write_back(str(connection["id"]), START)
        follow_up = [await self._withdrawn("void"), await self._withdrawn("delete"), await self._moved()]
        follow_up.append(await self._by_transfer())
        for act in (self._in_parts, self._two_bills, self._by_card, self._with_credit, self._by_credit_alone):
            await act()
        for act in (self._to_print, self._dated_ahead, self._by_journal_entry, self._by_joint_check):
            await act()
        await self._until_as_expected("the first payments are in Procore")
        await self._check_badges()
        for undo in follow_up:
            await undo()
        await self._until_as_expected("voids, deletions, moves and another method are followed")
        await self._while_we_are_down()
        await self._until_as_expected("what was paid while we were down is in Procore")
        await self._check_webhooks()
        await self.quickbooks.switch(webhook_drop=0.0, webhook_duplicate=0.0)
        await self.quickbooks.tell_webhooks(None, "")

    # --- the scenarios

    async def _entered_by_hand(self) -> None:
        """Before write-back is on: one payment entered in Procore by a person, one commitment paid by Procore Pay."""
        (bill,) = self._next()
        day = (SystemClock().now() - timedelta(days=5)).date().isoformat()
        given = {"contract_id": bill.commitment_id, "amount": f"{bill.total}", "date": day}
        await self.procore.issue_payment(**given)
        self.expected.append(Issued(bill.commitment_id, None, bill.total, "", day, ""))
        await self._pay(bill)
        (through_pay,) = self._next()
        first = {"contract_id": through_pay.commitment_id, "amount": "77.00", "date": day, "procore_pay": True}
        await self.procore.issue_payment(**first)
        self.expected.append(Issued(through_pay.commitment_id, None, Decimal("77.00"), "", day, ""))
        await self._pay(through_pay)

    async def _in_parts(self) -> None:
        (bill,) = self._next()
        for amount in (Decimal("400.00"), bill.total - 400):
            self._expect(bill, amount, await self._pay(bill, amount))

    async def _two_bills(self) -> None:
        one, two = self._next(2)
        number = self._number()
        await self._act("pay_bills", shares=[{"id": one.id}, {"id": two.id}], number=number)
        self._expect(one, one.total, number, of=one.total + two.total)
        self._expect(two, two.total, number, of=one.total + two.total)

    async def _by_card(self) -> None:
        (bill,) = self._next()
        await self._act("pay_bill", id=bill.id, by_card=True)
        self._expect(bill, bill.total, "", method="credit_card")
        self.badges[bill.requisition_id] = "Paid"

    async def _with_credit(self) -> None:
        (bill,) = self._next()
        credit = await self._credit(bill, Decimal("251.37"))
        number = self._number()
        shares = [{"id": bill.id}, {"id": credit, "kind": "VendorCredit"}]
        await self._act("pay_bills", shares=shares, number=number)
        self._expect(bill, bill.total - Decimal("251.37"), number)

    async def _by_credit_alone(self) -> None:
        (bill,) = self._next()
        await self._act("apply_credit", id=bill.id, other_id=await self._credit(bill, bill.total))
        self.badges[bill.requisition_id] = "Settled by credit"

    async def _to_print(self) -> None:
        (bill,) = self._next()
        await self._act("pay_bill", id=bill.id, to_print=True)

    async def _dated_ahead(self) -> None:
        (bill,) = self._next()
        ahead = (SystemClock().now() + timedelta(days=20)).date().isoformat()
        await self._act("pay_bill", id=bill.id, number=self._number(), date=ahead)

    async def _by_journal_entry(self) -> None:
        await self._by_debit("journal_entry", "JournalEntry")

    async def _by_joint_check(self) -> None:
        await self._by_debit("joint_check", "Check")

    async def _by_debit(self, action: str, kind: str) -> None:
        (bill,) = self._next()
        debit = await self._act(action, id=bill.vendor_id, amount=bill.total)
        shares = [{"id": bill.id}, {"id": debit["Id"], "kind": kind, "amount": bill.total}]
        await self._act("pay_bills", shares=shares)
        self.badges[bill.requisition_id] = "Paid, no payment found"

    async def _withdrawn(self, how: str) -> Callable[[], Any]:
        """A payment that is written first, and then taken back."""
        (bill,) = self._next()
        paid = await self._act("pay_bill", id=bill.id, number=(number := self._number()))
        self._expect(bill, bill.total, number)

        async def undo() -> None:
            if how == "void":
                await self._act("void_payment", id=paid["Id"])
            else:
                await self._act("delete", kind="BillPayment", id=paid["Id"])
            self._expect_no_more(bill, number)

        return undo

    async def _moved(self) -> Callable[[], Any]:
        """A payment of one bill that is moved to another one in part."""
        one, two = self._next(2)
        paid = await self._act("pay_bill", id=one.id, amount=Decimal("900.00"), number=(number := self._number()))
        self._expect(one, Decimal("900.00"), number)

        async def move() -> None:
            amounts = ((one, Decimal("350.00")), (two, Decimal("500.00")))
            lines = [
                {"Amount": amount, "LinkedTxn": [{"TxnId": bill.id, "TxnType": "Bill"}]} for bill, amount in amounts
            ]
            await self._act("edit", kind="BillPayment", id=paid["Id"], fields={"TotalAmt": Decimal(850), "Line": lines})
            self._expect_no_more(one, number)
            for bill, amount in amounts:
                self._expect(bill, amount, number, of=Decimal(850))

        return move

    async def _by_transfer(self) -> Callable[[], Any]:
        """A payment without a number; later somebody notes that it was the company's card that paid it."""
        one, other = self._next(2)
        paid = await self._act("pay_bill", id=one.id)
        by_card = await self._act("pay_bill", id=other.id, amount=Decimal("321.09"), by_card=True)
        self._expect(one, one.total, "", method="electronic")
        self._expect(other, Decimal("321.09"), "", method="credit_card")

        async def correct() -> None:
            means = {"PayType": "CreditCard", "CreditCardPayment": by_card["CreditCardPayment"]}
            await self._act("edit", kind="BillPayment", id=paid["Id"], fields=means)
            self._expect_no_more(one, "")
            self._expect(one, one.total, "", method="credit_card")

        return correct

    async def _while_we_are_down(self) -> None:
        (bill,) = self._next()
        await self.until_others_may()
        await self.stack.kill_worker()
        self._expect(bill, bill.total, await self._pay(bill))
        await self.while_down()
        await self.stack.start_worker()

    # --- what they are made of

    def _next(self, bills: int = 1) -> list[Bill]:
        """Bills of a vendor that no scenario has used. LookupError when the seed has no more."""
        for place, of_vendor in enumerate(self._vendors):
            if len(of_vendor) >= bills:
                return self._vendors.pop(place)[:bills]
        raise LookupError(f"no vendor is left with {bills} bills")

    async def _pay(self, bill: Bill, amount: Decimal | None = None) -> str:
        number = self._number()
        await self._act("pay_bill", id=bill.id, amount=amount, number=number)
        return number

    async def _credit(self, bill: Bill, amount: Decimal) -> str:
        line = {**bill.line, "Amount": amount}
        fields = {"VendorRef": {"value": bill.vendor_id}, "Line": [line]}
        typed = str((await self._act("create", kind="VendorCredit", fields=fields))["Id"])
        self.typed_credits.add(typed)
        return typed

    async def _act(self, action: str, **fields: Any) -> dict[str, Any]:
        if action in ("pay_bill", "pay_bills"):
            fields = {"date": paid_on(), **fields}
        return await self.quickbooks.act(self.documents.expected["realm_id"], action, **fields)

    def _number(self) -> str:
        self._check += 1
        return f"{self._check}"

    def _expect(
        self, bill: Bill, amount: Decimal, number: str, *, method: str = "check", of: Decimal | None = None
    ) -> None:
        """This much of a payment goes to the bill; ``of`` is the whole of it where it pays more than this."""
        self.expected.append(
            Issued(
                bill.commitment_id,
                bill.requisition_id,
                amount,
                number,
                paid_on(),
                method,
                bill.invoice_number,
                notes_of(method, number, amount if of is None else of),
            )
        )

    def _expect_no_more(self, bill: Bill, number: str) -> None:
        self.expected = [
            one for one in self.expected if (one.requisition_id, one.check_number) != (bill.requisition_id, number)
        ]

    async def _until_as_expected(self, what: str) -> None:
        async def as_expected() -> bool:
            return (await self.verdict()).is_right

        try:
            await eventually(what, as_expected, PATIENCE)
            self.say(what)
        except NotDone as late:
            self.troubles.append(f"{late}: {'; '.join((await self.verdict()).sentences[:5])}")

    async def _check_webhooks(self) -> None:
        counts = (await self.quickbooks.webhooks())["counts"]
        for what, wanted in TOLD.items():
            if counts.get(what, 0) < wanted:
                self.troubles.append(f"too few of Intuit's webhooks were {what}: {counts.get(what, 0)} of {wanted}")
        if counts.get("failed"):
            self.troubles.append(f"{counts['failed']} of Intuit's webhooks were not taken")

    async def _check_badges(self) -> None:
        """The words people see."""
        for requisition_id, badge in self.badges.items():
            number = self.documents.expected["requisitions"][str(requisition_id)]["bill"]["number"]
            listed = (await self.admin.invoices(search=number, limit=200))["invoices"]
            invoices = [await self.admin.invoice(row["id"]) for row in listed]
            shown = [one["badge"] for one in invoices if one["source_id"] == f"{requisition_id}"]
            if shown != [badge]:
                self.troubles.append(f"requisition {requisition_id} shows {shown}, not {badge}")


__all__ = ["ENVIRONMENT", "START", "Payments"]
