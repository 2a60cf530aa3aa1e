"""Our webhooks in Procore: one for each project we may see, made, asked after daily, removed when nobody listens.

Every step can be repeated: what Procore has is listed before anything is made, and a hook is known by its address,
which holds our row's id. Webhooks are optional (polling finds everything), so they take a tenth of the allowance.
"""

from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from temporalio import activity

from activities.acting import acting, heartbeating
from activities.failures import procore_failure
from activities.outside import Outside
from activities.procore_access import company_lost
from activities.reading_procore import Budget, CompanyReader
from contracts.hooks import HookActivities, HooksKept, HooksRequest
from models.connections import connected
from models.database import Actor
from models.hooks import (
    CHECK_EVERY,
    GO_ON_AFTER,
    begin_hook,
    hook_checked,
    hook_gone,
    hook_made,
    hook_refused,
    hooks_due_at,
    hooks_of,
)
from models.inbox import forget_old_notices
from models.mirroring import company_rules
from models.projects import visible_projects
from models.tables import HookState, ProcoreHook
from providers.procore.errors import (
    ProcoreAccessError,
    ProcoreError,
    ProcoreForbidden,
    ProcoreNotFound,
    ProcoreRejected,
)
from providers.procore.webhooks import EVENT_TYPES, Hook, resource_of_requisitions

SECRET_BYTES = 32
NEVER = datetime.min.replace(tzinfo=UTC)
# A run that comes early (a new project) asks only after those that the last daily run did not.
RECENTLY = CHECK_EVERY - timedelta(hours=4)
# A hook costs five calls to make (the first one six) and two to ask after; a tenth of the hour's calls leaves the looks
# what they need.
SHARE_OF_ALLOWANCE = 10
CALLS_OF_A_HOOK = 6
FEWEST_CALLS = 10
NO_RESOURCE = "Procore offers no webhook for subcontractor invoices here; inBuild looks by the clock instead."


class LockedOut(Exception):
    """Procore refuses the company as a whole; the watch tells people why, and webhooks wait for them."""


class HookKeeping:
    """One attempt at looking after a company's hooks."""

    def __init__(self, outside: Outside, request: HooksRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._actor: Actor = acting()
        self._address = f"{outside.settings.public_base_url}/webhooks/procore/"
        self._namespace = f"inbuild-sync-{request.company_id.hex[-12:]}"
        self._budget: Budget
        self._resource: str | None = None
        self._made = self._removed = self._in_trouble = 0

    async def keep(self) -> HooksKept:
        """Raises a retryable failure while Procore does not answer; what was done until then is kept."""
        async with self._database.company(self._company_id, self._actor) as session:
            await forget_old_notices(session)
            reader = CompanyReader(self._outside, (await company_rules(session)).procore_company_id)
            self._budget = await reader.settle(session)
            projects = [row.project_id for row in await visible_projects(session)]
            hooks = await hooks_of(session)
            live = await connected(session)
        if not live:
            return HooksKept()
        try:
            async with heartbeating():
                left_over = await self._work(reader, projects, hooks)
        except LockedOut as locked:
            activity.logger.warning("Procore lets nobody look after the webhooks: %s", locked.__cause__)
            left_over = len(projects)
        async with self._database.company(self._company_id, self._actor) as session:
            await hooks_due_at(session, session.now + (GO_ON_AFTER if left_over else CHECK_EVERY))
        return HooksKept(made=self._made, removed=self._removed, left_over=left_over, in_trouble=self._in_trouble)

    async def remove(self) -> HooksKept:
        """As ``keep``, for a company with nothing connected; what Procore will not let us touch is forgotten here."""
        async with self._database.company(self._company_id, self._actor) as session:
            reader = CompanyReader(self._outside, (await company_rules(session)).procore_company_id)
            hooks = await hooks_of(session)
            live = await connected(session)
        if not live:
            async with heartbeating():
                for one in hooks.values():
                    await self._accounted(reader, self._take_away(reader, one, "nothing is connected"))
            async with self._database.company(self._company_id, self._actor) as session:
                await hooks_due_at(session, None)
        return HooksKept(removed=self._removed)

    async def _work(self, reader: CompanyReader, projects: Sequence[str], hooks: dict[str, ProcoreHook]) -> int:
        """How many projects are left for the next hour."""
        for project_id, hook in hooks.items():
            if project_id not in projects:
                await self._accounted(reader, self._take_away(reader, hook, "Procore does not show the project"))
        now = self._outside.clock.now()
        waiting = [
            project_id
            for project_id in projects
            if project_id not in hooks or (hooks[project_id].checked_at or NEVER) <= now - RECENTLY
        ]
        # New projects first: those that have a hook already are only asked after.
        waiting.sort(key=lambda project_id: project_id in hooks)
        most_calls = max(self._budget.hourly // SHARE_OF_ALLOWANCE, FEWEST_CALLS)
        for done, project_id in enumerate(waiting):
            # Looks that run meanwhile draw on the same half of the hour.
            if reader.client.calls >= most_calls or self._budget.left < CALLS_OF_A_HOOK:
                return len(waiting) - done
            await self._accounted(reader, self._keep_one(reader, project_id, hooks.get(project_id)))
        return 0

    async def _accounted(self, reader: CompanyReader, work: Awaitable[None]) -> None:
        """Do the work and put its calls on the company's account, whatever came of it."""
        try:
            await work
        except ProcoreError as trouble:
            if isinstance(trouble, ProcoreAccessError):
                raise LockedOut from trouble
            raise procore_failure(trouble, self._outside.clock.now()) from None
        finally:
            async with self._database.company(self._company_id, self._actor) as session:
                self._budget = await reader.settle(session)

    async def _keep_one(self, reader: CompanyReader, project_id: str, hook: ProcoreHook | None) -> None:
        try:
            await self._bring_about(reader, project_id, hook)
        except (ProcoreForbidden, ProcoreNotFound, ProcoreRejected) as refused:
            self._in_trouble += 1
            trouble = (
                f"Procore allows no webhook in this project ({refused.reason.rstrip('.')}); inBuild looks by the clock "
                "instead."
            )
            async with self._database.company(self._company_id, self._actor) as session:
                await hook_refused(session, project_id, _fingerprint(_new_secret()), trouble)

    async def _bring_about(self, reader: CompanyReader, project_id: str, hook: ProcoreHook | None) -> None:
        """Whatever state an earlier attempt left: afterwards the project has one hook of ours that tells."""
        resource = await self._resource_name(reader, project_id)
        if resource is None:
            self._in_trouble += 1
            async with self._database.company(self._company_id, self._actor) as session:
                await hook_refused(session, project_id, _fingerprint(_new_secret()), NO_RESOURCE)
            return
        there = None
        for found in await reader.client.hooks(project_id):
            if found.namespace != self._namespace:
                continue
            if hook is not None and found.destination_url == self._address + str(hook.id) and found.is_active:
                there = found
            else:
                # A leftover: of another address, of a secret nobody kept, or switched off by Procore.
                await self._delete(reader, project_id, found.id)
        if hook is None or there is None:
            hook, there = await self._make(reader, project_id)
        await self._teach(reader, project_id, there, resource)
        if hook.state is HookState.ACTIVE:
            await self._ask_after(reader, hook, there)
            return
        async with self._database.company(self._company_id, self._actor) as session:
            ours = await hook_made(session, hook, there.id, resource)
        if not ours:
            await self._delete(reader, project_id, there.id)

    async def _resource_name(self, reader: CompanyReader, project_id: str) -> str | None:
        """What subcontractor invoices are called here: asked once a run, the same for every project of an account."""
        if self._resource is None:
            self._resource = resource_of_requisitions(await reader.client.hook_resources(project_id))
        return self._resource

    async def _make(self, reader: CompanyReader, project_id: str) -> tuple[ProcoreHook, Hook]:
        """The row is committed before Procore is asked, and each row's secret is sent once."""
        secret = _new_secret()
        async with self._database.company(self._company_id, self._actor) as session:
            hook = await begin_hook(session, project_id, _fingerprint(secret))
        made = await reader.client.create_hook(
            project_id,
            namespace=self._namespace,
            destination_url=self._address + str(hook.id),
            authorization=f"Bearer {secret}",
        )
        self._made += 1
        return hook, made

    async def _teach(self, reader: CompanyReader, project_id: str, hook: Hook, resource: str) -> None:
        known: set[str] = set()
        if hook.trigger_count >= len(EVENT_TYPES):
            return
        if hook.trigger_count:
            triggers = await reader.client.triggers(project_id, hook.id)
            known = {trigger.event_type for trigger in triggers if trigger.resource_name == resource}
        for event_type in EVENT_TYPES:
            if event_type not in known:
                await reader.client.create_trigger(project_id, hook.id, resource=resource, event_type=event_type)

    async def _ask_after(self, reader: CompanyReader, hook: ProcoreHook, there: Hook) -> None:
        since = hook.checked_at or hook.created_at
        lost = await reader.client.discarded_deliveries(hook.project_id, there.id, since.date())
        trouble = None
        if lost:
            self._in_trouble += 1
            trouble = (
                f"Procore gave up on {len(lost):,} notices since {since:%Y-%m-%d}: inBuild could not be reached. "
                "Nothing is missed; inBuild looks by the clock as well."
            )
        async with self._database.company(self._company_id, self._actor) as session:
            await hook_checked(session, hook, trouble)

    async def _take_away(self, reader: CompanyReader, hook: ProcoreHook, reason: str) -> None:
        try:
            if hook.hook_id is not None:
                await self._delete(reader, hook.project_id, hook.hook_id)
            elif hook.state is HookState.MAKING:
                for found in await reader.client.hooks(hook.project_id):
                    if found.destination_url == self._address + str(hook.id):
                        await self._delete(reader, hook.project_id, found.id)
        except ProcoreError as refused:
            # Where we may not go any more, Procore keeps no hook of ours that we could remove.
            if company_lost(refused) is None:
                raise
        async with self._database.company(self._company_id, self._actor) as session:
            await hook_gone(session, hook, reason)
        self._removed += 1

    async def _delete(self, reader: CompanyReader, project_id: str, hook_id: str) -> None:
        try:
            await reader.client.delete_hook(project_id, hook_id)
        except ProcoreNotFound:
            return


def _new_secret() -> str:
    return token_urlsafe(SECRET_BYTES)


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class HookDesk(HookActivities):
    """Implements what ``contracts/hooks.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="keep_procore_hooks")
    async def keep_procore_hooks(self, request: HooksRequest) -> HooksKept:
        return await HookKeeping(self._outside, request).keep()

    @activity.defn(name="remove_procore_hooks")
    async def remove_procore_hooks(self, request: HooksRequest) -> HooksKept:
        return await HookKeeping(self._outside, request).remove()
