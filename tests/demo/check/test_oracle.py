"""The oracle finds every planted error, and nothing in a correct result."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.check.ledger import LedgerInvoice, Link
from demo.check.oracle import Kind, judge
from demo.check.wanted import REQUISITION
from tests.demo.check.results import FIRST_NEW_BILL, Result

Break = Callable[[Result], None]


def test_a_correct_result_has_no_difference(result: Result) -> None:
    verdict = judge(result.evidence())
    assert verdict.differences == ()
    assert verdict.bills == verdict.eligible
    script = result.documents.expected["script"]
    seeded = sum(1 for one in result.documents.expected["requisitions"].values() if one["verdict"] == "bill")
    assert verdict.eligible == seeded - 1 + len(script["approve"]) + len(script["during_life"]) + 1


def missing_bill(result: Result) -> None:
    result.company["Bill"].remove(result.bill_of(result.first("bill")))


def duplicate_bill(result: Result) -> None:
    form = result.first("bill").bill
    assert form is not None
    result.post(form, "999999")


def duplicate_of_another_amount(result: Result) -> None:
    form = result.first("bill").bill
    assert form is not None
    result.post(
        replace(form, total=form.total + 1, date="2026-01-01", due="2026-01-31", lines=form.lines[:1]), "999999"
    )


def wrong_vendor(result: Result) -> None:
    bill = result.bill_of(result.first("bill"))
    bill["VendorRef"] = {"value": _another(result, "Vendor", bill["VendorRef"]["value"])}


def wrong_number(result: Result) -> None:
    result.bill_of(result.first("bill"))["DocNumber"] += "X"


def wrong_date(result: Result) -> None:
    result.bill_of(result.first("bill"))["TxnDate"] = "2026-01-01"


def wrong_due_date(result: Result) -> None:
    result.bill_of(result.first("bill"))["DueDate"] = "2026-01-01"


def wrong_line_amounts(result: Result) -> None:
    """A cent moved from one line to another: the total stays right."""
    lines = result.bill_of(result.first("bill"))["Line"]
    lines[0]["Amount"] += Decimal("0.01")
    lines[1]["Amount"] -= Decimal("0.01")


def wrong_account(result: Result) -> None:
    detail = result.bill_of(result.first("bill"))["Line"][0]["AccountBasedExpenseLineDetail"]
    detail["AccountRef"] = {"value": _another(result, "Account", detail["AccountRef"]["value"])}


def wrong_customer(result: Result) -> None:
    detail = result.bill_of(result.first("bill"))["Line"][0]["AccountBasedExpenseLineDetail"]
    detail["CustomerRef"] = {"value": _another(result, "Customer", detail["CustomerRef"]["value"])}


def missing_line(result: Result) -> None:
    result.bill_of(result.first("bill"))["Line"].pop()


def wrong_total(result: Result) -> None:
    result.bill_of(result.first("bill"))["TotalAmt"] += Decimal("0.01")


def wrong_payables_account(result: Result) -> None:
    expense = next(row["Id"] for row in result.company["Account"] if row["AccountType"] == "Cost of Goods Sold")
    result.bill_of(result.first("bill"))["APAccountRef"] = {"value": expense}


def wrong_currency(result: Result) -> None:
    result.bill_of(result.first("bill"))["CurrencyRef"] = {"value": "CAD"}


def ineligible_posted(result: Result) -> None:
    form = result.first("bill").bill
    assert form is not None
    result.post(replace(form, number="NOBODY ASKED", total=Decimal("1.00"), lines=()), "999999")


def posted_after_toggle_off(result: Result) -> None:
    after_off = result.documents.expected["script"]["approve_after_off"]
    result.ledger.invoices.append(
        LedgerInvoice(REQUISITION, str(after_off["requisition_id"]), "x", Decimal(1), "posted", withdrawn=False)
    )


def withdrawn_one_posted(result: Result) -> None:
    row = result.row_of(result.first("withdrawn"))
    result.replace_row(row, replace(row, state="posted", links=(Link("999999", Decimal(1)),)))


def withdrawal_not_shown(result: Result) -> None:
    row = result.row_of(next(one for one in result.wanted if one.withdrawn and one.bill is not None))
    result.replace_row(row, replace(row, withdrawn=False))


def approval_shown_as_withdrawn(result: Result) -> None:
    row = result.row_of(result.first("bill"))
    result.replace_row(row, replace(row, withdrawn=True))


def held_one_missing(result: Result) -> None:
    result.ledger.invoices.remove(result.row_of(result.first("held")))


def held_for_another_reason(result: Result) -> None:
    row = result.row_of(result.first("held"))
    result.replace_row(row, replace(row, reasons=frozenset({"our_bug"})))


def held_one_posted(result: Result) -> None:
    row = result.row_of(result.first("held"))
    result.replace_row(row, replace(row, state="posted", links=(Link("999999", Decimal(1)),)))


def not_imported_without_verdict(result: Result) -> None:
    del result.ledger.verdicts[result.first("not_imported").source_id]


def not_imported_for_another_reason(result: Result) -> None:
    result.ledger.verdicts[result.first("not_imported").source_id] = ("not_imported", "nonsense")


def not_imported_came_in(result: Result) -> None:
    one = result.first("not_imported")
    result.ledger.invoices.append(
        LedgerInvoice(one.source, one.source_id, "x", Decimal(1), "imported", withdrawn=False)
    )


def upload_never_synced(result: Result) -> None:
    upload = next(one for one in result.wanted if one.source == "upload")
    result.company["Bill"].remove(result.bill_of(upload))
    result.ledger.invoices.remove(result.row_of(upload))


def two_links(result: Result) -> None:
    row = result.row_of(result.first("bill"))
    result.replace_row(row, replace(row, links=(*row.links, Link("999999", Decimal(1)))))


def link_to_another_bill(result: Result) -> None:
    row = result.row_of(result.first("bill"))
    result.replace_row(row, replace(row, links=(Link(str(FIRST_NEW_BILL - 1), Decimal(1)),)))


def not_posted_in_the_ledger(result: Result) -> None:
    row = result.row_of(result.first("bill"))
    result.replace_row(row, replace(row, state="sending"))


def nothing_to_post_posted(result: Result) -> None:
    row = result.row_of(result.first("nothing_to_post"))
    result.replace_row(row, replace(row, state="imported"))


def unfinished_attempt(result: Result) -> None:
    result.ledger.open_attempts = 1


def unfinished_batch(result: Result) -> None:
    result.ledger.open_batches = 1


def unknown_invoice(result: Result) -> None:
    result.ledger.invoices.append(LedgerInvoice(REQUISITION, "1", "x", Decimal(1), "imported", withdrawn=False))


def invoice_of_another_company(result: Result) -> None:
    result.ledger.strangers = 1


def old_bill_changed(result: Result) -> None:
    result.company["Bill"][0]["DocNumber"] = "CHANGED"


def old_bill_deleted(result: Result) -> None:
    del result.company["Bill"][0]


def bill_in_another_company(result: Result) -> None:
    other = next(one for one in result.books["companies"] if one is not result.company)
    other["Bill"].append({"Id": "999999"})


def procore_status_changed(result: Result) -> None:
    result.procore["requisitions"][0]["status"] = "void"


def procore_requisition_deleted(result: Result) -> None:
    del result.procore["requisitions"][0]


def procore_payment_made(result: Result) -> None:
    result.procore["contract_payments"].append({"id": 1})


@pytest.mark.parametrize(
    ("broken", "kind", "said"),
    [
        (missing_bill, Kind.MISSING, "no bill"),
        (duplicate_bill, Kind.DUPLICATE, "one more than"),
        (duplicate_of_another_amount, Kind.DUPLICATE, "one more than"),
        (wrong_vendor, Kind.WRONG, "vendor"),
        (wrong_number, Kind.WRONG, "number"),
        (wrong_date, Kind.WRONG, "date 2026-01-01 should be"),
        (wrong_due_date, Kind.WRONG, "due 2026-01-01 should be"),
        (wrong_line_amounts, Kind.WRONG, "lines"),
        (wrong_account, Kind.WRONG, "lines"),
        (wrong_customer, Kind.WRONG, "lines"),
        (missing_line, Kind.WRONG, "lines"),
        (wrong_total, Kind.WRONG, "total"),
        (wrong_payables_account, Kind.WRONG, "A/P account"),
        (wrong_currency, Kind.WRONG, "currency CAD"),
        (ineligible_posted, Kind.WRONG, "should not be there"),
        (posted_after_toggle_off, Kind.WRONG, "came in as an invoice"),
        (withdrawn_one_posted, Kind.WRONG, "has a bill"),
        (withdrawal_not_shown, Kind.WRONG, "approval withdrawn is False"),
        (approval_shown_as_withdrawn, Kind.WRONG, "approval withdrawn is True"),
        (held_one_missing, Kind.MISSING, "never came in"),
        (held_for_another_reason, Kind.MISSING, "not held for"),
        (held_one_posted, Kind.WRONG, "has a bill"),
        (not_imported_without_verdict, Kind.WRONG, "verdict None"),
        (not_imported_for_another_reason, Kind.WRONG, "nonsense"),
        (not_imported_came_in, Kind.WRONG, "came in as an invoice"),
        (upload_never_synced, Kind.MISSING, "upload"),
        (two_links, Kind.WRONG, "linked to"),
        (link_to_another_bill, Kind.WRONG, "linked to"),
        (not_posted_in_the_ledger, Kind.WRONG, "sending"),
        (nothing_to_post_posted, Kind.WRONG, "should be nothing to post"),
        (unfinished_attempt, Kind.WRONG, "1 attempts"),
        (unfinished_batch, Kind.WRONG, "1 batches"),
        (unknown_invoice, Kind.WRONG, "nobody expects"),
        (invoice_of_another_company, Kind.WRONG, "another company"),
        (old_bill_changed, Kind.WRONG, "changed or gone"),
        (old_bill_deleted, Kind.WRONG, "changed or gone"),
        (bill_in_another_company, Kind.WRONG, "another company changed"),
        (procore_status_changed, Kind.WRONG, "changed in Procore"),
        (procore_requisition_deleted, Kind.WRONG, "changed in Procore"),
        (procore_payment_made, Kind.WRONG, "contract payments changed"),
    ],
)
def test_each_planted_error_is_found(result: Result, broken: Break, kind: Kind, said: str) -> None:
    broken(result)
    found = [one for one in judge(result.evidence()).differences if one.kind is kind]
    assert any(said in one.sentence for one in found), judge(result.evidence()).differences


def _another(result: Result, kind: str, quickbooks_id: str) -> str:
    return next(str(row["Id"]) for row in result.company[kind] if row["Id"] != quickbooks_id)
