"""One invoice's preview and review, and every way out of what holds it. Accountants and company admins."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from accounting.bill import draft_hash
from accounting.bill_types import BillDraft, Held, NothingToPost, TransactionKind
from accounting.coding import Target, TargetKind
from api.access import Accountant, ServicesNow
from api.intents import deciding, recoding
from api.intents.deciding import Decided
from api.money import Money
from models.drafting import Previewed

router = APIRouter(tags=["invoices"])

Key = Annotated[str, Field(max_length=128)]


class PreviewLineAnswer(BaseModel):
    """One line as it would be sent; ``target`` is the account or item by name.

    ``quantity`` and ``unit_price`` (up to five decimals) are of items only: their product is the amount.
    """

    role: str
    target_list: str
    target: str
    description: str
    amount: Money
    customer: str
    tracking_class: str | None
    billable: bool
    quantity: Money | None
    unit_price: Money | None


class PreviewBillAnswer(BaseModel):
    """The exact transaction. ``hash`` is what an approval names; any change makes another one."""

    kind: str
    hash: str
    vendor: str
    number: str
    full_number: str
    bill_date: date
    due_date: date | None
    terms: str | None
    ap_account: str
    location: str | None
    memo: str
    currency: str
    tax_treatment: str
    tax: str | None
    total: Money
    lines: list[PreviewLineAnswer]


class PreviewReasonAnswer(BaseModel):
    reason: str
    sentence: str
    owner: str
    button: str | None
    subject_key: str


class PreviewAnswer(BaseModel):
    """What would happen if the invoice were sent now: a bill, reasons to hold it, or nothing to post.

    ``warnings`` say what the bill tells otherwise than the invoice, ``created`` what is created beside it.
    """

    outcome: str
    bill: PreviewBillAnswer | None
    reasons: list[PreviewReasonAnswer]
    needs_review: bool
    warnings: list[str]
    created: list[str]


class DecidedAnswer(BaseModel):
    """``goes_on`` false: kept, but something else still holds the invoice."""

    goes_on: bool


class ReviewBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hash: Annotated[str, Field(max_length=64)]


class TransactionBody(BaseModel):
    """``key`` as in the reason's ``subject_key``: ``Bill:145``."""

    model_config = ConfigDict(extra="forbid")

    key: Key


class ComparedBody(BaseModel):
    """Every transaction that was shown and is another one."""

    model_config = ConfigDict(extra="forbid")

    keys: Annotated[list[Key], Field(max_length=100)]


class WhyNotBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    why: Annotated[str, Field(max_length=500)] = ""


class DateBody(BaseModel):
    """``other_year`` confirms that the cost moves into another year."""

    model_config = ConfigDict(extra="forbid")

    bill_date: date
    other_year: bool = False


class AmountBody(BaseModel):
    """The amount that was shown."""

    model_config = ConfigDict(extra="forbid")

    amount: Money


class WaiverBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    missing: bool


class RecodeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    position: int
    kind: TargetKind
    quickbooks_id: Annotated[str, Field(max_length=64, pattern=r"^[^:]+$")]


@router.get("/invoices/{invoice_id}/preview")
async def preview(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> PreviewAnswer:
    return preview_answer(await deciding.preview(services, visitor, invoice_id))


@router.post("/invoices/{invoice_id}/review")
async def review(invoice_id: UUID, body: ReviewBody, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    """Approve the draft of this hash."""
    return _decided(await deciding.review(services, visitor, invoice_id, body.hash))


@router.post("/invoices/{invoice_id}/use-bill")
async def use_bill(
    invoice_id: UUID, body: TransactionBody, visitor: Accountant, services: ServicesNow
) -> DecidedAnswer:
    await deciding.use_bill(services, visitor, invoice_id, body.key)
    return DecidedAnswer(goes_on=False)


@router.post("/invoices/{invoice_id}/unlink")
async def unlink(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    await deciding.unlink(services, visitor, invoice_id)
    return DecidedAnswer(goes_on=True)


@router.post("/invoices/{invoice_id}/post-as-new")
async def post_as_new(
    invoice_id: UUID, body: ComparedBody, visitor: Accountant, services: ServicesNow
) -> DecidedAnswer:
    return _decided(await deciding.post_as_new(services, visitor, invoice_id, body.keys))


@router.post("/invoices/{invoice_id}/dont-post")
async def dont_post(invoice_id: UUID, body: WhyNotBody, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    await deciding.dont_post(services, visitor, invoice_id, body.why)
    return DecidedAnswer(goes_on=False)


@router.post("/invoices/{invoice_id}/post-after-all")
async def post_after_all(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    await deciding.post_after_all(services, visitor, invoice_id)
    return DecidedAnswer(goes_on=True)


@router.post("/invoices/{invoice_id}/bill-date")
async def choose_date(invoice_id: UUID, body: DateBody, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    """Another bill date, for a closed period."""
    decided = await deciding.choose_date(services, visitor, invoice_id, body.bill_date, other_year=body.other_year)
    return _decided(decided)


@router.post("/invoices/{invoice_id}/small-difference")
async def accept_difference(
    invoice_id: UUID, body: AmountBody, visitor: Accountant, services: ServicesNow
) -> DecidedAnswer:
    """Put the few cents that were shown on the retainage line."""
    return _decided(await deciding.accept_difference(services, visitor, invoice_id, body.amount))


@router.post("/invoices/{invoice_id}/excess-to-cost")
async def excess_to_cost(
    invoice_id: UUID, body: AmountBody, visitor: Accountant, services: ServicesNow
) -> DecidedAnswer:
    """Post released retainage that these books never held to cost."""
    return _decided(await deciding.excess_to_cost(services, visitor, invoice_id, body.amount))


@router.post("/invoices/{invoice_id}/vendor-credit")
async def vendor_credit(
    invoice_id: UUID, body: AmountBody, visitor: Accountant, services: ServicesNow
) -> DecidedAnswer:
    """Post the negative invoice that was shown as a vendor credit."""
    return _decided(await deciding.vendor_credit(services, visitor, invoice_id, body.amount))


@router.post("/invoices/{invoice_id}/lien-waiver")
async def lien_waiver(invoice_id: UUID, body: WaiverBody, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    return _decided(await deciding.lien_waiver(services, visitor, invoice_id, missing=body.missing))


@router.post("/invoices/{invoice_id}/let-in")
async def let_in(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    """Import what no rule could tell; where the approval date is unknown, a company admin's word only."""
    return _decided(await deciding.let_in(services, visitor, invoice_id))


@router.post("/invoices/{invoice_id}/recode")
async def recode(invoice_id: UUID, body: RecodeBody, visitor: Accountant, services: ServicesNow) -> DecidedAnswer:
    """Another account or item for one line of this invoice only."""
    target = Target(body.kind, body.quickbooks_id)
    return _decided(await recoding.recode(services, visitor, invoice_id, body.position, target))


def preview_answer(one: Previewed) -> PreviewAnswer:
    nothing = isinstance(one.outcome, NothingToPost)
    return PreviewAnswer(
        outcome=_OUTCOMES[type(one.outcome)],
        bill=_bill(one.outcome, one) if isinstance(one.outcome, BillDraft) else None,
        reasons=[
            PreviewReasonAnswer(
                reason=hold.reason,
                sentence=hold.sentence,
                owner=hold.owner,
                button=hold.button,
                subject_key=hold.subject_key,
            )
            for hold in (one.outcome.holds if isinstance(one.outcome, Held) else ())
        ],
        needs_review=one.drafting.books.settings.review_before_posting and not nothing,
        warnings=list(one.warnings),
        created=list(one.created),
    )


_OUTCOMES = {BillDraft: "bill", Held: "held", NothingToPost: "nothing_to_post"}


def _bill(draft: BillDraft, one: Previewed) -> PreviewBillAnswer:
    def name(entity: str, quickbooks_id: str | None) -> str:
        return one.names.get((entity, quickbooks_id or ""), quickbooks_id or "")

    is_credit = draft.kind is TransactionKind.VENDOR_CREDIT
    return PreviewBillAnswer(
        kind=draft.kind,
        hash=draft_hash(draft),
        vendor=name("Vendor", draft.vendor_id),
        number=draft.number,
        full_number=draft.full_number,
        bill_date=draft.bill_date,
        due_date=None if is_credit else draft.due_date,
        terms=name("Term", draft.terms_id) if draft.terms_id and not is_credit else None,
        ap_account=name("Account", draft.ap_account_id),
        location=name("Department", draft.location_id) if draft.location_id else None,
        memo=draft.memo,
        currency=draft.currency,
        tax_treatment=draft.tax_treatment,
        tax=one.tax,
        total=draft.total,
        lines=[
            PreviewLineAnswer(
                role=line.role,
                target_list="Item" if line.item_id else "Account",
                target=name("Item", line.item_id) if line.item_id else name("Account", line.account_id),
                description=line.description,
                amount=line.amount,
                customer=name("Customer", line.customer_id),
                tracking_class=name("Class", line.class_id) if line.class_id else None,
                billable=line.billable,
                quantity=line.quantity if line.item_id else None,
                unit_price=line.unit_price if line.item_id else None,
            )
            for line in draft.lines
        ],
    )


def _decided(decided: Decided) -> DecidedAnswer:
    return DecidedAnswer(goes_on=decided.goes_on)
