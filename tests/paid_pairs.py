"""Payments of linked pairs, by every way that money and Procore may come apart, and those by which they may not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from accounting.payment_changes import WriteHold
from accounting.payments import BILL, VENDOR_CREDIT, BillPayment, PaymentLine
from models.bill_payments import store_payments
from models.connection_settings import change_settings, choices_of
from models.contract_payments import Stands, hold_share, shares_of_invoice, stands_in_procore
from models.database import CompanySession
from models.mappings import connection_settings
from models.payment_shares import settle_bills
from tests.linked_company import LinkedCompany

START = date(2026, 6, 1)
PAID_ON = date(2026, 6, 15)
CASH = Decimal("600.00")
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Paid:
    """One payment of a bill, and what became of it in Procore. ``differs`` is what the two then say, None for alike.

    ``credit`` of the bill came from a vendor credit. ``in_procore`` stands there as ours, or as ``by_hand``; None for
    nothing. ``now`` is what the books made of the payment after it was written.
    """

    differs: tuple[str, str] | None = None
    cash: Decimal = CASH
    credit: Decimal = NOTHING
    in_procore: str | None = None
    by_hand: bool = False
    hold: WriteHold | None = None
    now: Decimal | None = None
    is_on_its_way: bool = False
    paid_on: date = PAID_ON
    is_to_be_printed: bool = False
    currency: str = ""

    def payment(self, bill_id: str, cash: Decimal) -> BillPayment:
        lines = [PaymentLine(BILL, bill_id, cash + self.credit)] if cash + self.credit else []
        lines += [PaymentLine(VENDOR_CREDIT, f"credit {bill_id}", self.credit)] if self.credit else []
        return BillPayment(
            kind="BillPayment",
            id=f"payment {bill_id}",
            vendor_id="56",
            total=cash,
            paid_on=self.paid_on,
            number="10432",
            is_card=False,
            is_to_be_printed=self.is_to_be_printed,
            currency=self.currency,
            lines=tuple(lines),
        )


H = WriteHold
PAYMENTS: dict[str, Paid] = {
    "written": Paid(in_procore="600.00"),
    "entered by hand, the same": Paid(in_procore="600.00", by_hand=True),
    "a credit and the rest in cash": Paid(credit=Decimal(250), in_procore="600.00"),
    "a credit alone": Paid(cash=NOTHING, credit=Decimal(250)),
    "on its way": Paid(is_on_its_way=True),
    "changed, and on its way": Paid(in_procore="600.00", now=Decimal(500), is_on_its_way=True),
    "before the start": Paid(paid_on=START - timedelta(days=1)),
    "to be printed": Paid(is_to_be_printed=True),
    "dated ahead": Paid(paid_on=date(2126, 1, 1)),
    "through Procore Pay": Paid(hold=H.PROCORE_PAY),
    "in another currency": Paid(currency="CAD"),
    "refused": Paid(("$0.00", "$600.00"), hold=H.REFUSED),
    "hidden from us": Paid(("$0.00", "$600.00"), hold=H.NOT_VISIBLE),
    "more than the bill": Paid(("$0.00", "$9,000.00"), cash=Decimal(9000)),
    "entered by hand, and another amount by now": Paid(
        ("$600.00", "$500.00"), in_procore="600.00", by_hand=True, now=Decimal(500), hold=H.ENTERED_BY_HAND
    ),
    "voided, and locked in Procore": Paid(("$600.00", "$0.00"), in_procore="600.00", now=NOTHING, hold=H.LOCKED),
}


async def pay(company: LinkedCompany, paid: Mapping[int, Paid]) -> None:
    """Pay these bills, by place, and have Procore follow as far as it is said to."""
    async with company.session() as session:
        wanted = choices_of(await connection_settings(session, company.connection_id))
        wanted = replace(wanted, write_back=True, write_back_from=START)
        await change_settings(session, company.connection_id, wanted, None, uuid4())
        await _read(session, company, {place: one.payment(str(place), one.cash) for place, one in paid.items()})
    async with company.session() as session:
        for place, one in paid.items():
            if one.in_procore is not None:
                (share,) = await shares_of_invoice(session, company.invoice_ids[place])
                stands = Stands(f"8{place}", Decimal(one.in_procore), one.paid_on, "10432", is_ours=not one.by_hand)
                await stands_in_procore(session, share, stands, "payment_written")
    async with company.session() as session:
        moved = {place: one.payment(str(place), one.now) for place, one in paid.items() if one.now is not None}
        await _read(session, company, moved)
    async with company.session() as session:
        for place, one in paid.items():
            if not one.is_on_its_way:
                await _looked_at(session, company.invoice_ids[place], one.hold)


async def _read(session: CompanySession, company: LinkedCompany, payments: Mapping[int, BillPayment]) -> None:
    touched = await store_payments(session, company.connection_id, list(payments.values()))
    await settle_bills(session, company.connection_id, touched)


async def _looked_at(session: CompanySession, invoice_id: UUID, hold: WriteHold | None) -> None:
    (share,) = await shares_of_invoice(session, invoice_id)
    await hold_share(session, share, hold, None, None)
