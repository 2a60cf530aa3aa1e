"""Sending a prepared batch, exactly once: the same bytes under the same key, and a look-up before anything is repeated.

A batch of one goes as a single create, more as one batch request. The attempts are marked ``sent`` in a commit of its
own before the first byte leaves. Whoever finds them so later does not know whether QuickBooks has the bills: it looks
each up by the attempt's own vendor, number, total and marker, adopts what is there, and repeats the rest unchanged.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from temporalio.exceptions import ApplicationError

from accounting.bill import carries_marker
from activities.acting import acting, heartbeating
from activities.desktop_posting import hand_over
from activities.failures import quickbooks_failure
from activities.outcomes import Rejection, record_accepted, record_rejected, rejection_of
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.sessions_ended import session_ended
from contracts.mirroring import BatchOutcome, BatchRef, SendRequest
from contracts.names import BATCH_SIZE
from foundation.ids import new_id
from models.connections import connection_by_id
from models.database import Actor, CompanySession
from models.invoices import invoices_by_id
from models.posting import (
    BATCH_LEASE,
    OPEN,
    AcceptedBill,
    attempts_of_batch,
    discard_unsent,
    locked_batch,
    mark_attempts,
)
from models.projects import projects_by_id
from models.runnable import lease_runnable
from models.standing import reason_to_wait
from models.tables import AttemptState, Connection, PostingAttempt, PostingBatch, QuickBooksKind
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
from providers.quickbooks_online.types import Bill

# QuickBooks ends a request of its own after 120 s: what is not there after 130 s will not come any more.
SURELY_OVER = timedelta(seconds=130)


@dataclass
class Found:
    """What became of a batch's attempts, by attempt id; those in neither are still unclear."""

    accepted: dict[UUID, tuple[Bill, bool]] = field(default_factory=dict)
    rejected: dict[UUID, Rejection] = field(default_factory=dict)


class BatchSending:
    """One attempt of ``send_batch``."""

    def __init__(self, outside: Outside, request: SendRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._batch_id: UUID = request.batch_id
        self._actor: Actor = acting()

    async def send(self) -> BatchOutcome:
        async with heartbeating():
            async with self._database.company(self._company_id, self._actor) as session:
                batch = await locked_batch(session, self._batch_id)
                if batch is None:
                    return BatchOutcome(posted=0, rejected=0)
                if batch.ended_at is not None:
                    # The worker died between writing the outcome down and telling of it: what it leased is taken over.
                    following = await self._following(session, batch)
                    return BatchOutcome(posted=0, rejected=0, next=following)
                connection = await connection_by_id(session, batch.connection_id)
                attempts = await attempts_of_batch(session, self._batch_id)
                waits = connection is None or await reason_to_wait(session, connection) is not None
                if connection is not None and connection.kind is QuickBooksKind.DESKTOP and not waits:
                    await hand_over(session, batch, attempts)
                    return BatchOutcome(posted=0, rejected=0, next=await self._following(session, batch))
                batch.leased_until = session.now + BATCH_LEASE
                session.add(batch)
            if connection is None or waits:
                return await self._give_back(attempts)
            client = self._outside.quickbooks(
                self._company_id, connection.id, connection.quickbooks_company_id, self._actor
            )
            pacing = RequestPacing(self._outside.settings, self._database, self._company_id, connection.id, self._actor)
            try:
                found = await self._find_out(client, pacing, batch, attempts)
            except ReconnectNeeded as ended:
                await session_ended(self._outside, self._company_id, connection, ended, self._actor)
                return await self._give_back(attempts)
            return await self._record(connection, batch, attempts, found)

    async def _find_out(
        self,
        client: QuickBooksOnlineClient,
        pacing: RequestPacing,
        batch: PostingBatch,
        attempts: Sequence[PostingAttempt],
    ) -> Found:
        """Look up what may have been done already; send what surely was not. Raises to be tried again."""
        found = Found()
        open_attempts = [attempt for attempt in attempts if attempt.state in OPEN]
        try:
            if any(attempt.state is not AttemptState.PREPARED for attempt in open_attempts):
                await pacing.wait_for_batch()
                await self._look_up(client, open_attempts, found)
                if found.accepted or len(open_attempts) < len(attempts):
                    # Part of the request was done, so the request is over: what is missing was refused unheard.
                    await self._missing_is_refused(batch, open_attempts, found)
                    return found
            if open_attempts:
                await (pacing.wait_for_batch() if len(open_attempts) > 1 else pacing.wait_for_request())
                await self._mark(open_attempts, AttemptState.SENT)
                await self._write(client, batch, open_attempts, found)
        except (RequestNotSent, Postponed) as not_done:
            await self._mark_unsent(open_attempts, attempts)
            raise quickbooks_failure(not_done) from None
        except OutcomeUnclear as unclear:
            await self._mark(open_attempts, AttemptState.UNCLEAR)
            raise quickbooks_failure(unclear) from None
        except ReconnectNeeded:
            # Refused at the door: nothing of this request was done.
            await self._mark_unsent(open_attempts, attempts)
            raise
        except Refused:
            raise
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        return found

    async def _write(
        self, client: QuickBooksOnlineClient, batch: PostingBatch, attempts: Sequence[PostingAttempt], found: Found
    ) -> None:
        if len(attempts) == 1:
            attempt = attempts[0]
            try:
                found.accepted[attempt.id] = ((await client.create_bill(attempt.body, batch.request_id)).value, False)
            except Refused as refused:
                found.rejected[attempt.id] = rejection_of(refused)
            return
        body = serialize_batch([BatchCreate(str(attempt.position), Bill, attempt.body) for attempt in attempts])
        try:
            answer = await client.batch(body, batch.request_id)
        except Refused as refused:
            found.rejected.update({attempt.id: rejection_of(refused) for attempt in attempts})
            return
        for attempt in attempts:
            outcome = answer.outcomes[str(attempt.position)]
            if isinstance(outcome, Bill):
                found.accepted[attempt.id] = (outcome, False)
            elif isinstance(outcome, Refused | Postponed):
                found.rejected[attempt.id] = rejection_of(outcome)

    async def _look_up(self, client: QuickBooksOnlineClient, attempts: Sequence[PostingAttempt], found: Found) -> None:
        """Find bills that carry our marker. The look-up has a key of its own: an old one would get the old answer."""
        queries = [
            BatchQuery(
                str(attempt.position),
                Select(
                    Bill.entity_name,
                    (
                        Condition("VendorRef", "=", attempt.lookup_vendor_id),
                        Condition("DocNumber", "=", attempt.lookup_number),
                    ),
                ),
            )
            for attempt in attempts
        ]
        answer = await client.batch(serialize_batch(queries), str(new_id(self._outside.clock)))
        for attempt in attempts:
            outcome = answer.outcomes[str(attempt.position)]
            if not isinstance(outcome, QueryPage):
                raise outcome if isinstance(outcome, QuickBooksOnlineError) else TypeError(type(outcome))
            ours = [bill for bill in outcome.entities if is_ours(attempt, bill)]
            if ours:
                as_meant = [bill for bill in ours if bill.total_amt == attempt.lookup_total]
                found.accepted[attempt.id] = ((as_meant or ours)[0], True)

    async def _missing_is_refused(self, batch: PostingBatch, attempts: Sequence[PostingAttempt], found: Found) -> None:
        missing = [attempt for attempt in attempts if attempt.id not in found.accepted]
        if not missing:
            return
        over_at = (batch.sent_at or batch.created_at) + SURELY_OVER
        if over_at > self._outside.clock.now():
            wait = over_at - self._outside.clock.now()
            raise ApplicationError("part of the batch may still be running", type="StillRunning", next_retry_delay=wait)
        found.rejected.update({attempt.id: Rejection.unheard() for attempt in missing})

    async def _mark_unsent(self, attempts: Sequence[PostingAttempt], whole_batch: Sequence[PostingAttempt]) -> None:
        """Take ``sent`` back where this was the first request: nothing of it was done, and no earlier one can be."""
        if all(attempt.state is AttemptState.PREPARED for attempt in whole_batch):
            await self._mark(attempts, AttemptState.PREPARED)

    async def _mark(self, attempts: Sequence[PostingAttempt], state: AttemptState) -> None:
        """Commit where the attempts stand; ``sent`` before the first byte leaves."""
        async with self._database.company(self._company_id, self._actor) as session:
            batch = await locked_batch(session, self._batch_id)
            await mark_attempts(session, self._batch_id, [attempt.id for attempt in attempts], state)
            if batch is not None:
                batch.sent_at = (batch.sent_at or session.now) if state is not AttemptState.PREPARED else None
                session.add(batch)

    async def _give_back(self, attempts: Sequence[PostingAttempt]) -> BatchOutcome:
        """While the connection may not post nothing is sent. What never left is forgotten; what did stays open."""
        if all(attempt.state is AttemptState.PREPARED for attempt in attempts):
            async with self._database.company(self._company_id, self._actor) as session:
                await record_rejected(session, {attempt.id: Rejection.not_sent() for attempt in attempts}, attempts)
                await discard_unsent(session, self._batch_id)
        return BatchOutcome(posted=0, rejected=0)

    async def _record(
        self, connection: Connection, batch: PostingBatch, attempts: Sequence[PostingAttempt], found: Found
    ) -> BatchOutcome:
        """Write every outcome down, and take the project's next invoices in the same unit of work."""
        async with self._database.company(self._company_id, self._actor) as session:
            locked = await locked_batch(session, self._batch_id)
            rows = await attempts_of_batch(session, self._batch_id)
            still_open = [row for row in rows if row.state in OPEN]
            accepted = await self._accepted(session, still_open, found.accepted)
            await record_accepted(session, connection, accepted)
            await record_rejected(session, found.rejected, still_open)
            left = [row for row in still_open if row.id not in found.accepted and row.id not in found.rejected]
            following = None
            if locked is not None and not left:
                locked.ended_at, locked.leased_until = session.now, None
                session.add(locked)
                following = await self._following(session, batch)
        if left:
            raise ApplicationError(f"{len(left)} of the batch are still unclear", type="OutcomeUnclear")
        return BatchOutcome(posted=len(accepted), rejected=len(found.rejected), next=following)

    async def _accepted(
        self,
        session: CompanySession,
        attempts: Sequence[PostingAttempt],
        bills: Mapping[UUID, tuple[Bill, bool]],
    ) -> list[AcceptedBill]:
        mine = [attempt for attempt in attempts if attempt.id in bills]
        invoices = await invoices_by_id(session, [attempt.subject_id for attempt in mine])
        return [
            AcceptedBill(
                attempt=attempt,
                quickbooks_id=bills[attempt.id][0].id,
                sync_token=bills[attempt.id][0].sync_token,
                number=bills[attempt.id][0].doc_number,
                total=bills[attempt.id][0].total_amt,
                balance=bills[attempt.id][0].balance,
                bill_date=bills[attempt.id][0].txn_date,
                memo=bills[attempt.id][0].private_note,
                commitment_id=invoices[attempt.subject_id].commitment_id,
                raw=json.dumps(bills[attempt.id][0].model_dump(mode="json")),
                adopted=bills[attempt.id][1],
            )
            for attempt in mine
        ]

    async def _following(self, session: CompanySession, batch: PostingBatch) -> BatchRef | None:
        found = await lease_runnable(session, per_project=BATCH_SIZE, limit=BATCH_SIZE, project_id=batch.project_id)
        mine = next((one for one in found if one.connection_id == batch.connection_id), None)
        if mine is None:
            return None
        projects = await projects_by_id(session, [batch.project_id])
        name = projects[batch.project_id].name if batch.project_id in projects else batch.project_id
        return BatchRef(
            connection_id=mine.connection_id,
            project_id=mine.project_id,
            project_name=name,
            invoice_ids=mine.invoice_ids,
        )


def is_ours(attempt: PostingAttempt, bill: Bill) -> bool:
    """Whether a bill found by vendor and number is the one this attempt made: our marker is in its memo.

    Its total may differ by now, when somebody was quick to edit it: then it shows as changed, and no second is made.
    """
    reference = int(attempt.memo_marker.rsplit(" ", 1)[1])
    return carries_marker(bill.private_note, reference)
