"""Payments entered in QuickBooks Online become contract payments: the cash of each bill, never a second one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from accounting.payment_changes import WriteHold
from contracts.payments import Followed
from models.contract_payments import confirm_cash, shares_of_invoice
from models.payment_shares import settle_bills
from models.tables import BillLink
from tests.activities.conftest import Opener
from tests.activities.paying import Paying, paying


async def test_a_check_in_two_parts_is_two_contract_payments(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        hands.do("pay_bill", id=bill, amount=400, number="10432", date=hands.today.isoformat())
        assert (await hands.sync()).written == 1
        assert (await hands.invoices())[0].settled == "part"
        hands.do("pay_bill", id=bill, date=hands.today.isoformat(), number="ACH 0712")
        assert (await hands.sync()).written == 1
        assert (await hands.invoices())[0].settled == "paid"
        first, second = hands.issued()
        assert (first["amount"], first["check_number"], first["payment_method"]) == ("400.00", "10432", "check")
        assert (second.get("check_number"), second["payment_method"]) == (None, "electronic")
        assert first["requisition_id"] == int(row.source_id) and first["contract_id"] == int(row.commitment_id)
        assert (first["invoice_number"], first["notes"]) == (row.number, "QuickBooks check 10432 of $400.00")
        assert first["origin_id"] != second["origin_id"] and first["origin_id"].startswith("ib-")
        assert Decimal(first["amount"]) + Decimal(second["amount"]) == row.due
        # Nothing new: nothing is done, however often it is looked at.
        assert await hands.sync() == Followed() and len(hands.issued()) == 2


async def test_one_check_for_two_bills_less_a_credit_adds_up_to_its_cash(open_world: Opener) -> None:
    # Every job has one vendor's contracts in turn: the world of two invoices has two vendors, so one bill moves over.
    async with paying(open_world, 2) as hands:
        one, two = await hands.bills()
        vendor = hands.books.entities["Bill"][one]["VendorRef"]
        hands.books.entities["Bill"][two]["VendorRef"] = vendor
        line = {**hands.books.entities["Bill"][one]["Line"][0], "Amount": 250}
        credit = hands.do("create", kind="VendorCredit", fields={"VendorRef": vendor, "Line": [line]})
        shares = [{"id": one}, {"id": two}, {"id": credit["Id"], "kind": "VendorCredit"}]
        paid = hands.do("pay_bills", shares=shares, number="2001", date=hands.today.isoformat())
        assert (await hands.sync()).written == 2
        amounts = [Decimal(one["amount"]) for one in hands.issued()]
        assert sum(amounts) == Decimal(f"{paid['TotalAmt']}") and {one["check_number"] for one in hands.issued()} == {
            "2001"
        }
        assert [row.settled for row in await hands.invoices()] == ["paid", "paid"]
        assert sorted(share.credit for share in await hands.shares()) == [Decimal(0), Decimal(250)]


@pytest.mark.parametrize(
    ("settle", "settled"),
    [
        (lambda hands, bill, debit: hands.do("pay_bill", id=bill, by_card=True), "paid"),
        (lambda hands, bill, debit: hands.do("apply_credit", id=bill, other_id=_credit(hands, bill)), "by_credit"),
        (lambda hands, bill, debit: _by(hands, bill, "journal_entry", "JournalEntry"), "no_payment_found"),
        (lambda hands, bill, debit: _by(hands, bill, "joint_check", "Check"), "no_payment_found"),
    ],
    ids=["card", "credit", "journal entry", "joint check"],
)
async def test_how_a_bill_is_settled(
    open_world: Opener, settle: Callable[[Paying, str, None], Any], settled: str
) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        settle(hands, bill, None)
        followed = await hands.sync()
        (row,) = await hands.invoices()
        assert row.settled == settled
        # Only cash goes to Procore.
        assert followed.written == (1 if settled == "paid" else 0) == len(hands.issued())
        assert [one["payment_method"] for one in hands.issued()] == (["credit_card"] if settled == "paid" else [])


async def test_a_journal_entry_that_paid_the_vendor_goes_to_procore_once_a_person_said_so(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        _by(hands, bill, "journal_entry", "JournalEntry")
        assert (await hands.sync()).written == 0
        async with hands.desks.product.session() as session:
            (share,) = await shares_of_invoice(session, row.id)
            await confirm_cash(session, share, row.due, hands.desks.product.admin_id)
            await session.flush()
            await settle_bills(session, hands.connection.id, [bill])
        assert (await hands.sync()).written == 1
        (issued,) = hands.issued()
        assert (Decimal(issued["amount"]), issued["payment_method"]) == (row.due, "electronic")
        assert issued["notes"].startswith("QuickBooks journal entry") and (await hands.invoices())[0].settled == "paid"


def _credit(hands: Paying, bill_id: str) -> str:
    bill = hands.books.entities["Bill"][bill_id]
    line = {**bill["Line"][0], "Amount": bill["TotalAmt"]}
    made = hands.do("create", kind="VendorCredit", fields={"VendorRef": bill["VendorRef"], "Line": [line]})
    return str(made["Id"])


def _by(hands: Paying, bill_id: str, action: str, kind: str) -> Any:
    bill = hands.books.entities["Bill"][bill_id]
    debit = hands.do(action, id=bill["VendorRef"]["value"], amount=bill["TotalAmt"])
    shares = [{"id": bill_id}, {"id": debit["Id"], "kind": kind, "amount": bill["TotalAmt"]}]
    return hands.do("pay_bills", shares=shares)


@pytest.mark.parametrize("deed", ["void", "delete"])
async def test_a_withdrawn_payment_is_taken_out_of_procore(open_world: Opener, deed: str) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        paid = hands.do("pay_bill", id=bill, number="77")
        await hands.sync()
        assert len(hands.issued()) == 1
        if deed == "void":
            hands.do("void_payment", id=paid["Id"])
        else:
            hands.do("delete", kind="BillPayment", id=paid["Id"])
        assert (await hands.sync()).removed == 1
        assert hands.issued() == [] and (await hands.invoices())[0].settled == "open"
        # Paid again, by another check.
        hands.do("pay_bill", id=bill, number="78")
        assert (await hands.sync()).written == 1
        assert [number for _, number in hands.cash()] == ["78"]


async def test_a_payment_moved_to_another_bill_moves_in_procore(open_world: Opener) -> None:
    async with paying(open_world, 2) as hands:
        one, two = await hands.bills()
        hands.books.entities["Bill"][two]["VendorRef"] = hands.books.entities["Bill"][one]["VendorRef"]
        paid = hands.do("pay_bill", id=one, amount=500, number="9")
        await hands.sync()
        lines = [{"Amount": 450, "LinkedTxn": [{"TxnId": two, "TxnType": "Bill"}]}]
        hands.do("edit", kind="BillPayment", id=paid["Id"], fields={"TotalAmt": 450, "Line": lines})
        followed = await hands.sync()
        assert (followed.removed, followed.written) == (1, 1)
        rows = await hands.invoices()
        (issued,) = hands.issued()
        assert (issued["amount"], issued["requisition_id"]) == ("450.00", int(rows[1].source_id))
        assert [row.settled for row in rows] == ["open", "part"]


async def test_an_edited_amount_number_and_date_are_followed(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        paid = hands.do("pay_bill", id=bill, amount=500, number="9", date=hands.today.isoformat())
        await hands.sync()
        lines = [{"Amount": 450, "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}]
        yesterday = (hands.today - timedelta(days=1)).isoformat()
        fields = {"TotalAmt": 450, "Line": lines, "DocNumber": "10", "TxnDate": yesterday}
        hands.do("edit", kind="BillPayment", id=paid["Id"], fields=fields)
        assert (await hands.sync()).changed == 1
        (issued,) = hands.issued()
        assert (issued["amount"], issued["check_number"], issued["date"]) == ("450.00", "10", yesterday)
        # Locked again.
        assert issued["origin_id"].startswith("ib-")


async def test_a_transfer_that_was_a_card_payment_after_all_is_followed(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        by_card = hands.do("pay_bill", id=bill, amount=100, by_card=True, date="2026-07-14")
        paid = hands.do("pay_bill", id=bill, amount=500, date="2026-07-15")
        await hands.sync()
        means = {"PayType": "CreditCard", "CreditCardPayment": by_card["CreditCardPayment"]}
        hands.do("edit", kind="BillPayment", id=paid["Id"], fields=means)
        assert (await hands.sync()).changed == 1
        assert sorted((one["payment_method"], one["notes"]) for one in hands.issued()) == [
            ("credit_card", "QuickBooks card payment of $100.00"),
            ("credit_card", "QuickBooks card payment of $500.00"),
        ]
        assert await hands.sync() == Followed()


async def test_what_is_not_made_yet_waits(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        ahead = hands.today + timedelta(days=3)
        hands.do("pay_bill", id=bill, amount=100, number="1", date=ahead.isoformat())
        printing = hands.do("pay_bill", id=bill, amount=200, to_print=True, date=hands.today.isoformat())
        assert await hands.sync() == Followed() and hands.issued() == []
        assert {share.hold for share in await hands.shares()} == {WriteHold.DATED_AHEAD, WriteHold.TO_PRINT}
        check = {**printing["CheckPayment"], "PrintStatus": "PrintComplete"}
        hands.do("edit", kind="BillPayment", id=printing["Id"], fields={"CheckPayment": check, "DocNumber": "2"})
        assert (await hands.sync()).written == 1
        hands.desks.advance(timedelta(days=4))
        assert (await hands.follow()).written == 1
        assert sorted(hands.cash()) == [("100.00", "1"), ("200.00", "2")]


async def test_what_a_person_entered_is_adopted_and_never_touched(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        near = (hands.today - timedelta(days=6)).isoformat()
        by_hand = hands.issue(contract_id=int(row.commitment_id), amount="500.00", date=near)
        paid = hands.do("pay_bill", id=bill, amount=500, number="9", date=hands.today.isoformat())
        followed = await hands.sync()
        assert (followed.adopted, followed.written) == (1, 0)
        assert [one["id"] for one in hands.issued()] == [by_hand["id"]]
        # A second payment of the same amount is another one.
        hands.do("pay_bill", id=bill, amount=500, number="10", date=hands.today.isoformat())
        assert (await hands.sync()).written == 1
        hands.correct(by_hand["id"], amount="480.00")
        hands.do("void_payment", id=paid["Id"])
        assert await hands.sync() == Followed()
        assert len(hands.issued()) == 2
        # What stands there now is known, for whoever compares.
        assert [share.procore_amount for share in await hands.shares() if share.hold is WriteHold.ENTERED_BY_HAND] == [
            Decimal(480)
        ]


async def test_a_commitment_of_procore_pay_is_never_written_to(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        hands.issue(contract_id=int(row.commitment_id), amount="33.00", date=hands.today.isoformat(), procore_pay=True)
        hands.do("pay_bill", id=bill, number="9")
        assert await hands.sync() == Followed()
        assert [share.hold for share in await hands.shares()] == [WriteHold.PROCORE_PAY]
        assert len(hands.issued()) == 1


async def test_payments_switched_off_on_a_commitment_are_a_reason_until_they_are_on(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        (row,) = await hands.invoices()
        commitment = hands.desks.product.procore.records.commitments[int(row.commitment_id)]
        commitment["allow_payments"] = False
        hands.do("pay_bill", id=bill, number="9")
        assert await hands.sync() == Followed()
        (share,) = await hands.shares()
        assert (share.hold, share.said) == (WriteHold.REFUSED, "Payments are not enabled on this commitment.")
        assert await hands.follow() == Followed()
        commitment["allow_payments"] = True
        hands.desks.advance(timedelta(hours=7))
        assert (await hands.follow()).written == 1


async def test_another_currency_and_more_than_the_bill_are_not_written(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        foreign = hands.do("pay_bill", id=bill, amount=100, number="1")
        hands.books.entities["BillPayment"][foreign["Id"]]["CurrencyRef"] = {"value": "CAD"}
        assert await hands.sync() == Followed()
        whole = hands.do("pay_bill", id=bill, number="2")
        hands.books.entities["BillPayment"][whole["Id"]]["TotalAmt"] += 1
        hands.books.entities["BillPayment"][whole["Id"]]["Line"][0]["Amount"] += 1
        assert await hands.sync() == Followed() and hands.issued() == []
        assert {share.hold for share in await hands.shares()} == {WriteHold.OTHER_CURRENCY, WriteHold.LARGER_THAN_BILL}
        # Without the other one it fits.
        hands.do("delete", kind="BillPayment", id=foreign["Id"])
        hands.books.entities["BillPayment"][whole["Id"]]["TotalAmt"] -= 1
        hands.books.entities["BillPayment"][whole["Id"]]["Line"][0]["Amount"] -= 1
        assert (await hands.sync()).written == 1


async def test_a_payment_dated_in_a_closed_month_keeps_its_date(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        hands.do("pay_bill", id=bill, number="1", date="2026-01-15")
        hands.do("close_books", value="2026-06-30")
        assert (await hands.sync()).written == 1
        assert [one["date"] for one in hands.issued()] == ["2026-01-15"]


async def test_off_payments_are_shown_only_and_the_start_date_counts(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        await hands.write_back(on=False)
        earlier = hands.today - timedelta(days=10)
        hands.do("pay_bill", id=bill, amount=100, number="1", date=earlier.isoformat())
        hands.do("pay_bill", id=bill, amount=200, number="2", date=hands.today.isoformat())
        assert await hands.sync() == Followed()
        assert sorted(share.cash for share in await hands.shares()) == [Decimal(100), Decimal(200)]
        await hands.write_back(since=hands.today)
        assert (await hands.follow()).written == 1
        assert hands.cash() == [("200.00", "2")]
        await hands.write_back(since=earlier)
        assert (await hands.follow()).written == 1


async def test_paid_while_we_were_away_is_found_afterwards(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        hands.do("pay_bill", id=bill, amount=100, number="1")
        hands.desks.advance(timedelta(days=40))
        hands.do("pay_bill", id=bill, amount=200, number="2")
        hands.desks.advance(timedelta(days=1))
        assert (await hands.sync()).written == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "drop_after"},
        {"effect": "empty"},
        {"effect": "after_status", "status": 500},
        {"effect": "status", "status": 503},
        {"effect": "drop_before"},
    ],
    ids=str,
)
async def test_a_lost_answer_makes_no_second_payment(open_world: Opener, rule: dict[str, Any]) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        await hands.arrange_fault(method="POST", **rule)
        hands.do("pay_bill", id=bill, number="9")
        assert await hands.sync() == Followed()
        hands.desks.advance(timedelta(minutes=1))
        assert (await hands.follow()).written == 1
        assert len(hands.issued()) == 1
        (attempt,) = [one for one in await hands.desks.attempts() if one.subject_kind == "payment_share"]
        assert (attempt.state, attempt.memo_marker) == ("accepted", hands.issued()[0]["origin_id"])
        assert await hands.sync() == Followed()


async def test_procore_away_puts_off_and_holds_up_nothing(open_world: Opener) -> None:
    async with paying(open_world, 2, projects=2) as hands:
        one, two = await hands.bills()
        (first, _) = await hands.invoices()
        await hands.arrange_fault(method="GET", query=f"contract_id={first.commitment_id}", effect="status", status=503)
        hands.do("pay_bill", id=one, number="1")
        hands.do("pay_bill", id=two, number="2")
        assert (await hands.sync()).written == 1
        assert hands.cash()[0][1] == "2"
        hands.desks.advance(timedelta(minutes=1))
        assert (await hands.follow()).written == 1


async def test_a_credit_beside_a_bill_that_is_not_ours_waits_for_a_person(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        ours = hands.books.entities["Bill"][bill]
        line = {**ours["Line"][0], "Amount": 300}
        other = hands.do("create", fields={"VendorRef": ours["VendorRef"], "DocNumber": "X-1", "Line": [line]})
        credit = hands.do(
            "create", kind="VendorCredit", fields={"VendorRef": ours["VendorRef"], "Line": [{**line, "Amount": 50}]}
        )
        shares = [{"id": bill}, {"id": other["Id"]}, {"id": credit["Id"], "kind": "VendorCredit"}]
        hands.do("pay_bills", shares=shares, number="5")
        assert await hands.sync() == Followed()
        (share,) = await hands.shares()
        assert (share.hold, share.is_unclear) == (WriteHold.CREDIT_UNCLEAR, True)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_taking_back_goes_on_where_it_broke_off(open_world: Opener, method: str) -> None:
    """The lock is taken off first: whatever fails after that, the payment is known by its id."""
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        paid = hands.do("pay_bill", id=bill, number="9", date="2026-07-15")
        await hands.sync()
        hands.do("void_payment", id=paid["Id"])
        await hands.arrange_fault(method=method, effect="after_status", status=500)
        assert await hands.sync() == Followed()
        hands.desks.advance(timedelta(minutes=1))
        await hands.follow()
        assert hands.issued() == []
        assert (await hands.shares())[0].procore_payment_id is None


async def test_a_correction_goes_on_where_it_broke_off(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        paid = hands.do("pay_bill", id=bill, amount=500, number="9", date="2026-07-15")
        await hands.sync()
        hands.do("edit", kind="BillPayment", id=paid["Id"], fields={"DocNumber": "10"})
        await hands.arrange_fault(method="PATCH", after=1, effect="status", status=503)
        assert await hands.sync() == Followed()
        (unlocked,) = hands.issued()
        assert unlocked["origin_id"] is None
        hands.desks.advance(timedelta(minutes=1))
        assert (await hands.follow()).changed == 1
        (issued,) = hands.issued()
        assert (issued["check_number"], issued["origin_id"][:3]) == ("10", "ib-")


async def test_a_bill_linked_by_a_person_brings_its_payments_and_takes_them_along(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        hands.do("pay_bill", id=bill, number="9", date="2026-07-15")
        await hands.sync()
        async with hands.desks.product.session() as session:
            links = await session.exec(select(BillLink).where(BillLink.company_id == session.company_id))
            link = links.one()
            link.ended_at = session.now
            session.add(link)
            await settle_bills(session, link.connection_id, [bill])
        assert (await hands.invoices())[0].settled == "open"
        assert (await hands.follow()).removed == 1
        async with hands.desks.product.session() as session:
            links = await session.exec(select(BillLink).where(BillLink.company_id == session.company_id))
            link = links.one()
            link.ended_at = None
            session.add(link)
            await settle_bills(session, link.connection_id, [bill])
        assert (await hands.invoices())[0].settled == "paid"
        assert (await hands.follow()).written == 1
        attempts = [one for one in await hands.desks.attempts() if one.subject_kind == "payment_share"]
        assert sorted(one.generation for one in attempts) == [1, 2]
