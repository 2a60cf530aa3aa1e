"""From a reason to the button that resolves it: where it leads, and for whom it is there."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.eligibility import ASKS_WHETHER
from api.access import Visitor
from api.intents.matching import MATCHED, kind_to_match
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
    match = _match(visitor, row, reason)
    return Resolution(
        reason=reason,
        # Where the form stands, no second button leads elsewhere.
        href=_href(settings, visitor, row, reason) if reason.button and match is None else None,
        may_retry=reason.reason in FOUND_AGAIN and visitor.may_work_on_invoices,
        match=match,
        may_let_in=_may_let_in(visitor, reason.reason),
    )


def _may_let_in(visitor: Visitor, reason: BlockerReason) -> bool:
    if reason is BlockerReason.APPROVAL_DATE_UNKNOWN:
        return visitor.is_admin
    return reason in ASKS_WHETHER and visitor.may_work_on_invoices


def _match(visitor: Visitor, row: InvoiceRow, reason: OpenReason) -> MappingKind | None:
    allowed = visitor.may_work_on_invoices and visitor.company.feature_enabled
    return kind_to_match(row, reason) if allowed and row.connection_id is not None else None


def _href(settings: Settings, visitor: Visitor, row: InvoiceRow, one: OpenReason) -> str | None:
    if one.reason in IN_PROCORE:
        return requisition_page(settings, row)
    return page_for_all(visitor, row.connection_id, one.reason, one.subject, one.subject_key)


def page_for_all(
    visitor: Visitor, connection_id: UUID | str | None, reason: BlockerReason, subject: str, subject_key: str
) -> str | None:
    """The page on which an admin resolves a reason for every invoice it holds; None for others, and where none does."""
    if not visitor.may_open_integrations:
        return None
    if reason is BlockerReason.PROJECT_NOT_VISIBLE:
        return PROCORE
    if reason in OF_CONNECTIONS or connection_id is None:
        return INTEGRATIONS
    connection = f"{INTEGRATIONS}/{connection_id}"
    if (kind := MATCHED.get(reason)) is not None:
        return f"{connection}/mapping?{urlencode({'kind': kind.value, 'search': subject[:100]})}"
    if reason is BlockerReason.MAPPING_REFUSED:
        return connection if subject_key.startswith("account:") else f"{connection}/mapping/sheet"
    if reason is BlockerReason.PROJECT_UNROUTED:
        return f"{connection}/projects"
    if reason is BlockerReason.RETAINAGE_OPENING_BALANCE:
        return f"{connection}/retainage"
    return connection if reason in IN_SETTINGS else None
