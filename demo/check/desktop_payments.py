"""Payments entered in a company file: people pay, void and delete there, and Procore must end with exactly the cash.

Only here can a discount be taken with a payment; what went back to Procore is the cash without it. Write-back is on for
one file; what is paid in the other one may not show up anywhere. What is expected is written down by each act from the
bill's own literal of the seed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from demo.check.issued import Issued, PaymentsVerdict, commitments_of, compare, new_payments, notes_of
from demo.check.ledger import plain_url
from demo.check.paid_bills import paid_on
from demo.check.payments import START
from demo.desktop_person import DesktopPerson
from demo.outside_control import SimulatorControl
from demo.person import NotDone, eventually
from simulators.world.documents import Documents

PC = "office"
PATIENCE = 90.0
# The other story has payments of its own to get through before it takes our worker away.
DOWN_PATIENCE = 150.0
CENT = Decimal("0.01")
DISCOUNT, CREDIT, IN_PART = Decimal("0.02"), Decimal("512.34"), Decimal("1000.01")
# A company file is read every hour; nothing else of the product is told that one has passed.
AN_HOUR_PASSES = """
UPDATE desktop_reading r SET due_at = r.due_at - interval '1 hour'
FROM company c WHERE c.id = r.company_id AND c.procore_company_id = %(company)s
"""


@dataclass(frozen=True)
class FiledBill:
    """One bill of ours in a company file, and the requisition it came from."""

    id: str
    vendor_ref: str
    account_ref: str
    total: Decimal
    requisition_id: int
    invoice_number: str
    commitment_id: int


def bills_in_file(documents: Documents, state: dict[str, Any], file: str) -> list[list[FiledBill]]:
    """The bills that the seed orders for a file and that stand there unpaid, by vendor."""
    held = next(one for one in state["company_files"] if one["key"] == file)
    vendors = {row["ListID"]: row["Name"] for row in held["Vendor"]}
    booked = {(vendors[row["VendorRef"]], row["RefNumber"]): row for row in held["Bill"]}
    requisitions = {row["id"]: row for row in documents.procore["requisitions"]}
    by_vendor: dict[str, list[FiledBill]] = {}
    for requisition_id, outcome in documents.expected["desktop"]["requisitions"].items():
        if outcome.get("file") != file:
            continue
        row = booked.get((outcome["bill"]["vendor"], outcome["bill"]["number"]))
        total, requisition = Decimal(outcome["bill"]["total"]), requisitions[int(requisition_id)]
        if row is not None and Decimal(row["OpenAmount"]) == total:
            bill = FiledBill(
                id=row["TxnID"],
                vendor_ref=row["VendorRef"],
                account_ref=row["expense_lines"][0]["AccountRef"],
                total=total,
                requisition_id=int(requisition_id),
                invoice_number=(requisition["invoice_number"] or "").strip(),
                commitment_id=requisition["commitment_id"],
            )
            by_vendor.setdefault(row["VendorRef"], []).append(bill)
    return list(by_vendor.values())


class DesktopPayments:
    """Plays them once the bills are posted. ``expected`` is what Procore must hold of it in the end.

    Whoever takes our worker away waits ``until_we_may_go_down`` and calls ``while_we_are_down``.
    """

    def __init__(
        self, documents: Documents, database_url: str, procore: SimulatorControl, say: Callable[[str], None]
    ) -> None:
        self._documents = documents
        self._database_url = database_url
        self._procore = procore
        self._say = say
        self._company_id = int(documents.expected["desktop"]["company_id"])
        self._file, self._other = documents.expected["desktop"]["files"]
        self._bills: list[list[FiledBill]] = []
        self._check = 2000
        self._enter: Callable[[], Awaitable[None]] | None = None
        self._were_down = asyncio.Event()
        self.may_go_down = asyncio.Event()
        self.expected: list[Issued] = []
        self.troubles: list[str] = []

    async def play(
        self,
        person: DesktopPerson,
        desk: SimulatorControl,
        connection_id: str,
        update: Callable[[], Awaitable[None]],
    ) -> None:
        """All of it. ``update`` has the Web Connector call for every file. Raises NotDone, and what HTTP raises."""
        state = await desk.state()
        await self._pay_elsewhere(desk, bills_in_file(self._documents, state, self._other)[0][0])
        self._bills = bills_in_file(self._documents, state, self._file)
        await person.write_back(connection_id, START)
        undo = [await self._to_take_back(desk, "void"), await self._to_take_back(desk, "delete")]
        discounted = await self._with_discount(desk)
        for act in (self._two_bills, self._by_card, self._with_credit, self._to_print):
            await act(desk)
        self._pass_an_hour()
        await self._until_as_expected("the payments of a company file are in Procore", update)
        await self._check_discount(person, discounted)
        for one in undo:
            await one()
        (before_sleep,) = self._next()
        await self._pay_in_part(desk, before_sleep)
        await desk.press(PC, "sleep")
        (when_down,) = self._next()
        self._enter = lambda: self._pay_in_part(desk, when_down)
        self.may_go_down.set()
        await self._until_we_were_down()
        self._pass_an_hour()
        await desk.press(PC, "wake")
        await self._until_as_expected("what was paid while the PC slept and we were down is in Procore", update)

    async def until_we_may_go_down(self) -> None:
        """The PC sleeps, or nothing more will be paid in its files."""
        await self.may_go_down.wait()

    async def while_we_are_down(self) -> None:
        """Our worker is not there: somebody pays a bill in the company file."""
        if self._enter is not None:
            await self._enter()
        self._were_down.set()

    async def verdict(self) -> PaymentsVerdict:
        """What stands on this customer's commitments now against what was expected."""
        seeded = self._documents.procore
        own = commitments_of(seeded, self._company_id)
        return compare(self.expected, new_payments(seeded, await self._procore.state(), own))

    # --- the scenarios

    async def _with_discount(self, desk: SimulatorControl) -> FiledBill:
        (bill,) = self._next()
        cash = bill.total - _discount_of(bill)
        share = {"bill": bill.id, "amount": cash, "discount": _discount_of(bill)}
        number = self._number()
        await self._act(desk, "pay", bills=[share], number=number)
        self._expect(bill, cash, number)
        return bill

    async def _two_bills(self, desk: SimulatorControl) -> None:
        one, two = self._next(2)
        number = self._number()
        await self._act(desk, "pay", bills=[{"bill": one.id}, {"bill": two.id}], number=number)
        for bill in (one, two):
            self._expect(bill, bill.total, number, of=one.total + two.total)

    async def _by_card(self, desk: SimulatorControl) -> None:
        """A card payment has a reference where a check has its number; Procore is told of no check."""
        (bill,) = self._next()
        await self._act(desk, "pay", bills=[{"bill": bill.id}], by_card=True, number="77")
        self._expect(bill, bill.total, "77", method="credit_card")

    async def _with_credit(self, desk: SimulatorControl) -> None:
        (bill,) = self._next()
        line = {"AccountRef": bill.account_ref, "Amount": CREDIT}
        fields = {"VendorRef": bill.vendor_ref, "expense_lines": [line]}
        credit = await self._act(desk, "enter", kind="VendorCredit", fields=fields)
        number = self._number()
        share = {"bill": bill.id, "credit": credit["TxnID"], "credit_amount": CREDIT}
        await self._act(desk, "pay", bills=[share], number=number)
        self._expect(bill, bill.total - CREDIT, number)

    async def _to_print(self, desk: SimulatorControl) -> None:
        (bill,) = self._next()
        await self._act(desk, "pay", bills=[{"bill": bill.id}], to_print=True)

    async def _to_take_back(self, desk: SimulatorControl, how: str) -> Callable[[], Awaitable[None]]:
        """A check that reaches Procore first, and is voided or deleted then."""
        (bill,) = self._next()
        number = self._number()
        paid = await self._act(desk, "pay", bills=[{"bill": bill.id}], number=number)
        self._expect(bill, bill.total, number)

        async def undo() -> None:
            await self._act(desk, how, kind="BillPaymentCheck", id=paid["TxnID"])
            self.expected = [one for one in self.expected if one.check_number != number]

        return undo

    async def _pay_in_part(self, desk: SimulatorControl, bill: FiledBill) -> None:
        number = self._number()
        await self._act(desk, "pay", bills=[{"bill": bill.id, "amount": IN_PART}], number=number)
        self._expect(bill, IN_PART, number)

    async def _pay_elsewhere(self, desk: SimulatorControl, bill: FiledBill) -> None:
        await desk.act_in_file(self._other, "pay", bills=[{"bill": bill.id}], number=self._number(), date=paid_on())

    # --- what they are made of

    def _next(self, bills: int = 1) -> list[FiledBill]:
        """Bills of one vendor that no scenario has used. LookupError when the file has no more."""
        for of_vendor in self._bills:
            if len(of_vendor) >= bills:
                return [of_vendor.pop(0) for _ in range(bills)]
        raise LookupError(f"no vendor of the company file is left with {bills} bills")

    async def _act(self, desk: SimulatorControl, action: str, **fields: Any) -> dict[str, Any]:
        if action == "pay":
            fields = {"date": paid_on(), **fields}
        return await desk.act_in_file(self._file, action, **fields)

    def _number(self) -> str:
        self._check += 1
        return f"{self._check}"

    def _expect(
        self, bill: FiledBill, cash: Decimal, number: str, *, method: str = "check", of: Decimal | None = None
    ) -> None:
        """This much cash of a payment goes to the bill; ``of`` is the whole of it where it pays more than this."""
        self.expected.append(
            Issued(
                bill.commitment_id,
                bill.requisition_id,
                cash,
                number if method == "check" else "",
                paid_on(),
                method,
                bill.invoice_number,
                notes_of(method, number, cash if of is None else of),
            )
        )

    def _pass_an_hour(self) -> None:
        with psycopg.connect(plain_url(self._database_url)) as database:
            database.execute(AN_HOUR_PASSES, {"company": str(self._company_id)})

    async def _until_we_were_down(self) -> None:
        try:
            await asyncio.wait_for(self._were_down.wait(), DOWN_PATIENCE)
        except TimeoutError:
            raise NotDone("our worker never went down while the PC slept") from None

    async def _until_as_expected(self, what: str, update: Callable[[], Awaitable[None]]) -> None:
        async def as_expected() -> bool:
            await update()
            return (await self.verdict()).is_right

        try:
            await eventually(what, as_expected, PATIENCE)
            self._say(what)
        except NotDone as late:
            self.troubles.append(f"{late}: {'; '.join((await self.verdict()).sentences[:5])}")

    async def _check_discount(self, person: DesktopPerson, bill: FiledBill) -> None:
        """People see the discount beside the cash, and a bill that both together have paid."""

        async def shown() -> list[tuple[str, Decimal, Decimal]]:
            listed = (await person.invoices(search=bill.invoice_number, limit=200))["invoices"]
            invoices = [await person.invoice(row["id"]) for row in listed]
            (one,) = [one for one in invoices if one["source_id"] == f"{bill.requisition_id}"]
            payments = (await person.payments(one["id"]))["payments"]
            return [(one["badge"], Decimal(each["cash"]), Decimal(each["discount"])) for each in payments]

        discount = _discount_of(bill)
        wanted = [("Paid", bill.total - discount, discount)]

        async def as_wanted() -> bool:
            return await shown() == wanted

        try:
            # The bills of a file are taken in after its payments.
            await eventually("the discount shows", as_wanted, PATIENCE)
        except NotDone:
            self.troubles.append(f"requisition {bill.requisition_id} shows {await shown()}, not {wanted}")


def _discount_of(bill: FiledBill) -> Decimal:
    return (bill.total * DISCOUNT).quantize(CENT)


__all__ = ["DesktopPayments", "FiledBill", "bills_in_file"]
