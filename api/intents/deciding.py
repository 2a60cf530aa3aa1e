"""What an accountant decides about one invoice: its preview, its review, and the exits from what holds it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.bill import draft_hash
from accounting.bill_types import BillDraft
from accounting.blockers import BlockerReason
from accounting.checks import small_difference, to_be_paid
from accounting.closed_periods import redate_refusal
from accounting.eligibility import ASKS_WHETHER
from accounting.money import dollars
from accounting.retainage import excess
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import drafting, linking
from models.database import CompanySession
from models.decisions import decide, end_decisions
from models.drafting import Drafting, Previewed
from models.events import audit
from models.freeing import Resolved, free
from models.open_reasons import open_reasons
from models.tables import DecisionKind, InvoiceRow

D = DecisionKind
R = BlockerReason


@dataclass(frozen=True)
class Decided:
    """Whether the invoice goes on at once; where not, something else still holds it."""

    goes_on: bool


async def preview(services: Services, visitor: Visitor, invoice_id: UUID) -> Previewed:
    """What would be posted now. Raises Problem 404, and 409 for one that is posted, being sent or without books."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        previews = await drafting.preview(session, [row])
    if not previews:
        raise Problem(409, "no_books", "This invoice has no set of books yet. Choose its project's books first.")
    return previews[0]


async def review(services: Services, visitor: Visitor, invoice_id: UUID, shown_hash: str) -> Decided:
    """Approve exactly the draft that was shown. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        outcome = (await drafting_now(session, row)).draft_to_review()
        if not isinstance(outcome, BillDraft) or draft_hash(outcome) != shown_hash:
            raise Problem(
                409,
                "draft_changed",
                "The bill has changed since you saw it. Nothing was approved; look at the new one, then approve it.",
            )
        await decide(session, row.id, D.APPROVED_DRAFT, decided_by=visitor.user_id, value=shown_hash)
        freed = await free_invoice(session, row, R.REVIEW)
    return await told(services, visitor, freed, "a bill was approved")


async def use_bill(services: Services, visitor: Visitor, invoice_id: UUID, key: str) -> None:
    """*Use this bill*. Raises Problem 404, 409 and 422."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            row = await row_to_decide(session, invoice_id)
            await linking.use_bill(session, row, key, visitor.user_id)
    except linking.NoSuchBill:
        raise Problem(422, "no_such_bill", "That transaction is not in these books any more. Look again.") from None
    except linking.LinkedAlready:
        raise Problem(
            409,
            "linked_already",
            "That transaction answers another invoice. Choose another one, or post as a new bill.",
        ) from None


async def unlink(services: Services, visitor: Visitor, invoice_id: UUID) -> None:
    """Take *Use this bill* back. Raises Problem 404 and 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            if await linking.unlink(session, invoice_id, visitor.user_id) is None:
                raise not_found("invoice")
    except linking.NotHeldBack:
        raise Problem(409, "not_linked", "Nobody linked this invoice to a bill. Nothing was changed.") from None
    await _wake(services, visitor, "an invoice was unlinked")


async def post_as_new(services: Services, visitor: Visitor, invoice_id: UUID, shown: list[str]) -> Decided:
    """*Post as a new bill*: exactly what was shown is another bill. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        open_now = await linking.open_keys(session, row.id, R.LIKELY_DUPLICATE)
        if not set(open_now) <= set(shown):
            raise Problem(
                409, "duplicates_changed", "Another transaction looks like this invoice by now. Compare that one too."
            )
        freed = await linking.post_as_new(session, row, shown, visitor.user_id)
    return await told(services, visitor, freed, "an invoice is posted as a new bill")


async def dont_post(services: Services, visitor: Visitor, invoice_id: UUID, why: str) -> None:
    """*Don't post this invoice*. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await linking.dont_post(session, await row_to_decide(session, invoice_id), visitor.user_id, why)


async def post_after_all(services: Services, visitor: Visitor, invoice_id: UUID) -> None:
    """Take *Don't post* back. Raises Problem 404 and 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            if await linking.post_after_all(session, invoice_id, visitor.user_id) is None:
                raise not_found("invoice")
    except linking.NotHeldBack:
        raise Problem(409, "not_held_back", "Nobody chose Don't post for this invoice. Nothing was changed.") from None
    await _wake(services, visitor, "an invoice is posted after all")


async def choose_date(
    services: Services, visitor: Visitor, invoice_id: UUID, day: date, *, other_year: bool
) -> Decided:
    """Another bill date for a closed period. Raises Problem 404, 409 and 422."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        books = (await drafting_now(session, row)).books
        old = books.bill_date or row.billing_date
        said = redate_refusal(old, day, books.closed_through, books.lock_date, other_year_confirmed=other_year)
        if said is not None:
            raise Problem(422, "date_refused", said)
        await decide(session, row.id, D.BILL_DATE, decided_by=visitor.user_id, value=day.isoformat())
        freed = await free_invoice(session, row, R.PERIOD_CLOSED, R.LOCK_DATE)
    return await told(services, visitor, freed, "another bill date was chosen")


async def accept_difference(services: Services, visitor: Visitor, invoice_id: UUID, shown: Decimal) -> Decided:
    """Put a few cents on the retainage line. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        difference = small_difference((await drafting_now(session, row)).invoice)
        if difference == 0 or difference != shown:
            raise _changed(
                f"The difference is {dollars(difference)} now, or too large to be put on the retainage line."
            )
        await decide(session, row.id, D.SMALL_DIFFERENCE, decided_by=visitor.user_id, value=str(difference))
        freed = await free_invoice(session, row, R.SMALL_DIFFERENCE)
    return await told(services, visitor, freed, "a difference was accepted")


async def excess_to_cost(services: Services, visitor: Visitor, invoice_id: UUID, shown: Decimal) -> Decided:
    """*Post the excess to cost*. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        of = await drafting_now(session, row)
        balance = replace(of.balance, opening=of.balance.opening + of.books.retainage_opening)
        beyond = excess(of.invoice, balance)
        if beyond == 0 or beyond != shown:
            raise _changed(f"The excess is {dollars(beyond)} now.")
        await decide(session, row.id, D.EXCESS_TO_COST, decided_by=visitor.user_id, value=str(beyond))
        freed = await free_invoice(session, row, R.RETAINAGE_OPENING_BALANCE)
    return await told(services, visitor, freed, "released retainage goes to cost")


async def vendor_credit(services: Services, visitor: Visitor, invoice_id: UUID, shown: Decimal) -> Decided:
    """*Post as vendor credit*: once, for the amount that was shown. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        of = await drafting_now(session, row)
        total = to_be_paid(of.invoice)
        if total >= 0 or total != shown:
            raise _changed(f"The amount due is {dollars(total)} now.")
        await decide(session, row.id, D.VENDOR_CREDIT, decided_by=visitor.user_id, value=str(total))
        freed = await free_invoice(session, row, R.NEGATIVE_TOTAL)
    return await told(services, visitor, freed, "an invoice is posted as a vendor credit")


async def lien_waiver(services: Services, visitor: Visitor, invoice_id: UUID, *, missing: bool) -> Decided:
    """Say that the lien waiver is missing, or that it came. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        if missing:
            await decide(session, row.id, D.LIEN_WAIVER_MISSING, decided_by=visitor.user_id)
            return Decided(goes_on=False)
        await end_decisions(session, row.id, [D.LIEN_WAIVER_MISSING])
        freed = await free_invoice(session, row, R.LIEN_WAIVER)
    return await told(services, visitor, freed, "a lien waiver came")


async def let_in(services: Services, visitor: Visitor, invoice_id: UUID) -> Decided:
    """*Import it*: comes in although no rule could tell. The start date is an admin's, so is what it cannot answer.

    Raises Problem 403, 404 and 409.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        asked = {one.reason for one in (await open_reasons(session, [row.id])).get(row.id, ())} & ASKS_WHETHER
        if not asked:
            raise Problem(
                409, "decided_already", "Nobody has to decide any more whether this invoice comes in. Look at it again."
            )
        if R.APPROVAL_DATE_UNKNOWN in asked and not visitor.is_admin:
            raise Problem(
                403,
                "not_admin",
                "Only company admins can import an invoice whose approval date is unknown. Ask a company admin.",
            )
        audit(session, "let_in", invoice_id=str(row.id), reasons=sorted(asked))
        freed = await free_invoice(session, row, *asked)
    return await told(services, visitor, freed, "an invoice was let in")


async def row_to_decide(session: CompanySession, invoice_id: UUID) -> InvoiceRow:
    """The invoice, locked, while it may still be decided about. Raises Problem 404 and 409."""
    try:
        row = await linking.invoice_to_decide(session, invoice_id)
    except linking.TooLate:
        raise Problem(
            409, "too_late", "This invoice is being sent to QuickBooks or is settled already. Look at it again."
        ) from None
    if row is None:
        raise not_found("invoice")
    return row


async def drafting_now(session: CompanySession, row: InvoiceRow) -> Drafting:
    """What the invoice's bill is made from at this moment. Raises Problem 409 for one without books."""
    if row.connection_id is None:
        raise Problem(409, "no_books", "This invoice has no set of books yet. Choose its project's books first.")
    return (await drafting.drafting_of(session, row.connection_id, [row]))[row.id]


async def free_invoice(session: CompanySession, row: InvoiceRow, *reasons: BlockerReason) -> list[UUID]:
    """Clear these reasons of one invoice, now that somebody has decided; the invoice, where nothing else holds it."""
    await session.flush()
    return await free(session, Resolved(reasons, invoice_ids=(row.id,)))


def _changed(now: str) -> Problem:
    return Problem(409, "amounts_changed", f"{now} Nothing was changed; look at the invoice again.")


async def told(services: Services, visitor: Visitor, freed: list[UUID], reason: str) -> Decided:
    """Wake the company where an invoice goes on, and say whether it does."""
    if freed:
        await _wake(services, visitor, reason)
    return Decided(goes_on=bool(freed))


async def _wake(services: Services, visitor: Visitor, reason: str) -> None:
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))
