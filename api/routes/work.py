"""What there is to do and why: the work list ranked by money, the bulk preview, and *why is it not in QuickBooks*."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from accounting.money import dollars
from api.access import Accountant, Member, ServicesNow
from api.intents.mapping_versions import check_connection
from api.money import Money
from api.routes.deciding import PreviewAnswer, preview_answer
from models import drafting, why
from models.drafting import PreviewTotals
from models.work_list import work_list

router = APIRouter(tags=["work"])


class TaskAnswer(BaseModel):
    """One thing to do. ``frees`` are invoices that nothing else holds, ``touches`` all that it holds."""

    reason: str
    subject: str
    subject_key: str
    connection_id: UUID | None
    owner: str
    button: str | None
    sentence: str
    frees: int
    frees_amount: Money
    touches: int
    touches_amount: Money


class WorkListAnswer(BaseModel):
    """The most money first, as many as were asked for."""

    tasks: list[TaskAnswer]


class HeldShareAnswer(BaseModel):
    sentence: str
    count: int
    total: Money


class BulkPreviewAnswer(BaseModel):
    """What sending everything that waits would do now; each held invoice counts for its first reason."""

    bills: int
    bills_total: Money
    held: int
    held_total: Money
    nothing_to_post: int
    sentence: str
    reasons: list[HeldShareAnswer]


class PreviewedAnswer(BaseModel):
    """One invoice, by inBuild's own number too, which stands in the memo of its bill."""

    invoice_id: UUID
    reference: int
    number: str
    preview: PreviewAnswer


class PreviewsAnswer(BaseModel):
    """A page of ``total`` invoices that wait."""

    total: int
    invoices: list[PreviewedAnswer]


class WhyAnswer(BaseModel):
    """One answer. ``invoice_id`` null: never imported. ``more``: further reasons beside the one told."""

    invoice_id: UUID | None
    requisition_id: str | None
    number: str
    vendor_name: str
    project_id: str
    in_quickbooks: bool
    sentence: str
    owner: str
    button: str | None
    more: int


class WhyAnswers(BaseModel):
    """``at`` is the moment asked about, null for now."""

    at: datetime | None
    answers: list[WhyAnswer]


@router.get("/work-list")
async def tasks(
    visitor: Member,
    services: ServicesNow,
    connection_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> WorkListAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await work_list(session, limit, connection_id)
    return WorkListAnswer(
        tasks=[
            TaskAnswer(
                reason=one.reason,
                subject=one.subject,
                subject_key=one.subject_key,
                connection_id=UUID(one.connection_id) if one.connection_id else None,
                owner=one.owner,
                button=one.button,
                sentence=one.sentence,
                frees=one.frees,
                frees_amount=one.frees_amount,
                touches=one.touches,
                touches_amount=one.touches_amount,
            )
            for one in found
        ]
    )


@router.get("/connections/{connection_id}/preview")
async def bulk_preview(connection_id: UUID, visitor: Accountant, services: ServicesNow) -> BulkPreviewAnswer:
    """Every invoice of the connection that waits, drafted as posting would draft it; nothing is sent."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        totals = await drafting.preview_totals(session, connection_id)
    return BulkPreviewAnswer(
        bills=totals.bills,
        bills_total=totals.bills_total,
        held=totals.held,
        held_total=totals.held_total,
        nothing_to_post=totals.nothing,
        sentence=_sentence(totals),
        reasons=[
            HeldShareAnswer(sentence=share.sentence, count=share.count, total=share.total) for share in totals.reasons
        ],
    )


@router.get("/connections/{connection_id}/previews")
async def previews(
    connection_id: UUID,
    visitor: Accountant,
    services: ServicesNow,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PreviewsAnswer:
    """The same, invoice by invoice, in approval order."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        total = await drafting.count_unposted(session, connection_id)
        shown = await drafting.unposted(session, connection_id, limit, offset)
        found = await drafting.preview(session, shown)
    references = {row.id: row.reference or 0 for row in shown}
    return PreviewsAnswer(
        total=total,
        invoices=[
            PreviewedAnswer(
                invoice_id=one.invoice_id,
                reference=references[one.invoice_id],
                number=one.drafting.invoice.number,
                preview=preview_answer(one),
            )
            for one in found
        ],
    )


@router.get("/why")
async def answers(
    visitor: Member,
    services: ServicesNow,
    of: Annotated[str, Query(min_length=1, max_length=500, description="A Procore number, id or URL")],
    at: Annotated[AwareDatetime | None, Query(description="as at this past moment")] = None,
) -> WhyAnswers:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await why.why_of(session, of, at)
    return WhyAnswers(
        at=at,
        answers=[
            WhyAnswer(
                invoice_id=one.invoice_id,
                requisition_id=one.requisition_id,
                number=one.number,
                vendor_name=one.vendor_name,
                project_id=one.project_id,
                in_quickbooks=one.answer.in_quickbooks,
                sentence=one.answer.sentence,
                owner=one.answer.owner,
                button=one.answer.button,
                more=one.answer.more,
            )
            for one in found
        ],
    )


def _sentence(totals: PreviewTotals) -> str:
    posts = f"{totals.bills:,} {'bill' if totals.bills == 1 else 'bills'} would post, {dollars(totals.bills_total)}"
    if not totals.held:
        return f"{posts}."
    because = "; ".join(f"{share.count:,}: {share.sentence.rstrip('.')}" for share in totals.reasons)
    return f"{posts}; {totals.held:,} would be held ({dollars(totals.held_total)}): {because}."
