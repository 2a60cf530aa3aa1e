"""The query language (reference 2.2)."""

from __future__ import annotations

import pytest

from simulators.quickbooks_online.query_language import Condition, Query, parse_query
from simulators.quickbooks_online.refusals import Refusal
from tests.simulators.quickbooks_online.books import OTHER_VENDOR, VENDOR, bill, line
from tests.simulators.quickbooks_online.conftest import Quickbooks, error_of


def test_a_statement_is_taken_apart() -> None:
    statement = (
        r"select * from Bill where DocNumber = 'O\'Neil (1)' AND VendorRef in ('1', '2') "
        "and TotalAmt>='10.50' ORDERBY TxnDate DESC, Id STARTPOSITION 11 MAXRESULTS 10"
    )
    assert parse_query(statement) == Query(
        "Bill",
        conditions=(
            Condition("DocNumber", "=", ("O'Neil (1)",)),
            Condition("VendorRef", "IN", ("1", "2")),
            Condition("TotalAmt", ">=", ("10.50",)),
        ),
        order=(("TxnDate", True), ("Id", False)),
        start=11,
        most=10,
    )


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("", "4000"),
        ("select", "4000"),
        ("delete from Bill", "4000"),
        ("select * from Bill where", "4000"),
        ("select * from Bill where Id = '1' or Id = '2'", "4000"),
        ("select * from Bill where Id ! '1'", "4000"),
        ("select * from Bill where DocNumber = 'open", "4000"),
        ("select * from Bill group by VendorRef", "4000"),
        ("select * from Bill MAXRESULTS many", "4000"),
        ("select * from Bill STARTPOSITION 0", "4001"),
        ("select * from Bill MAXRESULTS 1001", "4001"),
    ],
)
def test_bad_statements(statement: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_query(statement)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "statement",
    [
        "select * from Bills",
        "select * from Bill where Colour = 'red'",
        "select * from Bill where PrivateNote = 'x'",
        "select * from Bill where MetaData.LastUpdatedTime > 'yesterday'",
        "select * from Bill orderby Line",
    ],
)
async def test_what_cannot_be_answered_is_4001(qbo: Quickbooks, statement: str) -> None:
    answer = await qbo.call("GET", "query", params={"query": statement})
    assert (answer.status_code, error_of(answer)["code"]) == (400, "4001")


async def numbers(qbo: Quickbooks, where: str) -> list[str]:
    """The numbers of the bills that a query finds."""
    found = await qbo.query(" ".join(["select * from Bill", where]))
    return [one["DocNumber"] for one in found.get("Bill", [])]


async def test_finding_bills(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/clock", json={"now": "2026-11-20T10:00:00-08:00"})
    await qbo.post("bill", bill(line(100), DocNumber="A-1", TxnDate="2026-11-01"))
    await qbo.post("bill", bill(line(9), DocNumber="A-2", TxnDate="2026-11-02"))
    await qbo.http.post("/control/clock", json={"advance_seconds": 3600})
    await qbo.post("bill", bill(line(20.5), DocNumber="O'N", TxnDate="2026-11-03", VendorRef={"value": OTHER_VENDOR}))
    for where, expected in (
        ("", ["A-1", "A-2", "O'N"]),
        (f"where VendorRef = '{VENDOR}' and DocNumber = 'A-2'", ["A-2"]),
        (r"where DocNumber = 'O\'N'", ["O'N"]),
        ("where DocNumber like 'a-%'", ["A-1", "A-2"]),
        ("where TotalAmt > '9.5'", ["A-1", "O'N"]),
        ("where TotalAmt = '20.50'", ["O'N"]),
        ("where TotalAmt in ('9', '100.00')", ["A-1", "A-2"]),
        ("where TxnDate <= '2026-11-02' and TxnDate > '2026-11-01'", ["A-2"]),
        ("where MetaData.LastUpdatedTime > '2026-11-20T10:30:00-08:00'", ["O'N"]),
        ("where MetaData.CreateTime < '2026-11-20T18:30:00Z'", ["A-1", "A-2"]),
        ("where DocNumber = 'nothing'", []),
        ("orderby TotalAmt", ["A-2", "O'N", "A-1"]),
        ("order by TxnDate desc", ["O'N", "A-2", "A-1"]),
        ("orderby Id startposition 2 maxresults 1", ["A-2"]),
        ("startposition 4", []),
    ):
        assert await numbers(qbo, where) == expected, where


async def test_shapes_of_answers(qbo: Quickbooks) -> None:
    await qbo.post("bill", bill(DocNumber="A-1"))
    page = await qbo.query("select * from Bill")
    assert (page["startPosition"], page["maxResults"], len(page["Bill"])) == (1, 1, 1)
    assert await qbo.query("select count(*) from Bill where DocNumber = 'A-1'") == {"totalCount": 1}
    assert await qbo.query("select * from Bill where DocNumber = 'none'") == {}
    some = (await qbo.query("select Id, DocNumber from Bill"))["Bill"][0]
    assert some["sparse"] is True
    assert {"Id", "DocNumber"} <= set(some) and "TotalAmt" not in some


async def test_a_statement_may_be_posted_as_text(qbo: Quickbooks) -> None:
    answer = await qbo.call(
        "POST", "query", content="select * from CompanyInfo", headers={"content-type": "application/text"}
    )
    assert answer.json()["QueryResponse"]["CompanyInfo"][0]["CompanyName"] == "Northside Builders"


async def test_name_lists_show_active_entries_unless_asked(qbo: Quickbooks) -> None:
    assert await qbo.query("select count(*) from Vendor") == {"totalCount": 2}
    assert await qbo.query("select count(*) from Vendor where Active in (true, false)") == {"totalCount": 3}
    gone = await qbo.query("select * from Vendor where Active = false")
    assert [vendor["DisplayName"] for vendor in gone["Vendor"]] == ["Gone Steel (deleted)"]


async def test_pages_of_a_hundred_by_default(qbo: Quickbooks) -> None:
    for number in range(101):
        qbo.simulation.companies[qbo.realm].add("Term", {"Name": f"Net {number + 1000}", "Active": True})
    assert (await qbo.query("select * from Term"))["maxResults"] == 100
    assert (await qbo.query("select * from term orderby Name maxresults 1000"))["maxResults"] == 102


async def test_accounts_by_type(qbo: Quickbooks) -> None:
    found = await qbo.query("select * from Account where AccountType = 'Other Current Liability'")
    assert [account["Name"] for account in found["Account"]] == ["Retainage Payable"]
