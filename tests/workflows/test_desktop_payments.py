"""Payments entered in a company file reach Procore: read with the Web Connector's sessions, deletions included."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import select
from temporalio.client import Client

from models.connection_settings import change_settings, choices_of
from models.mappings import connection_settings
from models.tables import BillLink, Connection, DesktopReading, InvoiceRow
from simulators.quickbooks_desktop.people import Action, act
from tests.desktop_office import DesktopOffice, desktop_office, tidewater_world
from tests.product import eventually
from tests.workflows.test_company_file import worked_off


async def write_back(office: DesktopOffice, connection: Connection) -> None:
    async with office.product.session() as session:
        wanted = choices_of(await connection_settings(session, connection.id))
        on = replace(wanted, write_back=True, write_back_from=date(2026, 1, 1))
        await change_settings(session, connection.id, on, None, office.product.admin_id)


def do(office: DesktopOffice, action: str, **fields: Any) -> dict[str, Any]:
    done: dict[str, Any] = act(office.file, Action.model_validate({"action": action, **fields}))
    return done


async def read_now(office: DesktopOffice) -> None:
    """An hour has passed: everything of the company file is due to be read."""
    async with office.product.session() as session:
        for reading in await session.exec(
            select(DesktopReading).where(DesktopReading.company_id == session.company_id)
        ):
            reading.due_at = session.now
            session.add(reading)
    await office.update()
    await office.product.wake("the company file was read")


def issued(office: DesktopOffice) -> list[tuple[int, str, str, str]]:
    """Requisition, amount, check number and method of every contract payment."""
    found = office.product.procore.records.contract_payments.values()
    return sorted(
        (one["requisition_id"], one["amount"], one.get("check_number") or "", one["payment_method"]) for one in found
    )


async def settled(office: DesktopOffice) -> dict[str, str]:
    """How each linked bill stands, by TxnID."""
    async with office.product.session() as session:
        found = await session.exec(
            select(BillLink.quickbooks_id, InvoiceRow.settled)
            .join(InvoiceRow, InvoiceRow.id == BillLink.invoice_id)  # type: ignore[arg-type]
            .where(BillLink.company_id == session.company_id, InvoiceRow.company_id == session.company_id)
        )
        return {bill: str(one) for bill, one in found}


async def comes_to(office: DesktopOffice, wanted: list[tuple[int, str, str, str]]) -> None:
    async def stands() -> bool:
        return issued(office) == sorted(wanted)

    try:
        await eventually(stands, 30)
    except AssertionError:
        assert issued(office) == sorted(wanted)


Requisitions = dict[str, int]


async def requisitions(office: DesktopOffice) -> Requisitions:
    async with office.product.session() as session:
        found = await session.exec(
            select(BillLink.quickbooks_id, InvoiceRow.source_id)
            .join(InvoiceRow, InvoiceRow.id == BillLink.invoice_id)  # type: ignore[arg-type]
            .where(BillLink.company_id == session.company_id, InvoiceRow.company_id == session.company_id)
        )
        return {bill: int(source) for bill, source in found}


async def test_checks_cards_credits_discounts_voids_and_deletions(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = tidewater_world()
    async with desktop_office(documents, database_url, temporal_client, task_queue) as office:
        connection = await office.mirror(documents)
        await worked_off(office)
        await write_back(office, connection)
        of = await requisitions(office)
        bills = {txn: total for txn, _, total in office.bills() if total > 100}
        first, second, third, fourth, *_ = bills
        in_part = do(office, "pay", bills=[{"bill": first, "amount": "60.00", "discount": "5.00"}], number="2001")
        do(office, "pay", bills=[{"bill": second}], by_card=True, number="77")
        vendor = office.file.find("Bill", third)["VendorRef"]  # type: ignore[index]
        account = office.file.find("Bill", third)["expense_lines"][0]["AccountRef"]  # type: ignore[index]
        line = {"AccountRef": account, "Amount": f"{bills[third]}"}
        credit = do(office, "enter", kind="VendorCredit", fields={"VendorRef": vendor, "expense_lines": [line]})
        do(office, "settle_by", kind="VendorCredit", id=credit["TxnID"], other_id=third)
        gone = do(office, "pay", bills=[{"bill": fourth}], number="2002")
        do(office, "pay", bills=[{"bill": first, "amount": "10.00"}], to_print=True)
        await read_now(office)
        parts = (of[first], "60.00", "2001", "check")
        card = (of[second], f"{bills[second]:.2f}", "", "credit_card")
        await comes_to(office, [parts, card, (of[fourth], f"{bills[fourth]:.2f}", "2002", "check")])

        async def all_stand() -> bool:
            # The bills are taken in after their payments, maybe by a later look.
            stands = await settled(office)
            return [stands[one] for one in (first, second, third, fourth)] == ["part", "paid", "by_credit", "paid"]

        await eventually(all_stand, 30)
        do(office, "delete", kind="BillPaymentCheck", id=gone["TxnID"])
        do(office, "void", kind="BillPaymentCheck", id=in_part["TxnID"])
        await read_now(office)
        await comes_to(office, [card])
