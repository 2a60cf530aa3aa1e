"""What switching mirroring on would bring in: listed before, each invoice in its pile, accepted by the list's hash."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from accounting.eligibility import Import, NeedsPerson, NotImported
from accounting.plan import DraftTotals, PlanEntry, PlanTotals, PlanVerdict, plan_hash
from activities.acting import acting, heartbeating
from activities.failures import procore_failure, quickbooks_failure, wait_for
from activities.judging import (
    Histories,
    Judged,
    follow_source,
    judge_page,
    keep_unreadable,
    wants_history,
    with_verdict,
)
from activities.outside import Outside
from activities.piling import Listed, Piles, Piling
from activities.procore_access import in_words
from activities.reading_procore import BOTH_KINDS, Budget, CompanyReader, read_until
from activities.recently_read import RECENTLY_READ
from activities.requisition_reading import is_approved, read
from contracts.mirroring import PlanMade, PlanRequest
from foundation.side_by_side import side_by_side
from models.database import Actor
from models.mirroring import PLAN_LEASE, CompanyRules, company_rules, projects_read, remember_service_account
from models.plans import locked_plan, plan_made, write_entries
from models.projects import project_looked_at, store_commitments, store_projects, unknown_commitments, visible_projects
from models.requisitions import SeenRequisition, store_requisitions
from models.routes import routes_now
from models.tables import PlanState, ProcoreProject, RequisitionVerdict
from providers.procore.commitments import CommitmentType
from providers.procore.errors import ProcoreError, ProcoreForbidden, ProcoreNotFound
from providers.quickbooks_online.errors import QuickBooksOnlineError

# While one project is written down, others are being read.
PROJECTS_AT_ONCE = 4


class PlanMaking:
    """One attempt of ``make_plan``. Projects read by an earlier attempt are read again: a plan is of one moment."""

    def __init__(self, outside: Outside, request: PlanRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._plan_id: UUID = request.plan_id
        self._actor: Actor = acting()
        self._rules: CompanyRules
        self._budget: Budget

    async def make(self) -> PlanMade:
        """List every requisition with its verdict. Raises a retryable failure while Procore cannot be read."""
        async with self._database.company(self._company_id, self._actor) as session:
            plan = await locked_plan(session, self._plan_id)
            plan.leased_until = session.now + PLAN_LEASE
            session.add(plan)
            rules = await company_rules(session)
        if plan.state is not PlanState.REQUESTED:
            return PlanMade(
                create_count=plan.create_count,
                create_sum=plan.create_sum,
                skip_count=plan.skip_count,
                ask_count=plan.ask_count,
                link_count=plan.link_count,
            )
        # What was approved while nothing was connected comes in by this list as well: an admin sees and accepts it.
        self._rules = replace(rules, gaps=())
        reader = CompanyReader(self._outside, rules.procore_company_id)
        try:
            async with heartbeating():
                piles = await self._list(reader, plan.start_date)
        except ProcoreError as trouble:
            async with self._database.company(self._company_id, self._actor) as session:
                await reader.settle(session)
            raise procore_failure(trouble, self._outside.clock.now()) from None
        except QuickBooksOnlineError as trouble:
            # Without the books nobody can say what is in them already.
            raise quickbooks_failure(trouble) from None
        totals = PlanTotals.of(piles.entries)
        drafted = DraftTotals.of(
            (entry, outcome)
            for entry in piles.entries
            if (outcome := piles.drafted.get(entry.requisition_id)) is not None
        )
        async with self._database.company(self._company_id, self._actor) as session:
            await write_entries(session, self._plan_id, piles.entries, piles.drafted)
            await plan_made(session, self._plan_id, totals, drafted, plan_hash(plan.start_date, piles.entries))
        return PlanMade(
            create_count=totals.create,
            create_sum=totals.create_sum,
            skip_count=totals.skip,
            ask_count=totals.ask,
            link_count=totals.link,
        )

    async def _list(self, reader: CompanyReader, start_date: date) -> Piles:
        me = await reader.client.me()
        self._rules = replace(self._rules, service_account_id=me.id)
        projects = await reader.projects()
        async with self._database.company(self._company_id, self._actor) as session:
            # The toggle's row before the projects', as a look locks them.
            await projects_read(session)
            await remember_service_account(session, me.id)
            await store_projects(session, projects)
            visible = await visible_projects(session)
            routes = await routes_now(session)
            self._budget = await reader.settle(session)
        piling = Piling(self._outside, self._company_id, self._actor, routes)
        await piling.know_books([project.project_id for project in visible], start_date)

        async def list_and_draft(project: ProcoreProject) -> list[Listed]:
            in_books = routes.of(project.project_id).in_books
            found = await self._list_project(reader, project, start_date, len(visible), in_books)
            await piling.add(found)
            return found

        listings = [list_and_draft(project) for project in visible]
        listed = [one for project in await side_by_side(listings, PROJECTS_AT_ONCE) for one in project]
        return await piling.pile(listed)

    async def _list_project(
        self, reader: CompanyReader, project: ProcoreProject, start_date: date, projects: int, in_books: bool
    ) -> list[Listed]:
        """One project's requisitions, kept as the baseline that later looks compare with."""
        if self._budget.left <= 0:
            wait = self._budget.resets_at - self._outside.clock.now()
            raise wait_for("Procore's hourly allowance is used up", wait)
        looked_at = self._outside.clock.now()
        next_look_at = looked_at + reader.interval(projects)
        try:
            await reader.breathe()
            pages = [page async for page in reader.client.requisitions(project.project_id)]
        except (ProcoreForbidden, ProcoreNotFound) as hidden:
            async with self._database.company(self._company_id, self._actor) as session:
                await project_looked_at(
                    session,
                    project.project_id,
                    watermark=None,
                    was_due_at=project.next_look_at,
                    next_look_at=next_look_at,
                    trouble=in_words(hidden),
                    refused=True,
                )
            return []
        readings = [read(requisition) for page in pages for requisition in page.records]
        for reading in readings:
            RECENTLY_READ.remember(reading.invoice)
        unreadable = [one for page in pages for one in page.unreadable]
        histories: Histories = {}
        while True:
            async with self._database.company(self._company_id, self._actor) as session:
                judged = await judge_page(
                    session, self._rules, project, start_date, readings, histories, in_books=in_books
                )
                if not (undecided := wants_history(judged)):
                    await keep_unreadable(session, unreadable, project.project_id)
                    await store_requisitions(session, [_not_yet_in(one) for one in judged])
                    followed = await follow_source(session, readings)
                    # What is an invoice already goes on by itself, whatever is decided here.
                    new = [one for one in judged if one.reading.seen.requisition_id not in followed]
                    unknown = await unknown_commitments(session, _contracts_of_coming(new))
                    await project_looked_at(
                        session,
                        project.project_id,
                        watermark=read_until(pages, looked_at),
                        was_due_at=project.next_look_at,
                        next_look_at=next_look_at,
                        trouble=None,
                    )
                    self._budget = await reader.settle(session)
                    break
            histories |= await reader.histories(project.project_id, undecided)
        if unknown:
            await self._read_commitments(reader, project.project_id, _kinds_of(unknown, new))
        return [Listed(entry, one.reading.invoice) for one in new if (entry := plan_entry(one)) is not None]

    async def _read_commitments(
        self, reader: CompanyReader, project_id: str, kinds: Collection[CommitmentType]
    ) -> None:
        await reader.breathe()
        found = await reader.commitments(project_id, kinds)
        async with self._database.company(self._company_id, self._actor) as session:
            await store_commitments(session, found)
            self._budget = await reader.settle(session)


def _contracts_of_coming(judged: Sequence[Judged]) -> set[str]:
    """A commitment's number is part of a bill's, where the vendor gave none."""
    return {one.reading.invoice.commitment_id for one in judged if isinstance(one.verdict, Import)}


def _kinds_of(commitment_ids: set[str], judged: Sequence[Judged]) -> Collection[CommitmentType]:
    """Which of Procore's lists hold these commitments; every one where a requisition does not say."""
    said = {one.reading.commitment_type for one in judged if one.reading.invoice.commitment_id in commitment_ids}
    return BOTH_KINDS if None in said else [kind for kind in said if kind is not None]


def _not_yet_in(one: Judged) -> SeenRequisition:
    kept = with_verdict(one)
    # A plan imports nothing: what it would create is undecided until somebody accepts it.
    return replace(kept, verdict=RequisitionVerdict.NONE) if isinstance(one.verdict, Import) else kept


def plan_entry(one: Judged) -> PlanEntry | None:
    """Where a requisition lies in the plan; None for one that nobody approved."""
    reading = one.reading
    match one.verdict:
        case Import():
            verdict, reason = PlanVerdict.CREATE, ""
        case NeedsPerson(hold):
            verdict, reason = PlanVerdict.ASK, hold.reason.value
        case NotImported(why) if is_approved(reading.judged.status):
            verdict, reason = PlanVerdict.SKIP, why.value
        case _:
            return None
    return PlanEntry(
        requisition_id=reading.seen.requisition_id,
        verdict=verdict,
        reason=reason,
        number=reading.invoice.number,
        vendor_name=reading.invoice.vendor_name,
        project_id=reading.seen.project_id,
        due=reading.invoice.due,
    )
