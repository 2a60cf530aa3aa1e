"""Taking in what Procore's webhooks tell: kept once, and the company's workflow woken once. A hint, never the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.called_hooks import CalledHooks, Caller
from api.problems import Problem
from api.services import Services
from api.telling import tell
from api.together import Together
from foundation.telemetry import current_traceparent
from models.database import Actor
from models.directory import CalledHook
from models.hooks import NOTED_EVERY, hooks_delivered
from models.inbox import Notice, keep_notices, wants_wake
from models.tables import ActorKind, InboxSource
from providers.procore.webhooks import read_webhook_event

# Notices of one unit of work: some hundred kilobytes of one statement.
AT_ONCE = 500


@dataclass(frozen=True)
class Told:
    """A notice, and the hook that brought it."""

    hook: CalledHook
    notice: Notice


@dataclass(frozen=True)
class Taken:
    """``to_do``: somebody still has to look because of it. ``to_signal``: and whoever asked is to wake them."""

    to_do: bool
    to_signal: bool


class Receiving:
    """Takes in the calls of all hooks. Thousands at once are a few units of work."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._hooks = CalledHooks(services.database)
        self._inbox: Together[Told, Taken] = Together(self._take_in, AT_ONCE)

    async def receive(self, caller: Caller, body: bytes) -> bool:
        """Keep an event of a hook's own project; whether a look will follow from it.

        Raises Problem 401 and 404 for the caller, 422 for a body that is no event. A repetition of what was handled and
        an event of another project change nothing: answering them with an error would only make Procore hold the rest
        back.
        """
        hook = await self._hooks.authenticated(caller)
        try:
            event = read_webhook_event(body)
        except ValueError as malformed:
            raise Problem(422, "malformed_event", f"This is no event of Procore's: {malformed}.") from None
        if event.project_id != hook.project_id or event.company_id != hook.procore_company_id:
            return False
        subject = f"{event.resource}/{event.resource_id}/{event.reason}"
        taken = await self._inbox.ask(Told(hook, Notice(event.id, subject, hook.project_id, current_traceparent())))
        if taken.to_signal:
            await tell(self._services.workflows.wake_company(hook.company_id, hook.company_name, "Procore's webhook"))
        return taken.to_do

    async def _take_in(self, told: Sequence[Told]) -> list[Taken]:
        taken: dict[int, Taken] = {}
        for company_id in dict.fromkeys(one.hook.company_id for one in told):
            of_company = {place: one for place, one in enumerate(told) if one.hook.company_id == company_id}
            to_do, to_signal = await self._keep(company_id, list(of_company.values()))
            for place, one in of_company.items():
                taken[place] = Taken(one.notice.delivery_id in to_do, to_signal)
                # One of them wakes the workflow for all.
                to_signal = False
        return [taken[place] for place in range(len(told))]

    async def _keep(self, company_id: UUID, told: Sequence[Told]) -> tuple[set[str], bool]:
        """Which deliveries somebody has to look for, and whether the workflow is to be told."""
        actor = Actor(ActorKind.PROVIDER, "procore")
        database, now = self._services.database, self._services.clock.now()
        silent = {
            one.hook.hook_row_id
            for one in told
            if one.hook.last_delivery_at is None or one.hook.last_delivery_at <= now - NOTED_EVERY
        }
        async with database.company(company_id, actor) as session:
            to_do = await keep_notices(session, InboxSource.PROCORE, [one.notice for one in told])
            await hooks_delivered(session, silent)
        if not to_do:
            return to_do, False
        async with database.company(company_id, actor) as session:
            return to_do, await wants_wake(session)
