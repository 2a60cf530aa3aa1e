"""The judge of a demo-check round. It imports nothing of the product: literals of the seed against what is there.

Bills are matched by content alone, so that neither our links nor our memo can make a wrong bill look right; only then
are the links compared with the bills that were found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from demo.check.ledger import Ledger, LedgerInvoice
from demo.check.wanted import BillForm, Wanted

# Bill and expectation belong together when they agree in at least this many of the six parts of a form.
ENOUGH_ALIKE = 3
STILL_BEFORE_SENDING = frozenset({"imported", "waiting", "needs_you", "ready"})


class Kind(StrEnum):
    MISSING = "missing"
    DUPLICATE = "duplicates"
    WRONG = "wrong"
    LEAKED = "leaked"


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be, in a sentence."""

    kind: Kind
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """All that a round left behind: both simulators before and after, and the database. ``payments`` were expected."""

    wanted: Sequence[Wanted]
    realm_id: str
    ap_account: str
    books_before: dict[str, Any]
    books_after: dict[str, Any]
    procore_before: dict[str, Any]
    procore_after: dict[str, Any]
    touched_requisitions: frozenset[int]
    ledger: Ledger
    payments: int = 0
    # Vendor credits that a person entered in QuickBooks meanwhile, by id: no invoice asks for them.
    typed_credits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FoundBill:
    """One bill that was not in the books before."""

    quickbooks_id: str
    form: BillForm
    ap_account: str | None
    currency: str

    def __str__(self) -> str:
        return f"bill {self.quickbooks_id} ({self.form.vendor}, {self.form.number}, {self.form.total})"


class Books:
    """One QuickBooks company's state, with names instead of ids."""

    def __init__(self, state: dict[str, Any], realm_id: str) -> None:
        self._company = next(one for one in state["companies"] if one["realm_id"] == realm_id)
        self._vendors = {row["Id"]: row["DisplayName"] for row in self._company["Vendor"]}
        self._accounts = {row["Id"]: row["FullyQualifiedName"] for row in self._company["Account"]}
        self._customers = {row["Id"]: row["FullyQualifiedName"] for row in self._company["Customer"]}
        self.bills = {row["Id"]: row for row in self._company["Bill"]}
        self.credits = {row["Id"]: row for row in self._company["VendorCredit"]}

    def found(self, bill: dict[str, Any]) -> FoundBill:
        account = (bill.get("APAccountRef") or {}).get("value")
        return FoundBill(
            quickbooks_id=bill["Id"],
            form=BillForm(
                vendor=self._vendors.get(bill["VendorRef"]["value"], "?"),
                number=bill.get("DocNumber") or "",
                date=bill.get("TxnDate") or "",
                due=bill.get("DueDate") or "",
                total=Decimal(bill["TotalAmt"]),
                lines=tuple(sorted(self._line(line) for line in bill["Line"])),
            ),
            ap_account=self._accounts.get(account, "?") if account else None,
            currency=(bill.get("CurrencyRef") or {}).get("value", "USD"),
        )

    def _line(self, line: dict[str, Any]) -> tuple[str, str, Decimal]:
        detail = line.get("AccountBasedExpenseLineDetail") or {}
        account = (detail.get("AccountRef") or {}).get("value", "")
        customer = (detail.get("CustomerRef") or {}).get("value", "")
        return self._accounts.get(account, "?"), self._customers.get(customer, ""), Decimal(line["Amount"])


@dataclass(frozen=True)
class Verdict:
    """How many bills had to be there, how many are, and every difference."""

    eligible: int
    bills: int
    differences: tuple[Difference, ...]


def judge(evidence: Evidence) -> Verdict:
    """Compare everything."""
    before, after = (
        Books(evidence.books_before, evidence.realm_id),
        Books(evidence.books_after, evidence.realm_id),
    )
    found = [after.found(bill) for quickbooks_id, bill in after.bills.items() if quickbooks_id not in before.bills]
    bill_of, differences = match_bills(evidence.wanted, found)
    differences += _foreign_fields(found, evidence.ap_account)
    differences += _old_bills(before, after)
    differences += _other_companies(evidence)
    differences += _credits(evidence, before, after)
    differences += _ledger(evidence, bill_of)
    differences += _procore(evidence)
    eligible = sum(1 for one in evidence.wanted if one.bill is not None)
    return Verdict(eligible, len(found), tuple(differences))


def match_bills(
    wanted: Sequence[Wanted], found: Sequence[FoundBill]
) -> tuple[dict[Wanted, FoundBill], list[Difference]]:
    """Which bill is whose. Exact ones first, then the most alike; what is left over is a difference."""
    bill_of: dict[Wanted, FoundBill] = {}
    by_form: dict[BillForm, list[FoundBill]] = defaultdict(list)
    for bill in found:
        by_form[bill.form].append(bill)
    unmet: list[tuple[Wanted, BillForm]] = []
    for one in wanted:
        if one.bill is not None:
            if by_form[one.bill]:
                bill_of[one] = by_form[one.bill].pop(0)
            else:
                unmet.append((one, one.bill))
    spare = [bill for bills in by_form.values() for bill in bills]
    differences: list[Difference] = []
    for one, form in unmet:
        closest = max(spare, key=lambda bill: alike(bill.form, form), default=None)
        if closest is None or alike(closest.form, form) < ENOUGH_ALIKE:
            differences.append(Difference(Kind.MISSING, f"{one.name}: no bill {form.number} of {form.vendor}"))
            continue
        spare.remove(closest)
        bill_of[one] = closest
        differences += [Difference(Kind.WRONG, f"{one.name}: {closest}: {said}") for said in unlike(closest.form, form)]
    numbers = {(one.bill.vendor, one.bill.number): one for one in bill_of if one.bill is not None}
    for bill in spare:
        twin = numbers.get((bill.form.vendor, bill.form.number))
        if twin is not None:
            differences.append(Difference(Kind.DUPLICATE, f"{twin.name}: {bill} is one more than {bill_of[twin]}"))
        else:
            differences.append(Difference(Kind.WRONG, f"{bill} should not be there: no invoice asks for it"))
    return bill_of, differences


def _credits(evidence: Evidence, before: Books, after: Books) -> list[Difference]:
    """Vendor credits are few: each must be there as the seed has it, and be the one its invoice is linked to."""
    known = before.credits.keys() | evidence.typed_credits
    new = {one: after.found(row).form for one, row in after.credits.items() if one not in known}
    differences = []
    for wanted in (one for one in evidence.wanted if one.credit is not None):
        row = evidence.ledger.by_source.get((wanted.source, wanted.source_id))
        linked = [new.pop(link.quickbooks_id, None) for link in row.links] if row is not None else []
        if linked != [wanted.credit]:
            said = f"{wanted.name}: linked to vendor credits {linked}, should be {wanted.credit}"
            differences.append(Difference(Kind.WRONG, said))
    return differences + [Difference(Kind.WRONG, f"vendor credit {one} should not be there: {new[one]}") for one in new]


def alike(one: BillForm, other: BillForm) -> int:
    """In how many parts two forms agree."""
    return sum(mine == theirs for mine, theirs in zip(astuple(one), astuple(other), strict=True))


def unlike(actual: BillForm, form: BillForm) -> list[str]:
    """Each part in which a bill differs from the expected form."""
    said = []
    for part in fields(BillForm):
        mine, theirs = getattr(actual, part.name), getattr(form, part.name)
        if part.name == "lines" and mine != theirs:
            extra, lacking = Counter(mine) - Counter(theirs), Counter(theirs) - Counter(mine)
            said.append(f"lines {_lines(extra)} should be {_lines(lacking)}")
        elif mine != theirs:
            said.append(f"{part.name} {mine} should be {theirs}")
    return said


def _lines(lines: Counter[tuple[str, str, Decimal]]) -> str:
    return "; ".join(f"{account} / {customer} / {amount}" for account, customer, amount in sorted(lines.elements()))


def _foreign_fields(found: Iterable[FoundBill], ap_account: str) -> list[Difference]:
    said = [f"{bill}: A/P account {bill.ap_account}" for bill in found if bill.ap_account not in (None, ap_account)]
    said += [f"{bill}: currency {bill.currency}" for bill in found if bill.currency != "USD"]
    return [Difference(Kind.WRONG, sentence) for sentence in said]


def _old_bills(before: Books, after: Books) -> list[Difference]:
    return [
        Difference(Kind.WRONG, f"bill {quickbooks_id} was in the books before and is changed or gone")
        for quickbooks_id, bill in before.bills.items()
        if quickbooks_id not in after.bills or before.found(bill) != after.found(after.bills[quickbooks_id])
    ]


def _other_companies(evidence: Evidence) -> list[Difference]:
    differences = []
    for company in evidence.books_before["companies"]:
        if company["realm_id"] == evidence.realm_id:
            continue
        now = Books(evidence.books_after, company["realm_id"])
        if now.bills.keys() != {bill["Id"] for bill in company["Bill"]}:
            differences.append(Difference(Kind.WRONG, f"bills of another company changed: {company['realm_id']}"))
    if evidence.ledger.strangers:
        differences.append(Difference(Kind.WRONG, f"{evidence.ledger.strangers} invoices of another company came in"))
    return differences


def _ledger(evidence: Evidence, bill_of: dict[Wanted, FoundBill]) -> list[Difference]:
    ledger, differences = evidence.ledger, []
    for one in evidence.wanted:
        row = ledger.by_source.get((one.source, one.source_id))
        differences += [Difference(kind, f"{one.name}: {said}") for kind, said in _row(one, row, ledger, bill_of)]
    known = {(one.source, one.source_id) for one in evidence.wanted}
    differences += [
        Difference(Kind.WRONG, f"an invoice nobody expects came in: {row.source} {row.source_id}")
        for key, row in ledger.by_source.items()
        if key not in known
    ]
    if not ledger.is_settled:
        unfinished = f"{ledger.open_attempts} attempts and {ledger.open_batches} batches are still open"
        differences.append(Difference(Kind.WRONG, unfinished))
    return differences


def _row(
    one: Wanted, row: LedgerInvoice | None, ledger: Ledger, bill_of: dict[Wanted, FoundBill]
) -> Iterable[tuple[Kind, str]]:
    if one.verdict in ("not_imported", "unseen"):
        if row is not None:
            yield Kind.WRONG, f"came in as an invoice ({row.state}), but should not have"
        verdict = ledger.verdicts.get(one.source_id)
        if one.verdict == "not_imported" and verdict != ("not_imported", one.reason):
            yield Kind.WRONG, f"verdict {verdict}, should be not imported: {one.reason}"
        return
    if row is None:
        yield Kind.MISSING, f"never came in (should be: {one.verdict} {one.reason})"
        return
    if row.withdrawn != one.withdrawn:
        yield Kind.WRONG, f"approval withdrawn is {row.withdrawn}, should be {one.withdrawn}"
    if one.verdict == "bill":
        yield from _posted(one, row, bill_of)
        return
    if one.verdict == "credit":
        if row.state != "posted":
            yield Kind.WRONG, f"{row.state} {sorted(row.reasons)}, should be posted as a vendor credit"
        return
    if row.links:
        yield Kind.WRONG, f"has a bill ({row.links[0].quickbooks_id}), but should not"
    if one.verdict == "held" and (one.reason not in row.reasons or row.state not in STILL_BEFORE_SENDING):
        yield Kind.MISSING, f"not held for {one.reason}: {row.state} {sorted(row.reasons)}"
    if one.verdict == "nothing_to_post" and row.state != "nothing_to_post":
        yield Kind.WRONG, f"{row.state}, should be nothing to post"
    if one.verdict == "withdrawn" and row.state not in STILL_BEFORE_SENDING:
        yield Kind.WRONG, f"{row.state}, should wait with its approval withdrawn"


def _posted(one: Wanted, row: LedgerInvoice, bill_of: dict[Wanted, FoundBill]) -> Iterable[tuple[Kind, str]]:
    if row.state != "posted":
        yield Kind.WRONG, f"{row.state} {sorted(row.reasons)}, should be posted"
    bill = bill_of.get(one)
    linked = [link.quickbooks_id for link in row.links]
    if bill is not None and linked != [bill.quickbooks_id]:
        yield Kind.WRONG, f"linked to {linked}, should be linked to {bill.quickbooks_id} alone"
    if bill is None and linked:
        yield Kind.WRONG, f"linked to {linked}, which is not its bill"


def _procore(evidence: Evidence) -> list[Difference]:
    """Nothing in Procore may differ but what the script's people did, and the contract payments that had to come."""
    before = {row["id"]: row for row in evidence.procore_before["requisitions"]}
    after = {row["id"]: row for row in evidence.procore_after["requisitions"]}
    changed = [
        requisition_id
        for requisition_id in before.keys() | after.keys()
        if requisition_id not in evidence.touched_requisitions
        and _essence(before.get(requisition_id)) != _essence(after.get(requisition_id))
    ]
    said = [f"requisition {requisition_id} changed in Procore" for requisition_id in sorted(changed)]
    if len(evidence.procore_after["contract_payments"]) != _payments(evidence.procore_before) + evidence.payments:
        said.append("contract payments changed in Procore")
    return [Difference(Kind.WRONG, sentence) for sentence in said]


def _essence(requisition: dict[str, Any] | None) -> tuple[object, ...] | None:
    if requisition is None:
        return None
    return tuple(requisition.get(name) for name in ("status", "invoice_number", "updated_at", "origin_id"))


def _payments(world: dict[str, Any]) -> int:
    issued = sum(len(commitment.get("payments_issued") or []) for commitment in world["commitments"])
    return issued + len(world.get("contract_payments") or [])


__all__ = ["BillForm", "Books", "Difference", "Evidence", "FoundBill", "Kind", "Verdict", "judge", "match_bills"]
