"""Taking in what Procore's webhooks tell: kept once, and the company's workflow woken once. A hint, never the truth."""

from api.called_hooks import Caller, authenticated_hook
from api.problems import Problem
from api.services import Services
from api.telling import tell
from foundation.telemetry import current_traceparent
from models.database import Actor
from models.hooks import NOTED_EVERY, hook_delivered
from models.inbox import Notice, keep_notice, wants_wake
from models.tables import ActorKind, InboxSource
from providers.procore.webhooks import read_webhook_event


async def receive_procore_event(services: Services, caller: Caller, body: bytes) -> bool:
    """Keep an event of a hook's own project; whether a look will follow from it.

    Raises Problem 401 and 404 for the caller, 422 for a body that is no event. A repetition of what was handled and an
    event of another project change nothing: answering them with an error would only make Procore hold the rest back.
    """
    hook = await authenticated_hook(services, caller)
    try:
        event = read_webhook_event(body)
    except ValueError as malformed:
        raise Problem(422, "malformed_event", f"This is no event of Procore's: {malformed}.") from None
    if event.project_id != hook.project_id or event.company_id != hook.procore_company_id:
        return False
    notice = Notice(event.id, f"{event.resource}/{event.resource_id}/{event.reason}", hook.project_id)
    actor = Actor(ActorKind.PROVIDER, "procore", traceparent=current_traceparent())
    async with services.database.company(hook.company_id, actor) as session:
        to_do = await keep_notice(session, InboxSource.PROCORE, notice)
        if hook.last_delivery_at is None or hook.last_delivery_at <= session.now - NOTED_EVERY:
            await hook_delivered(session, hook.hook_row_id)
    if to_do:
        async with services.database.company(hook.company_id, actor) as session:
            to_signal = await wants_wake(session)
        if to_signal:
            await tell(services.workflows.wake_company(hook.company_id, hook.company_name, "Procore's webhook"))
    return to_do
