"""Sending what is written down: take the requests of a batch in hand, send them side by side, note what came of them.

Attempts are marked ``sent`` in a commit before the first byte leaves; ``sending_request`` tells the rest.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from temporalio.exceptions import ApplicationError

from activities.acting import acting, heartbeating
from activities.desktop_posting import hand_over
from activities.desktop_taking_back import hand_over_removals
from activities.in_hand import Opened, OpenRequest, in_line
from activities.outcomes import Found, Rejection
from activities.outside import Outside
from activities.paperwork import carry_files
from activities.refused_bill import with_entry
from activities.runnable_batches import following_batch
from activities.sending_request import RequestSending
from activities.sessions_ended import session_ended
from activities.taking_back import OnlineTakingBack
from activities.update_outcomes import end_done, end_refused
from contracts.mirroring import BatchOutcome, BatchRef
from models.database import Actor, CompanySession
from models.plan_statement import close_plans
from models.posting import (
    Attempt,
    Batch,
    attempts_of_batches,
    discard_unsent,
    end_batches,
    free_batch,
    lease_batch,
    locked_batches,
    mark_attempts,
    still_open,
)
from models.provider_trouble import trouble_is_over
from models.removals import REMOVALS
from models.standing import OpenConnection, open_connection
from models.stored_tokens import stored_tokens
from models.tables import AttemptState, QuickBooksKind
from providers.quickbooks_online.errors import ReconnectNeeded

NOTHING = BatchOutcome(posted=0, rejected=0)


class BatchSending:
    """One attempt to send the requests that a project's batch takes: rows of ``posting_batch``."""

    def __init__(self, outside: Outside, company_id: UUID) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor: Actor = acting()

    async def send(self, batch_ids: Sequence[UUID]) -> BatchOutcome:
        """Send what was written down earlier, or find out what became of it."""
        async with heartbeating():
            opened = await self._open(batch_ids)
        if isinstance(opened, BatchOutcome):
            return opened
        if isinstance(opened, OpenConnection):
            (batch_id,) = batch_ids
            async with heartbeating():
                return await OnlineTakingBack(self._outside, self._company_id, self._actor, opened, batch_id).run()
        return await self.send_opened(opened)

    async def send_opened(self, opened: Opened) -> BatchOutcome:
        """Send what is in hand."""
        async with heartbeating():
            client = self._outside.quickbooks(self._company_id, opened.connection, self._actor, opened.tokens)
            answers = await asyncio.gather(
                *(
                    RequestSending(self._outside, self._company_id, self._actor, client, request).run()
                    for request in opened.requests
                ),
                return_exceptions=True,
            )
            return await self._take_in(opened, answers)

    async def _open(self, batch_ids: Sequence[UUID]) -> Opened | OpenConnection | BatchOutcome:
        """Take the batch in hand. What never left is marked ``sent`` in this commit, before its first byte goes.

        One that takes bills back gives only its connection: each of its bills is read before anything is written down.
        """
        async with self._database.company(self._company_id, self._actor) as session:
            found = await locked_batches(session, batch_ids)
            if not found:
                return NOTHING
            batches = [batch for batch in found if batch.ended_at is None]
            if not batches:
                # The worker died between writing the outcome down and telling of it: what it leased is taken over.
                return BatchOutcome(posted=0, rejected=0, next=await _following(session, found[0]))
            attempts: dict[UUID, list[Attempt]] = {batch.id: [] for batch in batches}
            for attempt in await attempts_of_batches(session, list(attempts)):
                attempts[attempt.batch_id].append(attempt)
            takes_back = all(not of_one or of_one[0].operation in REMOVALS for of_one in attempts.values())
            connection = await open_connection(session, batches[0].connection_id)
            if connection is None:
                for batch in batches:
                    # Bills to be taken back stay in line: nothing was written down that would have to be undone.
                    if takes_back:
                        await free_batch(session, batch.id)
                    else:
                        await _give_back(session, batch, attempts[batch.id])
                return NOTHING
            if takes_back and connection.kind == QuickBooksKind.ONLINE:
                return connection
            if takes_back:
                await hand_over_removals(session, connection.id, batches[0].id)
                return NOTHING
            if connection.kind == QuickBooksKind.DESKTOP:
                for batch in batches:
                    await hand_over(session, batch, attempts[batch.id])
                return BatchOutcome(posted=0, rejected=0, next=await _following(session, batches[0]))
            requests = [await self._open_one(session, batch, attempts[batch.id]) for batch in batches]
            if unsent := [attempt for request in requests if request.is_first for attempt in request.attempts]:
                await mark_attempts(session, unsent, AttemptState.SENT)
            return Opened(connection, await stored_tokens(session, connection.id), requests)

    async def _open_one(self, session: CompanySession, batch: Batch, attempts: Sequence[Attempt]) -> OpenRequest:
        is_first = all(attempt.state is AttemptState.PREPARED for attempt in attempts)
        request = await in_line(session, self._outside.settings, batch, attempts, is_first=is_first)
        if not is_first:
            await lease_batch(session, batch.id)
        return request

    async def _take_in(self, opened: Opened, answers: Sequence[Found | BaseException]) -> BatchOutcome:
        """Write down what is known, whatever became of the rest. Raises the first failure, to be tried again."""
        known: list[OpenRequest] = []
        turned_away: list[OpenRequest] = []
        failures: list[BaseException] = []
        found = Found()
        for request, answer in zip(opened.requests, answers, strict=True):
            if isinstance(answer, Found):
                known.append(request)
                found.add(answer)
            elif isinstance(answer, ReconnectNeeded):
                turned_away.append(request)
                ended = answer
            else:
                failures.append(answer)
        outcome = NOTHING
        if known:
            outcome = await self._record(opened.connection, known, found, is_all=len(known) == len(answers))
        if turned_away:
            await session_ended(self._outside, self._company_id, opened.connection, ended, self._actor)
            async with self._database.company(self._company_id, self._actor) as session:
                for request in turned_away:
                    await _give_back(session, request.batch, request.attempts)
        if failures:
            raise failures[0]
        return outcome

    async def _record(
        self, connection: OpenConnection, requests: Sequence[OpenRequest], found: Found, *, is_all: bool
    ) -> BatchOutcome:
        """Write every outcome down; where these are all, take the project's next invoices in the same unit of work."""
        async with self._database.company(self._company_id, self._actor) as session:
            batches = await locked_batches(session, [request.batch.id for request in requests])
            asked = [attempt for request in requests for attempt in request.attempts]
            in_hand = await still_open(session, asked)
            accepted = [one for one in in_hand if one.id in found.accepted]
            refused = [one for one in in_hand if one.id in found.rejected]
            told = {row.id: await with_entry(session, row, found.rejected[row.id]) for row in refused}
            await end_refused(session, told, refused)
            await end_done(session, connection.id, found.accepted, accepted)
            if connection.in_trouble and is_all:
                await trouble_is_over(session, connection.id)
            known = found.accepted.keys() | found.rejected.keys()
            left = [one for one in in_hand if one.id not in known]
            over = [batch for batch in batches if batch.id not in {one.batch_id for one in left}]
            await end_batches(session, [batch.id for batch in over])
            following = await _following(session, over[0]) if over and is_all and not left else None
            is_end = is_all and following is None
            if is_end:
                await close_plans(session)
        if is_end:
            await carry_files(self._outside, self._company_id, self._actor, connection.quickbooks_company_name)
        if left:
            raise ApplicationError(f"{len(left)} of the batch are still unclear", type="OutcomeUnclear")
        return BatchOutcome(posted=len(accepted), rejected=len(refused), next=following)


async def _give_back(session: CompanySession, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """While the connection may not post nothing is sent. What never left is forgotten; what did stays open, and goes on
    as soon as the connection may post again, not when the lease would have run out.
    """
    await free_batch(session, batch.id)
    in_hand = await still_open(session, attempts)
    if len(in_hand) == len(attempts) and all(attempt.state is AttemptState.PREPARED for attempt in in_hand):
        await end_refused(session, {attempt.id: Rejection.not_sent() for attempt in in_hand}, in_hand)
        await discard_unsent(session, batch.id)


async def _following(session: CompanySession, batch: Batch) -> BatchRef | None:
    return await following_batch(session, batch.connection_id, batch.project_id)
