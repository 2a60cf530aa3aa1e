"""What a person does about a bill that QuickBooks refused: for one of $0.00, the journal entry that books the same."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from accounting.blockers import BlockerReason
from accounting.journal_entry import EntryLine, spelled_out
from activities.outcomes import Rejection
from models.database import CompanySession
from models.posting import Attempt
from models.reference_lists import entries_by_key
from providers.quickbooks_online.wire import read_json


async def with_entry(session: CompanySession, attempt: Attempt, rejection: Rejection) -> Rejection:
    """The same refusal; where a bill of nothing was refused as such, with its lines as a journal entry."""
    hold = rejection.hold
    if attempt.lookup_total != 0 or hold is None or hold.reason is not BlockerReason.REFUSED_BY_QUICKBOOKS:
        return rejection
    lines = [_line(line) for line in read_json(attempt.body)["Line"]]
    wanted: dict[str, set[str]] = {}
    for target, customer, _ in lines:
        for entity, quickbooks_id in (target, customer):
            wanted.setdefault(entity, set()).add(quickbooks_id)
    entries = await entries_by_key(session, attempt.connection_id, wanted)
    names = {key: entry.full_name for key, entry in entries.items()}
    entry = spelled_out(
        EntryLine(names.get(target, target[1]), amount, names.get(customer, customer[1]))
        for target, customer, amount in lines
    )
    return replace(rejection, hold=replace(hold, subject=f"{hold.subject}. {entry}"))


def _line(line: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[str, str], Decimal]:
    """(list, id) of what the line posts to and of its customer, and its amount, from the bytes that were sent."""
    is_item = line["DetailType"] == "ItemBasedExpenseLineDetail"
    detail = line[line["DetailType"]]
    target = ("Item", detail["ItemRef"]["value"]) if is_item else ("Account", detail["AccountRef"]["value"])
    return target, ("Customer", (detail.get("CustomerRef") or {}).get("value", "")), Decimal(line["Amount"])
