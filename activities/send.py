"""Sending a prepared batch, exactly once: the same bytes under the same key, and a look-up before anything is repeated.

A batch of one goes as a single create, more as one batch request. The attempts are marked ``sent`` in a commit of its
own before the first byte leaves. Whoever finds them so later does not know whether QuickBooks has the bills: it looks
each up by the attempt's own vendor, number, total and marker, adopts what is there, and repeats the rest unchanged.
The update of a bill travels alone, and is looked up by the bill's own id.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from temporalio.exceptions import ApplicationError

from accounting.bill import carries_marker
from activities.acting import acting, heartbeating
from activities.desktop_posting import hand_over
from activities.desktop_taking_back import hand_over_removals
from activities.failures import quickbooks_failure
from activities.outcomes import Found, FoundBill, Rejection, rejection_of
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.paperwork import carry_files
from activities.provider_trouble import note_trouble
from activities.refused_bill import with_entry
from activities.runnable_batches import following_batch
from activities.sessions_ended import session_ended
from activities.taking_back import OnlineTakingBack
from activities.update_outcomes import end_done, end_refused, look_up_update
from contracts.mirroring import BatchOutcome, BatchRef, SendRequest
from foundation.ids import new_id
from models.database import Actor, CompanySession
from models.plan_statement import close_plans
from models.posting import (
    Attempt,
    Batch,
    attempts_of_batch,
    discard_unsent,
    end_batch,
    free_batch,
    lease_batch,
    locked_batch,
    mark_attempts,
    open_states,
)
from models.provider_trouble import trouble_is_over
from models.removals import REMOVALS
from models.standing import OpenConnection, open_connection
from models.stored_tokens import StoredTokens, stored_tokens
from models.tables import AttemptState, PostingOperation, QuickBooksKind
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


@dataclass(frozen=True)
class Opened:
    """A batch in hand. ``is_first``: no request of it was ever sent. ``wait`` is its place in line."""

    batch: Batch
    connection: OpenConnection
    attempts: Sequence[Attempt]
    tokens: StoredTokens | None
    is_first: bool
    wait: timedelta


class BatchSending:
    """One attempt of ``send_batch``. ``is_last``: nothing else of the project's batch is to be sent, so that whoever
    ends this one takes the next.
    """

    def __init__(self, outside: Outside, request: SendRequest, *, is_last: bool = True) -> None:
        self._is_last = is_last
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._batch_id: UUID = request.batch_id
        self._actor: Actor = acting()

    async def send(self) -> BatchOutcome:
        async with heartbeating():
            opened = await self._open()
            if isinstance(opened, BatchOutcome):
                return opened
            if isinstance(opened, OpenConnection):
                return await OnlineTakingBack(
                    self._outside, self._company_id, self._actor, opened, self._batch_id
                ).run()
            await asyncio.sleep(opened.wait.total_seconds())
            client = self._outside.quickbooks(self._company_id, opened.connection, self._actor, opened.tokens)
            try:
                found = await (self._first_request if opened.is_first else self._resume)(client, opened)
            except ReconnectNeeded as ended:
                await session_ended(self._outside, self._company_id, opened.connection, ended, self._actor)
                async with self._database.company(self._company_id, self._actor) as session:
                    await free_batch(session, opened.batch.id)
                    return await self._give_back(session, opened.attempts)
            return await self._record(opened, found)

    async def _open(self) -> Opened | OpenConnection | BatchOutcome:
        """Take the batch in hand. One that never left is marked ``sent`` in this commit, before its first byte goes.

        One that takes bills back gives only its connection: each of its bills is read before anything is written down.
        """
        async with self._database.company(self._company_id, self._actor) as session:
            batch = await locked_batch(session, self._batch_id)
            if batch is None:
                return BatchOutcome(posted=0, rejected=0)
            if batch.ended_at is not None:
                # The worker died between writing the outcome down and telling of it: what it leased is taken over.
                return BatchOutcome(posted=0, rejected=0, next=await self._following(session, batch))
            attempts = await attempts_of_batch(session, self._batch_id)
            connection = await open_connection(session, batch.connection_id)
            takes_back = not attempts or attempts[0].operation in REMOVALS
            if connection is None:
                # It goes on as soon as the connection may post again, not when the lease would have run out.
                await free_batch(session, batch.id)
                # Bills that were to be taken back stay in line: nothing was written down that would have to be undone.
                none = BatchOutcome(posted=0, rejected=0)
                return none if takes_back else await self._give_back(session, attempts)
            if takes_back and connection.kind == QuickBooksKind.ONLINE:
                return connection
            if takes_back:
                await hand_over_removals(session, connection.id, batch.id)
                return BatchOutcome(posted=0, rejected=0)
            if connection.kind == QuickBooksKind.DESKTOP:
                await hand_over(session, batch, attempts)
                return BatchOutcome(posted=0, rejected=0, next=await self._following(session, batch))
            is_first = all(attempt.state is AttemptState.PREPARED for attempt in attempts)
            wait = await self._reserve(session, connection, is_batch=len(attempts) > 1 or not is_first)
            if is_first:
                await mark_attempts(session, batch.id, attempts, AttemptState.SENT)
            else:
                await lease_batch(session, batch.id)
            tokens = await stored_tokens(session, connection.id)
            return Opened(batch, connection, attempts, tokens, is_first, wait)

    async def _first_request(self, client: QuickBooksOnlineClient, opened: Opened) -> Found:
        try:
            return await self._write(client, opened.batch, opened.attempts)
        except (RequestNotSent, Postponed) as not_done:
            await self._mark_as(opened, AttemptState.PREPARED)
            raise await self._failure(opened, not_done) from None
        except ReconnectNeeded:
            # Refused at the door: nothing of this request was done.
            await self._mark_as(opened, AttemptState.PREPARED)
            raise
        except OutcomeUnclear as unclear:
            await self._mark_as(opened, AttemptState.UNCLEAR)
            raise await self._failure(opened, unclear) from None
        except QuickBooksOnlineError as trouble:
            raise await self._failure(opened, trouble) from None

    async def _resume(self, client: QuickBooksOnlineClient, opened: Opened) -> Found:
        """Look up what may have been done already; repeat the request only where none of it was."""
        still_open = [attempt for attempt in opened.attempts if attempt.is_open]
        try:
            found = await self._look_up(client, still_open)
            if found.accepted or found.rejected or len(still_open) < len(opened.attempts):
                # Part of the request was done, so the request is over: what is missing was refused unheard.
                self._refuse_missing(opened.batch, still_open, found)
                return found
            async with self._database.company(self._company_id, self._actor) as session:
                wait = await self._reserve(session, opened.connection, is_batch=len(still_open) > 1)
                await mark_attempts(session, opened.batch.id, still_open, AttemptState.SENT)
            await asyncio.sleep(wait.total_seconds())
            return await self._write(client, opened.batch, still_open)
        except OutcomeUnclear as unclear:
            await self._mark_as(opened, AttemptState.UNCLEAR)
            raise await self._failure(opened, unclear) from None
        except ReconnectNeeded:
            raise
        except QuickBooksOnlineError as trouble:
            raise await self._failure(opened, trouble) from None

    async def _failure(self, opened: Opened, trouble: QuickBooksOnlineError) -> ApplicationError:
        await note_trouble(self._database, self._company_id, self._actor, opened.connection.id, trouble)
        return quickbooks_failure(trouble)

    async def _reserve(self, session: CompanySession, connection: OpenConnection, *, is_batch: bool) -> timedelta:
        return await RequestPacing(self._outside.settings, connection.id).reserve(session, is_batch=is_batch)

    async def _write(self, client: QuickBooksOnlineClient, batch: Batch, attempts: Sequence[Attempt]) -> Found:
        found = Found()
        if len(attempts) == 1:
            attempt = attempts[0]
            try:
                if attempt.operation is PostingOperation.UPDATE:
                    answered: Bill | VendorCredit = (await client.update_bill(attempt.body, batch.request_id)).value
                else:
                    answered = (await client.create(KINDS[attempt.operation], attempt.body, batch.request_id)).value
                found.accepted[attempt.id] = FoundBill(answered, adopted=False)
            except Refused as refused:
                found.rejected[attempt.id] = rejection_of(refused)
            return found
        creates = [BatchCreate(str(one.position), KINDS[one.operation], one.body) for one in attempts]
        try:
            answer = await client.batch(serialize_batch(creates), batch.request_id)
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

    async def _look_up(self, client: QuickBooksOnlineClient, attempts: Sequence[Attempt]) -> Found:
        """Find bills that carry our marker. The look-up has a key of its own: an old one would get the old answer.

        An update is looked up by the bill it changes.
        """
        if attempts[0].operation is PostingOperation.UPDATE:
            return await look_up_update(client, attempts[0])
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
        answer = await client.batch(serialize_batch(queries), str(new_id(self._outside.clock)))
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

    def _refuse_missing(self, batch: Batch, attempts: Sequence[Attempt], found: Found) -> None:
        missing = [one for one in attempts if one.id not in found.accepted and one.id not in found.rejected]
        if not missing:
            return
        over_at = (batch.sent_at or batch.created_at) + SURELY_OVER
        if over_at > self._outside.clock.now():
            wait = over_at - self._outside.clock.now()
            raise ApplicationError("part of the batch may still be running", type="StillRunning", next_retry_delay=wait)
        found.rejected.update({attempt.id: Rejection.unheard() for attempt in missing})

    async def _mark_as(self, opened: Opened, state: AttemptState) -> None:
        """Write down where the attempts stand; ``prepared`` only where surely no byte of any request left."""
        async with self._database.company(self._company_id, self._actor) as session:
            await mark_attempts(session, opened.batch.id, [one for one in opened.attempts if one.is_open], state)

    async def _give_back(self, session: CompanySession, attempts: Sequence[Attempt]) -> BatchOutcome:
        """While the connection may not post nothing is sent. What never left is forgotten; what did stays open."""
        if all(attempt.state is AttemptState.PREPARED for attempt in attempts):
            await end_refused(session, {attempt.id: Rejection.not_sent() for attempt in attempts}, attempts)
            await discard_unsent(session, self._batch_id)
        return BatchOutcome(posted=0, rejected=0)

    async def _record(self, opened: Opened, found: Found) -> BatchOutcome:
        """Write every outcome down, and take the project's next invoices in the same unit of work."""
        async with self._database.company(self._company_id, self._actor) as session:
            batch = await locked_batch(session, self._batch_id)
            states = await open_states(session, opened.attempts)
            in_hand = [replace(one, state=states[one.id]) for one in opened.attempts if one.id in states]
            accepted = [one for one in in_hand if one.id in found.accepted]
            refused = [one for one in in_hand if one.id in found.rejected]
            told = {row.id: await with_entry(session, row, found.rejected[row.id]) for row in refused}
            await end_refused(session, told, refused)
            await end_done(session, opened.connection.id, found.accepted, accepted)
            left = len(in_hand) - len(accepted) - len(refused)
            if opened.connection.in_trouble:
                await trouble_is_over(session, opened.connection.id)
            following = None
            if batch is not None and not left:
                await end_batch(session, batch.id)
                following = await self._following(session, batch)
            is_end = following is None and self._is_last
            if is_end:
                await close_plans(session)
        if is_end:
            await carry_files(self._outside, self._company_id, self._actor, opened.connection.quickbooks_company_name)
        if left:
            raise ApplicationError(f"{left} of the batch are still unclear", type="OutcomeUnclear")
        return BatchOutcome(posted=len(accepted), rejected=len(refused), next=following)

    async def _following(self, session: CompanySession, batch: Batch) -> BatchRef | None:
        return await following_batch(session, batch.connection_id, batch.project_id) if self._is_last else None


def is_ours(attempt: Attempt, bill: Bill | VendorCredit) -> bool:
    """Whether a bill found by vendor and number is the one this attempt made: our marker is in its memo.

    Its total may differ by now, when somebody was quick to edit it: then it shows as changed, and no second is made.
    """
    reference = int(attempt.memo_marker.rsplit(" ", 1)[1])
    return carries_marker(bill.private_note, reference)
