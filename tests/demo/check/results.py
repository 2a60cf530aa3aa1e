"""A correct result of a round, made from the seed's literals alone; tests break it in one place each."""

from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.check.ledger import Ledger, LedgerInvoice, Link
from demo.check.oracle import Evidence
from demo.check.wanted import BillForm, Wanted, everything_wanted
from simulators.world.documents import Documents

UPLOAD_ID = "0190c0de-0000-7000-8000-000000000001"
FIRST_NEW_BILL = 700_000


@dataclass
class Result:
    """Everything the oracle looks at, ready to be broken."""

    documents: Documents
    wanted: list[Wanted]
    books: dict[str, Any]
    procore: dict[str, Any]
    ledger: Ledger

    @property
    def company(self) -> dict[str, Any]:
        realm_id = self.documents.expected["realm_id"]
        found: dict[str, Any] = next(one for one in self.books["companies"] if one["realm_id"] == realm_id)
        return found

    def evidence(self) -> Evidence:
        expected = self.documents.expected
        script = expected["script"]
        acts = [
            *script["approve"],
            *script["during_life"],
            *script["unapprove"].values(),
            script["approve_after_off"],
        ]
        return Evidence(
            wanted=self.wanted,
            realm_id=expected["realm_id"],
            ap_account=expected["ap_account"],
            books_before=self.documents.quickbooks_online,
            books_after=self.books,
            procore_before=self.documents.procore,
            procore_after=self.procore,
            touched_requisitions=frozenset(act["requisition_id"] for act in acts),
            ledger=Ledger(
                invoices=self.ledger.invoices,
                verdicts=self.ledger.verdicts,
                open_attempts=self.ledger.open_attempts,
                open_batches=self.ledger.open_batches,
                strangers=self.ledger.strangers,
            ),
        )

    def first(self, verdict: str) -> Wanted:
        return next(one for one in self.wanted if one.verdict == verdict)

    def bill_of(self, one: Wanted) -> dict[str, Any]:
        """The bill that was posted for it."""
        place = self.wanted.index(one)
        found: dict[str, Any] = next(row for row in self.company["Bill"] if row["Id"] == str(FIRST_NEW_BILL + place))
        return found

    def post(self, form: BillForm, quickbooks_id: str) -> None:
        """Put one more bill into the books."""
        self.company["Bill"].append(_bill(self.company, form, quickbooks_id))

    def row_of(self, one: Wanted) -> LedgerInvoice:
        return next(row for row in self.ledger.invoices if row.source_id == one.source_id)

    def replace_row(self, old: LedgerInvoice, *new: LedgerInvoice) -> None:
        self.ledger.invoices.remove(old)
        self.ledger.invoices.extend(new)


def correct_result(documents: Documents, *, freed: bool = False) -> Result:
    """What a perfect round leaves behind; ``freed``: one in which a person cleared what invoices waited for."""
    script = documents.expected["script"]
    approved = [act["requisition_id"] for act in (*script["approve"], *script["during_life"])]
    wanted = everything_wanted(documents.expected, approved, UPLOAD_ID, freed=freed)
    result = Result(
        documents=documents,
        wanted=wanted,
        books=deepcopy(documents.quickbooks_online),
        procore=_procore(documents.procore),
        ledger=Ledger(invoices=[], verdicts={}),
    )
    known = {row["DisplayName"] for row in result.company["Vendor"]}
    for name in sorted({one.bill.vendor for one in wanted if one.bill is not None} - known):
        result.company["Vendor"].append({"Id": f"created {name}", "DisplayName": name})
    for place, one in enumerate(wanted):
        quickbooks_id = str(FIRST_NEW_BILL + place)
        if one.credit is not None:
            result.company["VendorCredit"].append(_bill(result.company, one.credit, quickbooks_id))
        if one.bill is not None:
            result.post(one.bill, quickbooks_id)
        if one.verdict == "not_imported":
            result.ledger.verdicts[one.source_id] = ("not_imported", one.reason)
        elif one.verdict != "unseen":
            result.ledger.invoices.append(_row(one, quickbooks_id))
    return result


def _row(one: Wanted, quickbooks_id: str) -> LedgerInvoice:
    form = one.bill or one.credit
    states = {
        "bill": "posted",
        "credit": "posted",
        "held": "needs_you",
        "nothing_to_post": "nothing_to_post",
        "withdrawn": "imported",
    }
    return LedgerInvoice(
        source=one.source,
        source_id=one.source_id,
        number=form.number if form else "",
        due=form.total if form else Decimal(0),
        state=states.get(one.verdict, "posted"),
        withdrawn=one.withdrawn,
        reasons=frozenset({one.reason} if one.verdict == "held" else set()),
        links=(Link(quickbooks_id, form.total),) if form else (),
    )


def _bill(company: dict[str, Any], form: BillForm, quickbooks_id: str) -> dict[str, Any]:
    accounts = {row["FullyQualifiedName"]: row["Id"] for row in company["Account"]}
    customers = {row["FullyQualifiedName"]: row["Id"] for row in company["Customer"]}
    vendors = {row["DisplayName"]: row["Id"] for row in company["Vendor"]}
    return {
        "Id": quickbooks_id,
        "VendorRef": {"value": vendors[form.vendor]},
        "DocNumber": form.number,
        "TxnDate": form.date,
        "DueDate": form.due,
        "TotalAmt": form.total,
        "CurrencyRef": {"value": "USD"},
        "Line": [
            {
                "Amount": amount,
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": accounts[account]},
                    "CustomerRef": {"value": customers[customer]},
                },
            }
            # The other way round than the literals: the order of lines is nobody's business.
            for account, customer, amount in reversed(form.lines)
        ],
    }


def _procore(seeded: dict[str, Any]) -> dict[str, Any]:
    issued = [one for commitment in seeded["commitments"] for one in commitment.get("payments_issued") or []]
    return {"requisitions": deepcopy(seeded["requisitions"]), "contract_payments": issued}


__all__ = ["FIRST_NEW_BILL", "UPLOAD_ID", "Result", "correct_result"]
