"""From Procore's requisition to what the accounting rules judge and what our tables keep. Pure: no I/O."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from accounting.blockers import BlockerReason, Hold
from accounting.eligibility import APPROVED, APPROVED_AS_NOTED
from accounting.invoice import InvoiceLine, InvoiceSource, StatusChange
from accounting.invoice import Requisition as JudgedRequisition
from accounting.money import CENT, ZERO
from accounting.numbers import normalise
from models.invoices import NewInvoice
from models.requisitions import SeenRequisition, fingerprint
from models.tables import RequisitionVerdict
from providers.procore.change_histories import ChangeHistory
from providers.procore.commitments import CommitmentType
from providers.procore.requisitions import Requisition, RequisitionItem
from providers.procore.wire import Unreadable

# What NUMERIC(20,7) holds. No amount is lost with a quantity beyond it: it goes as one.
_MOST_UNITS = Decimal(10) ** 13
_UNIT_STEP = Decimal("0.0000001")
APPROVED_STATUSES = frozenset({APPROVED, APPROVED_AS_NOTED})


@dataclass(frozen=True)
class Reading:
    """A requisition read from Procore, in the three shapes the product needs it in."""

    seen: SeenRequisition
    judged: JudgedRequisition
    invoice: NewInvoice
    commitment_type: CommitmentType | None


def is_approved(status: str) -> bool:
    return "_".join(status.casefold().split()) in APPROVED_STATUSES


def read(requisition: Requisition) -> Reading:
    """Nothing is decided here; amounts with a fraction of a cent come with the reason to hold them."""
    due = requisition.summary.current_payment_due
    invoice = _invoice(requisition)
    return Reading(
        seen=SeenRequisition(
            requisition_id=requisition.id,
            project_id=requisition.project_id,
            raw=requisition.raw,
            raw_sha256=invoice.source_sha256,
            commitment_id=requisition.commitment_id,
            vendor_id=requisition.vendor_id,
            vendor_name=requisition.vendor_name,
            number=requisition.invoice_number,
            normalised_number=invoice.normalised_number,
            status=requisition.status,
            created_at=requisition.created_at,
            updated_at=requisition.updated_at,
            is_approved=is_approved(requisition.status),
            due=invoice.due,
        ),
        judged=JudgedRequisition(
            requisition_id=requisition.id,
            project_id=requisition.project_id,
            status=requisition.status,
            created_at=requisition.created_at,
            updated_at=requisition.updated_at,
            created_by_id=requisition.created_by.id if requisition.created_by else None,
            origin_id=requisition.origin_id,
            erp_status=requisition.erp_status,
            due=due,
        ),
        invoice=invoice,
        commitment_type=requisition.commitment_type,
    )


def read_unreadable(unreadable: Unreadable, project_id: str) -> SeenRequisition | None:
    """A requisition that could not be read becomes a row that needs a person; without an id nobody could look it up."""
    if unreadable.id is None:
        return None
    return SeenRequisition(
        requisition_id=unreadable.id,
        project_id=project_id,
        raw=unreadable.raw,
        raw_sha256=fingerprint(unreadable.raw),
        status=unreadable.status,
        updated_at=unreadable.updated_at,
        unreadable=unreadable.reason,
        verdict=RequisitionVerdict.NEEDS_PERSON,
        verdict_reason=BlockerReason.UNREADABLE,
    )


def status_changes(history: tuple[ChangeHistory, ...]) -> tuple[StatusChange, ...]:
    """The rows of a change history that touched the status; Procore does not promise how it spells the column."""
    return tuple(
        StatusChange(
            changed_at=row.created_at,
            old_status=row.old_value,
            new_status=row.new_value,
            actor_id=row.action_by_id,
        )
        for row in history
        if row.column.casefold() == "status"
    )


def _invoice(requisition: Requisition) -> NewInvoice:
    summary = requisition.summary
    tax = max(
        summary.tax_applicable_to_this_payment, sum((one.applied_amount for one in requisition.tax_summary), ZERO)
    )
    fractions = _Fractions()
    lines = tuple(_line(place, item, fractions) for place, item in enumerate(requisition.items, start=1))
    change = _retainage_change(requisition)
    currency = requisition.currency_configuration
    return NewInvoice(
        source=InvoiceSource.PROCORE_REQUISITION,
        source_id=requisition.id,
        source_sha256=fingerprint(requisition.raw),
        project_id=requisition.project_id,
        commitment_id=requisition.commitment_id,
        sequence=requisition.number,
        vendor_id=requisition.vendor_id or "",
        vendor_name=requisition.vendor_name,
        number=requisition.invoice_number.strip(),
        normalised_number=normalise(requisition.invoice_number),
        billing_date=requisition.billing_date or requisition.requisition_end or requisition.created_at.date(),
        currency=(currency.currency_iso_code if currency else "") or "USD",
        due=fractions.cents("The amount due", summary.current_payment_due),
        tax=fractions.cents("The tax", tax),
        retainage_change=None if change is None else fractions.cents("The retainage", change),
        lines=lines,
        approved_at=requisition.updated_at,
        holds=fractions.holds(),
    )


def _line(place: int, item: RequisitionItem, fractions: "_Fractions") -> InvoiceLine:
    released = item.work_completed_retainage_released_this_period + item.materials_stored_retainage_released_this_period
    # Procore states gross, net and what was released; what was withheld this period is the rest of that equation.
    withheld = item.gross_amount - item.net_amount + released
    name = f"Line {item.line_number or place}"
    return InvoiceLine(
        position=place,
        description=item.description_of_work,
        cost_code_id=item.cost_code_id or (item.wbs_code.id if item.wbs_code else None),
        budget_code=item.wbs_code.flat_code if item.wbs_code else None,
        gross=fractions.cents(name, item.gross_amount),
        withheld=fractions.cents(name, withheld),
        released=fractions.cents(name, released),
        net=fractions.cents(name, item.net_amount),
        is_rejected=item.status == "rejected",
        quantity=_quantity(item),
    )


def _quantity(item: RequisitionItem) -> Decimal | None:
    """How many units the line's gross is the price of; None where it is billed by amount, or material comes into it."""
    quantity = item.work_completed_this_period_quantity
    if quantity is None or item.accounting_method == "amount" or not -_MOST_UNITS < quantity < _MOST_UNITS:
        return None
    if item.materials_moved != 0 or item.gross_amount != item.work_completed_this_period:
        return None
    exact = quantity.quantize(_UNIT_STEP)
    return exact if exact == quantity else None


def _retainage_change(requisition: Requisition) -> Decimal | None:
    """Total retainage now less total retainage on the previous requisition, both from this requisition's own sums."""
    summary = requisition.summary
    before = [item.total_completed_and_stored_to_date_from_previous for item in requisition.items]
    if summary.total_retainage is None or summary.less_previous_certificates_for_payment is None:
        return None
    completed_before = [amount for amount in before if amount is not None]
    if len(completed_before) != len(before):
        return None
    retainage_before = sum(completed_before, ZERO) - summary.less_previous_certificates_for_payment
    return summary.total_retainage - retainage_before


class _Fractions:
    """Catches fractions of a cent before storage, which would round them silently; whoever has one is held."""

    def __init__(self) -> None:
        self._found: dict[str, Decimal] = {}

    def cents(self, name: str, amount: Decimal) -> Decimal:
        rounded = amount.quantize(CENT, ROUND_HALF_EVEN)
        if rounded != amount:
            self._found.setdefault(name, amount)
        return rounded

    def holds(self) -> tuple[Hold, ...]:
        return tuple(
            Hold(BlockerReason.FRACTION_OF_CENT, f"{name} ({amount.normalize():f})", name.casefold())
            for name, amount in self._found.items()
        )
