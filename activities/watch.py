"""One look at everything that is due for one company, under a fence that a newer look or a toggle breaks.

Order: what an accepted plan still has to bring in, Procore's approvals (only while mirroring is on), what changed after
posting, batches whose outcome is open, what is runnable, and payments: books to ask about them, and what Procore has to
follow. Each step commits by itself; a broken fence ends the look without a trace.
"""

from datetime import datetime, timedelta
from uuid import UUID

from activities.acting import acting, heartbeating
from activities.alerts import AlertKeeping
from activities.asking_again import AskingAgain
from activities.bringing_in import bring_in_plan
from activities.comparing import compare_due
from activities.desktop_answers import take_in_answers
from activities.failures import procore_failure, wait_for
from activities.outside import Outside
from activities.payment_pull import pull_pace
from activities.procore_look import ProcoreLook
from activities.reading_procore import CALLS_IN_HAND, CompanyReader
from activities.runnable_batches import batch_of
from activities.vendor_directory import read_directory
from contracts.mirroring import BatchRef, PaymentsRef, WatchRequest, WatchResult
from contracts.names import BATCH_SIZE, BATCHES_IN_FLIGHT, RUNNABLE_LIMIT
from models.alert_outbox import lease_round, next_round
from models.bill_updates import lease_updates, next_update
from models.database import Actor, CompanySession
from models.due_shares import lease_due_shares, next_due_share
from models.hooks import hooks_are_due, lease_hooks
from models.inbox import close_notices_before, open_notices, rest
from models.mirroring import (
    CompanyRules,
    Fence,
    Superseded,
    company_rules,
    hold_fence,
    lease_plans_to_make,
    plan_to_bring_in,
    raise_fence,
)
from models.payment_pulls import lease_pulls
from models.plan_statement import close_plans
from models.procore_access import procore_access
from models.projects import projects_with_unread_contracts, store_commitments, visible_projects
from models.routes import Routes, routes_now
from models.runnable import is_posting, lease_runnable, next_due, projects_posting
from models.statistics import count_rows
from models.tables import InboxSource
from models.unfinished import next_unfinished, unfinished_batches
from providers.procore.errors import ProcoreError

NOTHING_TO_WAIT_FOR = timedelta(hours=1)
SHORTEST_WAIT = timedelta(seconds=1)
# A person's clicks, or a project's worth of changes by the setting; the next look takes more.
UPDATES_PER_LOOK = 20
AFTER_BACKLOG = timedelta(seconds=5)
# Two calls a project: a company that pauses with a hundred projects has them read within the hour.
MOST_CONTRACT_READS = 20


class CompanyWatch:
    """One attempt of ``watch_company``."""

    def __init__(self, outside: Outside, request: WatchRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._actor: Actor = acting()
        self._procore_shown = request.procore_shown
        self._hooks_wait = False

    async def look(self) -> WatchResult:
        """What is runnable. Raises a benign failure with the time of the next look when nothing is."""
        try:
            async with heartbeating():
                return await self._look()
        except Superseded:
            raise wait_for("a newer look has taken over", SHORTEST_WAIT) from None

    async def _look(self) -> WatchResult:
        async with self._database.company(self._company_id, self._actor) as session:
            began_at = session.now
            fence = await raise_fence(session)
            rules = await company_rules(session)
            routes = await routes_now(session)
            plan_ids = await lease_plans_to_make(session)
        if not routes.live:
            return WatchResult(nothing_connected=True, alerts_due=await self._alerts_due(fence, rules))
        await take_in_answers(self._database, self._company_id, self._actor)
        reader = CompanyReader(self._outside, rules.procore_company_id)
        asked = ProcoreLook(self._outside, self._company_id, self._actor, fence, reader, rules, routes)
        looks_at_procore = rules.feature_enabled and fence.is_on
        if rules.feature_enabled and (first := await self._bring_in(fence, routes)):
            return WatchResult(batches=first, plan_ids=plan_ids, procore=self._procore_shown)
        if looks_at_procore:
            await asked.look()
            await self._read_contracts(reader)
        elif rules.feature_enabled:
            # Vendors are mapped before mirroring is switched on.
            await read_directory(self._database, self._company_id, self._actor, reader)
        if rules.feature_enabled and asked.trouble is None:
            again = AskingAgain(self._outside, self._company_id, self._actor, fence, reader)
            if not looks_at_procore:
                await again.ask_told(began_at)
            await again.ask()
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, fence)
            # Committed before the inbox is read below: a notice that comes after this signals by itself.
            await rest(session)
            if not looks_at_procore:
                # What came since then woke the workflow, and belongs to the next look.
                await close_notices_before(session, InboxSource.PROCORE, began_at)
            await reader.settle(session)
        await self._keep_alerts(fence, rules)
        await compare_due(self._database, self._company_id, self._actor)
        async with self._database.company(self._company_id, self._actor) as session:
            # A look that was given up must lease nothing: nobody would hear of it.
            await hold_fence(session, fence)
            await close_plans(session)
            batches = await self._unfinished(session)
            if rules.feature_enabled and len(batches) < RUNNABLE_LIMIT // BATCH_SIZE:
                batches += await self._runnable(session)
                batches += await self._updates(session)
            pulls = await lease_pulls(session, pull_pace(self._outside.settings))
            due_now = WatchResult(
                batches=batches,
                plan_ids=plan_ids,
                hooks_due=looks_at_procore and not batches and await self._lease_hooks(session),
                procore=(await procore_access(session)).sentence,
                alerts_due=rules.feature_enabled and await lease_round(session),
                pulls=pulls.connection_ids,
                payments=[
                    PaymentsRef(
                        connection_id=one.connection_id,
                        project_id=one.project_id,
                        project_name=one.project_name,
                        share_ids=one.share_ids,
                    )
                    for one in await lease_due_shares(session)
                ],
            )
            if due_now != WatchResult(procore=self._procore_shown):
                return due_now
            due = await self._next_look(session, looks_at_procore, asked, pulls.next_at)
            if rules.feature_enabled and (alerts_at := await next_round(session)) is not None:
                due = min(due, alerts_at)
        if asked.trouble is not None:
            raise procore_failure(asked.trouble, self._outside.clock.now()) from None
        raise wait_for("nothing is due", max(due - self._outside.clock.now(), SHORTEST_WAIT))

    async def _read_contracts(self, reader: CompanyReader) -> None:
        """So that a preview is exact while posting is paused: else whoever prepares a batch reads them."""
        async with self._database.company(self._company_id, self._actor) as session:
            unread = await projects_with_unread_contracts(session, MOST_CONTRACT_READS)
            budget = await reader.settle(session)
        for project_id in unread:
            if budget.left < CALLS_IN_HAND:
                return
            await reader.breathe()
            try:
                found = await reader.commitments(project_id)
            except ProcoreError:
                # The looks themselves say what is wrong with Procore.
                return
            async with self._database.company(self._company_id, self._actor) as session:
                await store_commitments(session, found)
                budget = await reader.settle(session)

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

    async def _runnable(self, session: CompanySession) -> list[BatchRef]:
        return [batch_of(one) for one in await lease_runnable(session, per_project=BATCH_SIZE, limit=RUNNABLE_LIMIT)]

    async def _updates(self, session: CompanySession) -> list[BatchRef]:
        """Bills to be changed, each in a batch of its own: one that somebody has open holds up no other."""
        return [
            BatchRef(
                connection_id=one.connection_id,
                project_id=one.project_id,
                project_name=one.project_name,
                invoice_ids=[one.invoice_id],
                updates=True,
                summary="change a bill",
            )
            for one in await lease_updates(session, UPDATES_PER_LOOK)
        ]

    async def _lease_hooks(self, session: CompanySession) -> bool:
        """Webhooks only make looks come sooner: they wait while a backlog is posted, which needs Procore itself."""
        if not self._outside.settings.procore_webhooks:
            return False
        if await is_posting(session):
            self._hooks_wait = await hooks_are_due(session)
            return False
        return await lease_hooks(session)

    async def _next_look(
        self, session: CompanySession, looks_at_procore: bool, asked: ProcoreLook, next_pull: datetime | None
    ) -> datetime:
        now = self._outside.clock.now()
        times = [now + NOTHING_TO_WAIT_FOR]
        if looks_at_procore:
            due = [project.next_look_at for project in await visible_projects(session)][:1]
            due += [now] if await open_notices(session, InboxSource.PROCORE) else []
            times += [max(at, asked.go_on_at or at) for at in due]
        times += [now + AFTER_BACKLOG] if self._hooks_wait else []
        dues = (
            await next_due(session),
            await next_unfinished(session),
            await next_update(session),
            await next_due_share(session),
            next_pull,
        )
        times += [at for at in dues if at is not None]
        return min(times)

    async def _keep_alerts(self, fence: Fence, rules: CompanyRules) -> None:
        """Whoever has the feature off can do nothing about a cause: their alerts stay as they are."""
        if rules.feature_enabled:
            async with self._database.company(self._company_id, self._actor) as session:
                await hold_fence(session, fence)
                await AlertKeeping(session, self._outside.settings, rules.name).keep()

    async def _alerts_due(self, fence: Fence, rules: CompanyRules) -> bool:
        """Where nothing is connected any more: what that closes is told all the same."""
        await self._keep_alerts(fence, rules)
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, fence)
            return rules.feature_enabled and await lease_round(session)

    async def _bring_in(self, fence: Fence, routes: Routes) -> list[BatchRef]:
        """Bring in what the accepted plan still owes. Where too little is being posted, what has come in goes at once:
        the next look brings in the rest.
        """
        async with self._database.company(self._company_id, self._actor) as session:
            plan_id = await plan_to_bring_in(session)
        while plan_id is not None:
            async with self._database.company(self._company_id, self._actor) as session:
                await hold_fence(session, fence)
                if await bring_in_plan(session, plan_id, routes):
                    plan_id = await plan_to_bring_in(session)
                elif (posting := await projects_posting(session)) <= BATCHES_IN_FLIGHT:
                    if not posting:
                        await count_rows(session)
                    if batches := await self._runnable(session):
                        return batches
        return []
