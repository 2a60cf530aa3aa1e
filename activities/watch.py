"""One look at everything that is due for one company, under a fence that a newer look or a toggle breaks.

Order: what an accepted plan still has to bring in, Procore's approvals (only while mirroring is on), batches whose
outcome is open, and what is runnable. Each step commits by itself; a broken fence ends the look without a trace.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState
from activities.acting import acting, heartbeating
from activities.failures import procore_failure, wait_for
from activities.judging import judge_page, keep_unreadable, take_in, wants_history
from activities.outside import Outside
from activities.plan import bring_in_plan
from activities.reading_procore import Budget, CompanyReader
from activities.requisition_reading import read
from contracts.mirroring import BatchRef, WatchRequest, WatchResult
from contracts.names import BATCH_SIZE, RUNNABLE_LIMIT
from models.connections import connected
from models.database import Actor, CompanySession
from models.invoices import free_blocked
from models.mirroring import (
    Fence,
    Superseded,
    company_rules,
    hold_fence,
    lease_plans_to_make,
    plan_to_bring_in,
    projects_read,
    projects_read_at,
    raise_fence,
    remember_service_account,
)
from models.posting import next_unfinished, unfinished_batches
from models.projects import HOUR, project_looked_at, store_projects, visible_projects
from models.runnable import lease_runnable, next_due
from models.tables import Connection, ProcoreProject
from providers.procore.errors import ProcoreAccessError, ProcoreError, ProcoreRateLimited

NOTHING_TO_WAIT_FOR = timedelta(hours=1)
SHORTEST_WAIT = timedelta(seconds=1)
HIDDEN = (403, 404)
NEVER = datetime.min.replace(tzinfo=UTC)


class CompanyWatch:
    """One attempt of ``watch_company``."""

    def __init__(self, outside: Outside, request: WatchRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._actor: Actor = acting()
        self._trouble: ProcoreError | None = None
        # When the allowance is used up: the instant from which Procore may be asked again.
        self._ask_again_at: datetime | None = None

    async def look(self) -> WatchResult:
        """What is runnable. Raises a benign failure with the time of the next look when nothing is."""
        try:
            async with heartbeating():
                return await self._look()
        except Superseded:
            raise wait_for("a newer look has taken over", SHORTEST_WAIT) from None

    async def _look(self) -> WatchResult:
        async with self._database.company(self._company_id, self._actor) as session:
            fence = await raise_fence(session)
            rules = await company_rules(session)
            connections = await connected(session)
            plan_ids = await lease_plans_to_make(session)
        if not connections:
            return WatchResult(nothing_connected=True)
        reader = CompanyReader(self._outside, rules)
        route = the_route(connections)
        if rules.feature_enabled:
            await self._bring_in(fence, route)
            if fence.is_on:
                await self._look_at_procore(fence, reader, route)
        async with self._database.company(self._company_id, self._actor) as session:
            # A look that was given up must lease nothing: nobody would hear of it.
            await hold_fence(session, fence)
            await reader.note_calls(session)
            batches = await self._unfinished(session)
            if rules.feature_enabled and len(batches) < RUNNABLE_LIMIT // BATCH_SIZE:
                found = await lease_runnable(session, per_project=BATCH_SIZE, limit=RUNNABLE_LIMIT)
                batches += [
                    BatchRef(
                        connection_id=one.connection_id,
                        project_id=one.project_id,
                        project_name=one.project_name,
                        invoice_ids=one.invoice_ids,
                    )
                    for one in found
                ]
            if batches or plan_ids:
                return WatchResult(batches=batches, plan_ids=plan_ids)
            due = await self._next_look(session, fence)
        if self._trouble is not None:
            raise procore_failure(self._trouble, self._outside.clock.now()) from None
        raise wait_for("nothing is due", max(due - self._outside.clock.now(), SHORTEST_WAIT))

    async def _unfinished(self, session: CompanySession) -> list[BatchRef]:
        return [
            BatchRef(
                connection_id=one.connection_id,
                project_id=one.project_id,
                project_name=one.project_name,
                batch_id=one.batch_id,
            )
            for one in await unfinished_batches(session, RUNNABLE_LIMIT // BATCH_SIZE)
        ]

    async def _next_look(self, session: CompanySession, fence: Fence) -> datetime:
        times = [self._outside.clock.now() + NOTHING_TO_WAIT_FOR]
        if fence.is_on:
            due = [project.next_look_at for project in await visible_projects(session)][:1]
            times += [max(at, self._ask_again_at or at) for at in due]
        times += [at for at in (await next_due(session), await next_unfinished(session)) if at is not None]
        return min(times)

    async def _bring_in(self, fence: Fence, route: Connection | None) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            plan_id = await plan_to_bring_in(session)
        while plan_id is not None:
            async with self._database.company(self._company_id, self._actor) as session:
                await hold_fence(session, fence)
                if await bring_in_plan(session, plan_id, route):
                    return

    async def _look_at_procore(self, fence: Fence, reader: CompanyReader, route: Connection | None) -> None:
        try:
            budget = await self._refresh_projects(fence, reader)
            async with self._database.company(self._company_id, self._actor) as session:
                projects = await visible_projects(session)
            now = self._outside.clock.now()
            for project in longest_unseen(projects, now, now + reader.due_soon):
                if budget.left <= 0:
                    self._ask_again_at = budget.resets_at
                    break
                budget = await self._look_at_project(fence, reader, route, project, budget, len(projects))
        except ProcoreError as trouble:
            # What is runnable is returned all the same: Procore being down must not stop what it approved earlier.
            self._trouble = trouble

    async def _refresh_projects(self, fence: Fence, reader: CompanyReader) -> Budget:
        async with self._database.company(self._company_id, self._actor) as session:
            read_at = await projects_read_at(session)
            budget = await reader.budget(session)
        if budget.left <= 0 or (read_at is not None and read_at > self._outside.clock.now() - HOUR):
            return budget
        me = await reader.client.me()
        projects = await reader.projects()
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, fence)
            await remember_service_account(session, me.id)
            await store_projects(session, projects)
            await projects_read(session)
            await reader.note_calls(session)
            return await reader.budget(session)

    async def _look_at_project(
        self,
        fence: Fence,
        reader: CompanyReader,
        route: Connection | None,
        project: ProcoreProject,
        budget: Budget,
        projects: int,
    ) -> Budget:
        """Read what changed in one project and commit it with the watermark, in one unit of work."""
        looked_at = self._outside.clock.now()
        next_look_at = looked_at + reader.interval(projects)
        try:
            await reader.breathe()
            pages = [page async for page in reader.changed_requisitions(project, looked_at)]
        except ProcoreRateLimited:
            raise
        except ProcoreError as trouble:
            # The others come first next time: one project that cannot be read must not hide them.
            budget = await self._note_trouble(fence, reader, project, next_look_at, trouble)
            if isinstance(trouble, ProcoreAccessError) and trouble.status in HIDDEN:
                return budget
            raise
        readings = [read(requisition) for page in pages for requisition in page.records]
        unreadable = [one for page in pages for one in page.unreadable]
        start_date = fence.start_date
        if start_date is None:
            return budget
        async with self._database.company(self._company_id, self._actor) as session:
            judged = await judge_page(session, reader.rules, project, start_date, readings, {})
        if undecided := wants_history(judged):
            histories = await reader.histories(project.project_id, undecided)
            async with self._database.company(self._company_id, self._actor) as session:
                judged = await judge_page(session, reader.rules, project, start_date, readings, histories)
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, fence)
            await keep_unreadable(session, unreadable, project.project_id)
            await take_in(session, judged, route)
            await project_looked_at(
                session, project.project_id, watermark=looked_at, next_look_at=next_look_at, trouble=None
            )
            await free_blocked(session, [BlockerReason.PROJECT_NOT_VISIBLE], [project.project_id])
            await reader.note_calls(session)
            return await reader.budget(session)

    async def _note_trouble(
        self,
        fence: Fence,
        reader: CompanyReader,
        project: ProcoreProject,
        next_look_at: datetime,
        trouble: ProcoreError,
    ) -> Budget:
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, fence)
            await project_looked_at(
                session, project.project_id, watermark=None, next_look_at=next_look_at, trouble=str(trouble)
            )
            await reader.note_calls(session)
            return await reader.budget(session)


def longest_unseen(projects: Sequence[ProcoreProject], now: datetime, soon: datetime) -> list[ProcoreProject]:
    """The projects that are due, and once one is, those that soon will be; the one unseen for the longest first."""
    if not any(project.next_look_at <= now for project in projects):
        return []
    due = [project for project in projects if project.next_look_at <= soon]
    return sorted(due, key=lambda project: project.last_looked_at or NEVER)


def the_route(connections: list[Connection]) -> Connection | None:
    """Where new invoices go: the one set of books there is. With several, a project waits until somebody routes it."""
    candidates = [one for one in connections if one.state is not ConnectionState.DISCONNECTED]
    return candidates[0] if len(candidates) == 1 else None
