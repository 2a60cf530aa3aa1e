"""The part of a look that asks Procore: its projects once an hour, and in each project that is due what changed.

A project is due by the clock, or because Procore's webhook told that something happened there. Every project commits
by itself, with its watermark and the notices it covers; a broken fence ends the look without a trace.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.procore_access import ProcoreAccess
from activities.judging import judge_page, keep_unreadable, take_in, wants_history
from activities.outside import Outside
from activities.procore_access import company_lost, in_words, is_of_project
from activities.procore_directory import follow_directory
from activities.reading_procore import Budget, CompanyReader, read_until
from activities.requisition_reading import read
from models.allowance import HOUR
from models.database import Actor
from models.freeing import Resolved, free
from models.hooks import hooks_after_new_projects
from models.inbox import OpenNotices, close_notices, open_notices
from models.mirroring import CompanyRules, Fence, hold_fence, projects_read, projects_read_at, remember_service_account
from models.procore_access import access_by_projects, access_is, procore_access
from models.projects import look_at_refused_now, project_looked_at, store_projects, visible_projects
from models.routes import Routes
from models.tables import InboxSource, ProcoreProject
from providers.procore.errors import ProcoreError, ProcoreRateLimited

NEVER = datetime.min.replace(tzinfo=UTC)


class ProcoreLook:
    """One look at a company's Procore under one fence. ``trouble`` is what ended it early; ``go_on_at`` is set where
    the allowance did.
    """

    def __init__(
        self,
        outside: Outside,
        company_id: UUID,
        actor: Actor,
        fence: Fence,
        reader: CompanyReader,
        rules: CompanyRules,
        routes: Routes,
    ) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor = actor
        self._fence = fence
        self._reader = reader
        self._rules = rules
        self._routes = routes
        self.trouble: ProcoreError | None = None
        self.go_on_at: datetime | None = None

    async def look(self) -> None:
        """Look at every project that is due, longest unseen first, as far as the allowance goes."""
        try:
            budget = await self._refresh_projects()
        except ProcoreError as trouble:
            await self._lost(trouble, company_lost(trouble))
            return
        try:
            await self._look_at_projects(budget)
        except ProcoreError as trouble:
            # A refusal that one record or project may explain says nothing about the company.
            await self._lost(trouble, None if is_of_project(trouble) else company_lost(trouble))
            return
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, self._fence)
            await access_is(session, await access_by_projects(session))

    async def _lost(self, trouble: ProcoreError, access: ProcoreAccess | None) -> None:
        """What is runnable goes on all the same: Procore being down must not stop what it approved earlier."""
        self.trouble = trouble
        if access is not None:
            async with self._database.company(self._company_id, self._actor) as session:
                await hold_fence(session, self._fence)
                await access_is(session, access, trouble.reason)

    async def _refresh_projects(self) -> Budget:
        """Read the list of projects hourly, and at every look while Procore does not let us in as it should."""
        async with self._database.company(self._company_id, self._actor) as session:
            read_at = await projects_read_at(session)
            access = (await procore_access(session)).state
            budget = await self._reader.settle(session)
            is_fresh = access is ProcoreAccess.OK and read_at is not None and read_at > session.now - HOUR
        if is_fresh or budget.left <= 0:
            return budget
        me = await self._reader.client.me()
        projects = await self._reader.projects()
        await follow_directory(self._outside, self._company_id, self._actor, self._reader)
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, self._fence)
            await remember_service_account(session, me.id)
            returned = await store_projects(session, projects)
            await free(session, Resolved((BlockerReason.PROJECT_NOT_VISIBLE,), tuple(returned)))
            await hooks_after_new_projects(session)
            if access not in (ProcoreAccess.OK, ProcoreAccess.PERMISSION_MISSING):
                await look_at_refused_now(session)
            await projects_read(session)
            return await self._reader.settle(session)

    async def _look_at_projects(self, budget: Budget) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            projects = await visible_projects(session)
            notices = await open_notices(session, InboxSource.PROCORE)

        now = self._outside.clock.now()
        due = [project for project in projects if project.next_look_at <= now or project.project_id in notices]
        if due:
            # One look for what is due now and what soon will be: each costs an attempt.
            soon = now + self._reader.due_soon
            due = [project for project in projects if project.next_look_at <= soon or project.project_id in notices]
        for project in longest_unseen(due):
            if budget.left <= 0:
                self.go_on_at = budget.resets_at
                return
            budget = await self._look_at_project(project, notices.get(project.project_id), budget, len(projects))

    async def _look_at_project(
        self, project: ProcoreProject, notices: OpenNotices | None, budget: Budget, projects: int
    ) -> Budget:
        """Read what changed in one project and commit it with the watermark, in one unit of work."""
        looked_at = self._outside.clock.now()
        next_look_at = looked_at + self._reader.interval(projects)
        covered = notices.ids if notices else []
        route = self._routes.of(project.project_id, project.name)
        try:
            await self._reader.breathe()
            pages = [page async for page in self._reader.changed_requisitions(project, looked_at)]
        except ProcoreRateLimited:
            raise
        except ProcoreError as trouble:
            if not is_of_project(trouble) and company_lost(trouble) is not None:
                raise
            # The others come first next time: one project that cannot be read must not hide them.
            budget = await self._note_trouble(project, covered, next_look_at, trouble)
            if is_of_project(trouble):
                return budget
            raise
        readings = [read(requisition) for page in pages for requisition in page.records]
        unreadable = [one for page in pages for one in page.unreadable]
        start_date = self._fence.start_date
        if start_date is None:
            return budget
        async with self._database.company(self._company_id, self._actor) as session:
            judged = await judge_page(session, self._rules, project, start_date, readings, {}, in_books=route.in_books)
        if undecided := wants_history(judged):
            histories = await self._reader.histories(project.project_id, undecided)
            async with self._database.company(self._company_id, self._actor) as session:
                judged = await judge_page(
                    session, self._rules, project, start_date, readings, histories, in_books=route.in_books
                )
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, self._fence)
            await keep_unreadable(session, unreadable, project.project_id)
            await take_in(session, judged, route)
            await project_looked_at(
                session,
                project.project_id,
                watermark=read_until(pages, looked_at),
                was_due_at=project.next_look_at,
                next_look_at=next_look_at,
                trouble=None,
            )
            await free(session, Resolved((BlockerReason.PROJECT_NOT_VISIBLE,), (project.project_id,)))
            await close_notices(session, covered)
            return await self._reader.settle(session)

    async def _note_trouble(
        self, project: ProcoreProject, covered: list[UUID], next_look_at: datetime, trouble: ProcoreError
    ) -> Budget:
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, self._fence)
            refused = is_of_project(trouble)
            await project_looked_at(
                session,
                project.project_id,
                watermark=None,
                was_due_at=project.next_look_at,
                next_look_at=next_look_at,
                trouble=in_words(trouble) if refused else str(trouble),
                refused=refused,
            )
            # Procore not answering covers nothing: what it told is asked for again when it does.
            await close_notices(session, covered if refused else [])
            return await self._reader.settle(session)


def longest_unseen(due: Sequence[ProcoreProject]) -> list[ProcoreProject]:
    """The project unseen for the longest comes first: so none waits for an hour."""
    return sorted(due, key=lambda project: project.last_looked_at or NEVER)
