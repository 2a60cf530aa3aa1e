"""Pages of a company file's lists and bills, as our tables keep them."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from activities.desktop_lists import ReadBefore, bill_row, list_entries
from models.reference_lists import EntryDetails, ListEntry
from models.tables import ReadingKind
from providers.quickbooks_desktop.answers import Response, read_answer
from providers.quickbooks_desktop.messages.bills import BillRet

COST, INCOME = "80000020-1", "80000021-1"
NOTHING_KNOWN = ReadBefore({}, ())


def answer(name: str, inside: str) -> Response:
    told = f'<{name} requestID="1" statusCode="0" statusSeverity="Info" statusMessage="OK">{inside}</{name}>'
    return read_answer(f"<QBXML><QBXMLMsgsRs>{told}</QBXMLMsgsRs></QBXML>").to("1")


def listed(number: int, name: str) -> str:
    return f"<ListID>8000000{number}-1</ListID><Name>{name}</Name><IsActive>true</IsActive>"


def item(element: str, number: int, inside: str = "") -> str:
    return f"<{element}>{listed(number, f'item {number}')}{inside}</{element}>"


def one_account(account: str) -> str:
    return f"<SalesOrPurchase><Price>0.00</Price><AccountRef><ListID>{account}</ListID></AccountRef></SalesOrPurchase>"


def test_an_item_says_what_it_is_and_where_a_cost_of_it_is_booked() -> None:
    both = (
        f"<SalesAndPurchase><IncomeAccountRef><ListID>{INCOME}</ListID></IncomeAccountRef>"
        f"<ExpenseAccountRef><ListID>{COST}</ListID></ExpenseAccountRef></SalesAndPurchase>"
    )
    page = answer(
        "ItemQueryRs",
        item("ItemServiceRet", 1, both)
        + item("ItemNonInventoryRet", 2, one_account(COST))
        + item("ItemServiceRet", 3, one_account(INCOME))
        + item("ItemInventoryRet", 4)
        + item("ItemGroupRet", 5),
    )
    told = list_entries(ReadingKind.ITEMS, page, ReadBefore({}, {COST}))
    assert [(one.details.item_type, one.details.expense_account_id) for one in told] == [
        ("Service", COST),
        ("NonInventory", COST),
        # Only ever sold: a cost of it would be booked as income.
        ("Service", ""),
        ("Inventory", ""),
        ("Group", ""),
    ]


def test_a_vendor_is_recognised_by_street_mail_phone_and_number() -> None:
    at = (
        "<VendorAddress><Addr1>Ernie's Electrical</Addr1><Addr2>12 Dock St</Addr2><City>Norfolk</City>"
        "<State>VA</State><PostalCode>23510-1234</PostalCode></VendorAddress>"
    )
    said = f"{at}<Phone>(757) 555-0101</Phone><Email>ap@ernies.example</Email><AccountNumber>V-17</AccountNumber>"
    terms = "<TermsRef><ListID>80000002-1</ListID></TermsRef>"
    page = answer("VendorQueryRs", f"<VendorRet>{listed(1, 'Ernie')}{said}{terms}</VendorRet>")
    (vendor,) = list_entries(ReadingKind.VENDORS, page, ReadBefore({"80000002-1": 45}, ()))
    assert vendor == ListEntry(
        "Vendor", "80000001-1", "Ernie", "Ernie", True, terms_id="80000002-1", terms_days=45,
        details=EntryDetails("V-17", "ap@ernies.example", "(757) 555-0101", "12 Dock St Norfolk 23510"),
    )  # fmt: skip


def test_a_vendor_without_any_of_it_has_empty_details() -> None:
    page = answer("VendorQueryRs", f"<VendorRet>{listed(1, 'Ernie')}</VendorRet>")
    assert list_entries(ReadingKind.VENDORS, page, NOTHING_KNOWN)[0].details == EntryDetails()


def test_a_bill_of_the_copy_knows_its_jobs_and_what_was_billed_before_retainage() -> None:
    def line(element: str, amount: str, job: str) -> str:
        at = f"<CustomerRef><ListID>{job}</ListID></CustomerRef>" if job else ""
        return f"<{element}><TxnLineID>1</TxnLineID><Amount>{amount}</Amount>{at}</{element}>"

    lines = line("ExpenseLineRet", "1000.00", "T") + line("ExpenseLineRet", "-100.00", "T")
    lines += line("ItemLineRet", "50.00", "S") + line("ItemLineRet", "5.00", "")
    head = "<TxnID>1A-1</TxnID><EditSequence>1</EditSequence><TxnDate>2026-06-30</TxnDate><AmountDue>955.00</AmountDue>"
    (bill,) = answer("BillQueryRs", f"<BillRet>{head}{lines}</BillRet>").returned(BillRet)
    row = bill_row(UUID(int=1), bill, datetime(2026, 7, 1, tzinfo=UTC))
    assert (row["customer_ids"], row["gross"], row["total"]) == (["S", "T"], Decimal("1055.00"), Decimal("955.00"))
