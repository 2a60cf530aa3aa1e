"""One request to QuickBooks Online, exactly once: the same bytes under the same key, and a look-up before any repeat.

A batch of one goes as a single create, more as one batch request. The attempts were marked ``sent`` in a commit before
the first byte leaves. Whoever finds them so later does not know whether QuickBooks has the bills: it looks each up by
the attempt's own vendor, number, total and marker, adopts what is there, and repeats the rest unchanged. The update of
a bill travels alone, and is looked up by the bill's own id.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from temporalio.exceptions import ApplicationError

from accounting.bill import carries_marker
from activities.failures import quickbooks_failure
from activities.in_hand import OpenRequest
from activities.outcomes import Found, FoundBill, Rejection, rejection_of
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.provider_trouble import note_trouble
from activities.update_outcomes import look_up_update
from foundation.ids import new_id
from models.database import Actor
from models.posting import Attempt, mark_attempts
from models.tables import AttemptState, PostingOperation
from providers.quickbooks_online.answers import QueryPage
from providers.quickbooks_online.batch import BatchCreate, BatchQuery, serialize_batch
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import (
    OutcomeUnclear,
    Postponed,
    QuickBooksOnlineError,
    ReconnectNeeded,
    Refused,
    RequestNotSent,
)
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types import Bill, VendorCredit

KINDS: Mapping[PostingOperation, type[Bill | VendorCredit]] = {
    PostingOperation.CREATE_BILL: Bill,
    PostingOperation.CREATE_VENDOR_CREDIT: VendorCredit,
}
# QuickBooks ends a request of its own after 120 s: what is not there after 130 s will not come any more.
SURELY_OVER = timedelta(seconds=130)


class RequestSending:
    """One attempt to learn what comes of a request."""

    def __init__(
        self, outside: Outside, company_id: UUID, actor: Actor, client: QuickBooksOnlineClient, request: OpenRequest
    ) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor = actor
        self._client = client
        self._request = request

    async def run(self) -> Found:
        """Send it, or find out what became of it. Raises ReconnectNeeded, and ApplicationError to be tried again."""
        await asyncio.sleep(self._request.wait.total_seconds())
        try:
            return await (self._write(self._request.attempts) if self._request.is_first else self._again())
        except (RequestNotSent, Postponed) as not_done:
            if self._request.is_first:
                await self._mark(AttemptState.PREPARED)
            raise await self._failure(not_done) from None
        except ReconnectNeeded:
            if self._request.is_first:
                # Refused at the door: nothing of this request was done.
                await self._mark(AttemptState.PREPARED)
            raise
        except OutcomeUnclear as unclear:
            await self._mark(AttemptState.UNCLEAR)
            raise await self._failure(unclear) from None
        except QuickBooksOnlineError as trouble:
            raise await self._failure(trouble) from None

    async def _again(self) -> Found:
        """Look up what may have been done already; repeat the request only where none of it was."""
        still_open = [attempt for attempt in self._request.attempts if attempt.is_open]
        found = await self._look_up(still_open)
        if found.accepted or found.rejected or len(still_open) < len(self._request.attempts):
            # Part of the request was done, so the request is over: what is missing was refused unheard.
            self._refuse_missing(still_open, found)
            return found
        async with self._database.company(self._company_id, self._actor) as session:
            pacing = RequestPacing(self._outside.settings, self._request.batch.connection_id)
            wait = await pacing.reserve(session, is_batch=len(still_open) > 1)
            await mark_attempts(session, still_open, AttemptState.SENT)
        await asyncio.sleep(wait.total_seconds())
        return await self._write(still_open)

    async def _write(self, attempts: Sequence[Attempt]) -> Found:
        found, request_id = Found(), self._request.batch.request_id
        if len(attempts) == 1:
            attempt = attempts[0]
            try:
                if attempt.operation is PostingOperation.UPDATE:
                    answered: Bill | VendorCredit = (await self._client.update_bill(attempt.body, request_id)).value
                else:
                    answered = (await self._client.create(KINDS[attempt.operation], attempt.body, request_id)).value
                found.accepted[attempt.id] = FoundBill(answered, adopted=False)
            except Refused as refused:
                found.rejected[attempt.id] = rejection_of(refused)
            return found
        creates = [BatchCreate(str(one.position), KINDS[one.operation], one.body) for one in attempts]
        try:
            answer = await self._client.batch(serialize_batch(creates), request_id)
        except Refused as refused:
            found.rejected.update({attempt.id: rejection_of(refused) for attempt in attempts})
            return found
        for attempt in attempts:
            outcome = answer.outcomes[str(attempt.position)]
            if isinstance(outcome, Bill | VendorCredit):
                found.accepted[attempt.id] = FoundBill(outcome, adopted=False)
            elif isinstance(outcome, Refused | Postponed):
                found.rejected[attempt.id] = rejection_of(outcome)
        return found

    async def _look_up(self, attempts: Sequence[Attempt]) -> Found:
        """Find bills that carry our marker. The look-up has a key of its own: an old one would get the old answer.

        An update is looked up by the bill it changes.
        """
        if attempts[0].operation is PostingOperation.UPDATE:
            return await look_up_update(self._client, attempts[0])
        queries = [
            BatchQuery(
                str(attempt.position),
                Select(
                    KINDS[attempt.operation].entity_name,
                    (
                        Condition("VendorRef", "=", attempt.lookup_vendor_id),
                        Condition("DocNumber", "=", attempt.lookup_number),
                    ),
                ),
            )
            for attempt in attempts
        ]
        answer = await self._client.batch(serialize_batch(queries), str(new_id(self._outside.clock)))
        found = Found()
        for attempt in attempts:
            outcome = answer.outcomes[str(attempt.position)]
            if not isinstance(outcome, QueryPage):
                raise outcome if isinstance(outcome, QuickBooksOnlineError) else TypeError(type(outcome))
            ours = [bill for bill in outcome.entities if is_ours(attempt, bill)]
            if ours:
                as_meant = [bill for bill in ours if bill.total_amt == attempt.lookup_total]
                found.accepted[attempt.id] = FoundBill((as_meant or ours)[0], adopted=True)
        return found

    def _refuse_missing(self, attempts: Sequence[Attempt], found: Found) -> None:
        missing = [one for one in attempts if one.id not in found.accepted and one.id not in found.rejected]
        if not missing:
            return
        over_at = (self._request.batch.sent_at or self._request.batch.created_at) + SURELY_OVER
        if over_at > self._outside.clock.now():
            wait = over_at - self._outside.clock.now()
            raise ApplicationError("part of the batch may still be running", type="StillRunning", next_retry_delay=wait)
        found.rejected.update({attempt.id: Rejection.unheard() for attempt in missing})

    async def _mark(self, state: AttemptState) -> None:
        """Write down where the attempts stand; ``prepared`` only where surely no byte of any request left."""
        async with self._database.company(self._company_id, self._actor) as session:
            await mark_attempts(session, [one for one in self._request.attempts if one.is_open], state)

    async def _failure(self, trouble: QuickBooksOnlineError) -> ApplicationError:
        connection_id = self._request.batch.connection_id
        await note_trouble(self._database, self._company_id, self._actor, connection_id, trouble)
        return quickbooks_failure(trouble)


def is_ours(attempt: Attempt, bill: Bill | VendorCredit) -> bool:
    """Whether a bill found by vendor and number is the one this attempt made: our marker is in its memo.

    Its total may differ by now, when somebody was quick to edit it: then it shows as changed, and no second is made.
    """
    reference = int(attempt.memo_marker.rsplit(" ", 1)[1])
    return carries_marker(bill.private_note, reference)
