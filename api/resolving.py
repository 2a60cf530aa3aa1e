"""From a reason to the button that resolves it: where it leads, and for whom it is there."""

from dataclasses import dataclass
from urllib.parse import urlencode

from accounting.blockers import BlockerReason
from accounting.eligibility import ASKS_WHETHER
from api.access import Visitor
from api.intents.matching import kind_to_match
from foundation.settings import Settings
from models.invoice_retry import FOUND_AGAIN
from models.open_reasons import OpenReason
from models.tables import InvoiceRow, MappingKind

INTEGRATIONS = "/settings/accounting-integrations"
PROCORE = "/settings/procore"

# Settled at the source: what the page offers is the way there.
IN_PROCORE = frozenset(
    {
        BlockerReason.COST_CODE_MISSING,
        BlockerReason.REJECTED_LINE,
        BlockerReason.FRACTION_OF_CENT,
        BlockerReason.AMOUNTS_DISAGREE,
        BlockerReason.TAX,
        BlockerReason.CURRENCY,
    }
)
OF_CONNECTIONS = frozenset({BlockerReason.NO_QUICKBOOKS, BlockerReason.CONNECTION_EXPIRED, BlockerReason.PAUSED})
IN_SETTINGS = frozenset(
    {BlockerReason.RETAINAGE_ACCOUNT_MISSING, BlockerReason.AP_ACCOUNT_MISSING, BlockerReason.LOCK_DATE}
)


@dataclass(frozen=True)
class Resolution:
    """An open reason with its button. ``href`` None: no page resolves it; ``may_retry``: trying again is harmless.

    ``match`` is the kind of mapping that this person may make right here.
    """

    reason: OpenReason
    href: str | None
    may_retry: bool
    match: MappingKind | None
    may_let_in: bool

    @property
    def leaves_inbuild(self) -> bool:
        return self.href is not None and not self.href.startswith("/")


def requisition_page(settings: Settings, row: InvoiceRow) -> str:
    """Where Procore shows the requisition an invoice came from."""
    return settings.procore_requisition_page.format(project_id=row.project_id, requisition_id=row.source_id)


def resolution(settings: Settings, visitor: Visitor, row: InvoiceRow, reason: OpenReason) -> Resolution:
    """The button of a reason as this person gets it; nobody is led to a page they may not open."""
    return Resolution(
        reason=reason,
        href=_href(settings, visitor, row, reason) if reason.button else None,
        may_retry=reason.reason in FOUND_AGAIN and visitor.may_work_on_invoices,
        match=_match(visitor, row, reason),
        may_let_in=_may_let_in(visitor, reason.reason),
    )


def _may_let_in(visitor: Visitor, reason: BlockerReason) -> bool:
    if reason is BlockerReason.APPROVAL_DATE_UNKNOWN:
        return visitor.is_admin
    return reason in ASKS_WHETHER and visitor.may_work_on_invoices


def _match(visitor: Visitor, row: InvoiceRow, reason: OpenReason) -> MappingKind | None:
    allowed = visitor.may_work_on_invoices and visitor.company.feature_enabled
    return kind_to_match(row, reason) if allowed and row.connection_id is not None else None


def _href(settings: Settings, visitor: Visitor, row: InvoiceRow, open_reason: OpenReason) -> str | None:
    reason = open_reason.reason
    if reason in IN_PROCORE:
        return requisition_page(settings, row)
    if not visitor.may_open_integrations:
        return None
    if reason is BlockerReason.PROJECT_NOT_VISIBLE:
        return PROCORE
    if reason in OF_CONNECTIONS or row.connection_id is None:
        return INTEGRATIONS
    connection = f"{INTEGRATIONS}/{row.connection_id}"
    if reason is BlockerReason.VENDOR_INACTIVE:
        named = urlencode({"kind": MappingKind.VENDOR.value, "search": row.vendor_name[:100]})
        return f"{connection}/mapping?{named}"
    if reason is BlockerReason.MAPPING_REFUSED:
        return connection if open_reason.subject_key.startswith("account:") else f"{connection}/mapping/sheet"
    if reason is BlockerReason.PROJECT_UNROUTED:
        return f"{connection}/projects"
    if reason is BlockerReason.RETAINAGE_OPENING_BALANCE:
        return f"{connection}/retainage"
    return connection if reason in IN_SETTINGS else None
