"""What must have come of every invoice at the end of a round: the seed's literals, and what its script did to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

REQUISITION, UPLOAD = "procore_requisition", "upload"

# The seed names reasons in its own words; these are the product's words for the same thing.
REASON_WORDS = {
    "third_decimal": "fraction_of_cent",
    "retainage_release": "retainage_opening_balance",
    "no_cost_code": "cost_code_missing",
}


@dataclass(frozen=True)
class BillForm:
    """A bill as accountants compare it. ``lines`` are (account, customer, amount), sorted."""

    vendor: str
    number: str
    date: str
    due: str
    total: Decimal
    lines: tuple[tuple[str, str, Decimal], ...]

    @classmethod
    def of_literal(cls, bill: dict[str, Any]) -> "BillForm":
        lines = [(line["account"], line["customer"], Decimal(line["amount"])) for line in bill["lines"]]
        return cls(
            vendor=bill["vendor"],
            number=bill["number"],
            date=bill["date"],
            due=bill["due"],
            total=Decimal(bill["total"]),
            lines=tuple(sorted(lines)),
        )


@dataclass(frozen=True)
class Wanted:
    """What must have become of one invoice.

    ``verdict``: bill, credit (``credit`` is its form), held, nothing_to_post, not_imported, withdrawn (imported, never
    sent) or unseen (approved when nobody looked any more). ``withdrawn`` says that the approval must show as withdrawn.
    """

    source: str
    source_id: str
    verdict: str
    reason: str = ""
    bill: BillForm | None = None
    withdrawn: bool = False
    credit: BillForm | None = None

    @property
    def name(self) -> str:
        return f"{self.source.replace('procore_', '')} {self.source_id}"


def everything_wanted(
    expected: dict[str, Any], approved: Iterable[int], upload_id: str, *, freed: bool = False
) -> list[Wanted]:
    """Every requisition of the seed and the upload, after the script. ``approved``: what the script approved;
    ``freed``: a person cleared what the seed's blocked invoices waited for.
    """
    wanted = {
        int(requisition_id): _static(requisition_id, outcome)
        for requisition_id, outcome in expected["requisitions"].items()
    }
    if freed:
        for one in (one for entry in expected["blocked"] for one in entry["invoices"]):
            wanted[one["requisition_id"]] = _freed(one)
    script = expected["script"]
    may_be_approved = [*script["approve"], *script["spare_under_review"], *script["during_life"]]
    acts = {act["requisition_id"]: act for act in may_be_approved}
    for requisition_id in approved:
        wanted[requisition_id] = _bill(REQUISITION, str(requisition_id), acts[requisition_id]["bill"])
    unapproved = script["unapprove"]
    before_import = unapproved["before_import"]["requisition_id"]
    wanted[before_import] = Wanted(REQUISITION, str(before_import), "not_imported", "not_approved")
    before_send = unapproved["before_send"]["requisition_id"]
    wanted[before_send] = Wanted(REQUISITION, str(before_send), "withdrawn", withdrawn=True)
    after_posting = unapproved["after_posting"]
    wanted[after_posting["requisition_id"]] = _bill(
        REQUISITION, str(after_posting["requisition_id"]), after_posting["bill"], withdrawn=True
    )
    after_off = script["approve_after_off"]["requisition_id"]
    wanted[after_off] = Wanted(REQUISITION, str(after_off), "unseen")
    return [*wanted.values(), _bill(UPLOAD, upload_id, script["upload"]["bill"])]


def _static(requisition_id: str, outcome: dict[str, Any]) -> Wanted:
    reason = REASON_WORDS.get(outcome["reason"], outcome["reason"])
    bill = BillForm.of_literal(outcome["bill"]) if outcome["verdict"] == "bill" else None
    return Wanted(REQUISITION, requisition_id, outcome["verdict"], reason, bill)


def _freed(one: dict[str, Any]) -> Wanted:
    requisition_id = str(one["requisition_id"])
    if one["is_credit"]:
        return Wanted(REQUISITION, requisition_id, "credit", credit=BillForm.of_literal(one["bill"]))
    return _bill(REQUISITION, requisition_id, one["bill"])


def _bill(source: str, source_id: str, bill: dict[str, Any], *, withdrawn: bool = False) -> Wanted:
    return Wanted(source, source_id, "bill", bill=BillForm.of_literal(bill), withdrawn=withdrawn)


__all__ = ["REQUISITION", "UPLOAD", "BillForm", "Wanted", "everything_wanted"]
