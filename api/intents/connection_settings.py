"""Changing how bills are made in a connection's books; accounts are checked against QuickBooks' own list."""

from dataclasses import replace
from datetime import date, time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from accounting.account_choice import AccountUse, item_refusal, refusal
from accounting.bill_settings import BillDateSource, ChangedInvoice, LineGrouping, MissingLienWaiver, RetainageBooking
from accounting.coding import TargetKind
from accounting.dates import UnknownTimeZone, zone
from api.access import Visitor
from api.intents.moving_on import taken_already
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import connections, mappings, reference_lists
from models.all_projects import TakenByAnother, take_all_projects
from models.coding import as_account, as_item
from models.connection_settings import (
    ConnectionChoices,
    SettingsChangedMeanwhile,
    change_settings,
    choices_of,
    last_changed_by,
)
from models.database import CompanySession
from models.tables import ConnectionSettings

LONGEST_TERMS_DAYS = 365
EntryId = Annotated[str, Field(min_length=1, max_length=64)]


class SettingsChange(BaseModel):
    """What to change; what is left out stays as it is. Accounts and the item by QuickBooks id, null chooses none.
    ``version`` is the one the change was made from: where it is named and no longer the newest, nothing is changed.
    """

    model_config = ConfigDict(extra="forbid")

    default_account_id: EntryId | None = None
    default_item_id: EntryId | None = None
    retainage_account_id: EntryId | None = None
    ap_account_id: EntryId | None = None
    default_terms_days: int = 30
    posting_basis: TargetKind = TargetKind.ACCOUNT
    line_grouping: LineGrouping = LineGrouping.SOV_LINE
    bill_date_source: BillDateSource = BillDateSource.BILLING_DATE
    retainage_booking: RetainageBooking = RetainageBooking.GROSS
    missing_lien_waiver: MissingLienWaiver = MissingLienWaiver.MARK
    changed_invoice: ChangedInvoice = ChangedInvoice.ASK
    billable: bool = False
    review_before_posting: bool = False
    confirm_exact_matches: bool = True
    all_projects: bool = True
    lock_date: date | None = None
    write_back: bool = False
    write_back_from: date | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_time_zone: Annotated[str, Field(max_length=64)] = "America/New_York"
    version: int | None = None


async def change(
    services: Services, visitor: Visitor, connection_id: UUID, wanted: SettingsChange
) -> ConnectionSettings:
    """Store the change and wake the company, so that what waited for it goes on. Raises Problem 404, 409 and 422."""
    changes = wanted.model_dump(exclude_unset=True, exclude={"version"})
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            connection = await connections.connection_by_id(session, connection_id)
            if connection is None:
                raise not_found("connection")
            stored = await mappings.connection_settings(session, connection_id)
            choices = replace(choices_of(stored), **changes)
            _check_values(choices)
            await _check_entries(session, connection_id, choices)
            version = wanted.version
            if choices.all_projects != stored.all_projects:
                # Which books take unrouted projects concerns the other ones too, and frees what waited for it.
                await take_all_projects(session, connection, choices.all_projects, visitor.user_id)
                version = None if version is None else version + 1
                if version not in (None, stored.version):
                    raise SettingsChangedMeanwhile(stored)
            settings = await change_settings(session, connection_id, choices, version, visitor.user_id)
    except TakenByAnother as another:
        raise taken_already(another) from None
    except SettingsChangedMeanwhile:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            by = await last_changed_by(session, connection_id)
        who = f"{by[0]} has changed these settings" if by else "These settings have changed"
        raise Problem(
            409,
            "settings_changed_meanwhile",
            f"{who} since you opened them. Nothing of yours was saved; look at how they stand now, then save again.",
        ) from None
    await tell(
        services.workflows.wake_company(visitor.company_id, visitor.company.name, "the connection's settings changed")
    )
    return settings


def _check_values(choices: ConnectionChoices) -> None:
    if not 0 <= choices.default_terms_days <= LONGEST_TERMS_DAYS:
        raise Problem(
            422, "terms_out_of_range", f"Default terms must be between 0 and {LONGEST_TERMS_DAYS} days. Correct them."
        )
    if choices.write_back and choices.write_back_from is None:
        raise Problem(
            422,
            "write_back_start_missing",
            "Payment write-back needs a start date: payments before it stay as they are in Procore. Choose one.",
        )
    if (choices.quiet_from is None) != (choices.quiet_until is None):
        raise Problem(422, "quiet_hours_incomplete", "Quiet hours need a beginning and an end. Set both or neither.")
    if choices.quiet_from is not None and choices.quiet_from == choices.quiet_until:
        raise Problem(
            422,
            "quiet_hours_empty",
            "Quiet hours that begin and end at the same time say nothing. To stop posting altogether, use Pause "
            "posting.",
        )
    try:
        zone(choices.quiet_time_zone)
    except UnknownTimeZone:
        raise Problem(422, "unknown_time_zone", "This time zone is not known. Choose one from the list.") from None


async def _check_entries(session: CompanySession, connection_id: UUID, choices: ConnectionChoices) -> None:
    chosen = {
        AccountUse.EXPENSE: choices.default_account_id,
        AccountUse.RETAINAGE: choices.retainage_account_id,
        AccountUse.ACCOUNTS_PAYABLE: choices.ap_account_id,
    }
    wanted = {"Account": {one for one in chosen.values() if one}}
    if choices.default_item_id is not None:
        wanted["Item"] = {choices.default_item_id}
    known = await reference_lists.entries_by_key(session, connection_id, wanted)
    for use, quickbooks_id in chosen.items():
        if quickbooks_id is None:
            continue
        refused = refusal(use, as_account(known.get(("Account", quickbooks_id))))
        if refused is not None:
            raise Problem(422, f"{use}_account_refused", refused)
    if choices.default_item_id is not None:
        refused = item_refusal(as_item(known.get(("Item", choices.default_item_id))))
        if refused is not None:
            raise Problem(422, "item_refused", refused)
