"""Letting Procore follow: each share of a bill payment becomes one contract payment, and never a second one.

The commitment's payments are listed before anything is done. What is there under our ``origin_id`` is ours, what a
person entered is adopted, and only what is missing is created; after an unclear answer it all begins with the list
again. Whatever cannot be done now is put off in its row, so that one commitment's trouble holds up no other.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from uuid import UUID

from accounting.payment_changes import STOPS_ALL, Step, WantedPayment, WriteHold, hold_of, step_for
from accounting.payment_matching import IssuedPayment, SoughtPayment, existing_payment
from accounting.payments import is_origin
from activities.acting import acting, heartbeating
from activities.contract_payment_forms import form_of, known_as, notes_of, origin_of, requisition_of, stands_as
from activities.outside import Outside
from activities.reading_procore import CompanyReader
from contracts.payments import Followed, FollowRequest
from models.contract_payment_attempts import attempt_is_unclear, end_attempt, refuse_attempt, write_attempt
from models.contract_payments import (
    ShareSheet,
    Stands,
    hold_share,
    is_out_of_procore,
    known_payment_ids,
    shares_by_id,
    stands_in_procore,
)
from models.database import Actor, CompanySession
from models.mirroring import company_rules
from providers.procore.contract_payments import (
    CommitmentRef,
    ContractPayment,
    ContractPayments,
    form_bytes,
)
from providers.procore.errors import (
    ProcoreAccessError,
    ProcoreError,
    ProcoreNotFound,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreRetryable,
    ProcoreUnavailable,
)
from providers.procore.paging import all_records

# Procore names no longest time for a request; after this the list has what became of it.
UNCLEAR_PAUSE = timedelta(seconds=15)
RETRY_PAUSE = timedelta(seconds=30)
# A rule of Procore's, or a permission: a person has to mend it there, and tells nobody.
REFUSED_PAUSE = timedelta(hours=6)
ACCESS_PAUSE = timedelta(hours=1)


@dataclass
class _Commitment:
    """One commitment's payments as they were listed, and which of them shares of ours stand for."""

    ref: CommitmentRef
    issued: dict[str, ContractPayment]
    taken: set[str]

    @property
    def uses_procore_pay(self) -> bool:
        return any(one.is_procore_pay for one in self.issued.values())

    def under(self, origin: str) -> ContractPayment | None:
        return next((one for one in self.issued.values() if one.origin_id == origin), None)

    def not_ours(self) -> list[IssuedPayment]:
        return [
            IssuedPayment(one.id, one.amount, one.paid_on, one.check_number, one.requisition_id or "")
            for one in self.issued.values()
            if one.id not in self.taken and not is_origin(one.origin_id)
        ]


class PaymentFollowing:
    """One attempt of ``follow_payments``."""

    def __init__(self, outside: Outside, request: FollowRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._share_ids = request.payments.share_ids
        self._actor: Actor = acting()
        self._done = Counter[str]()

    async def follow(self) -> Followed:
        async with heartbeating():
            async with self._session() as session:
                shares = await shares_by_id(session, self._share_ids)
                rules = await company_rules(session)
            reader = CompanyReader(self._outside, rules.procore_company_id)
            for (project_id, commitment_id), group in groupby(shares, lambda one: (one.project_id, one.commitment_id)):
                await self._commitment(reader, CommitmentRef(project_id, commitment_id), list(group))
            async with self._session() as session:
                await reader.settle(session)
        return Followed(**self._done)

    def _session(self) -> AbstractAsyncContextManager[CompanySession]:
        return self._database.company(self._company_id, self._actor)

    async def _commitment(self, reader: CompanyReader, ref: CommitmentRef, shares: Sequence[ShareSheet]) -> None:
        payments = reader.client.contract_payments
        if not ref.commitment_id:
            for share in shares:
                await self._hold(share, WriteHold.NO_COMMITMENT)
            return
        try:
            await reader.breathe()
            issued = await all_records(payments.of(ref))
        except ProcoreError as trouble:
            for share in shares:
                await self._put_off(share, trouble)
            return
        async with self._session() as session:
            taken = await known_payment_ids(session, ref.commitment_id)
        place = _Commitment(ref, {one.id: one for one in issued}, taken)
        # What is taken back goes first: a payment moved between bills is never there twice.
        for share in sorted(shares, key=lambda one: one.wanted_cash > 0):
            try:
                await reader.breathe()
                await self._share(payments, place, share)
            except ProcoreError as trouble:
                await self._put_off(share, trouble)

    async def _share(self, payments: ContractPayments, place: _Commitment, share: ShareSheet) -> None:
        origin = origin_of(share)
        stands = place.issued.get(share.procore_payment_id or "")
        is_ours = share.procore_is_ours
        if stands is None and (found := place.under(origin)) is not None:
            # Our own, whose answer never came.
            stands, is_ours = found, True
            async with self._session() as session:
                await end_attempt(session, share, found.id, adopted=True)
                await stands_in_procore(session, share, stands_as(found, is_ours=True), "payment_written")
            self._done["written"] += 1
        elif stands is None and share.procore_payment_id is not None:
            async with self._session() as session:
                await is_out_of_procore(session, share)
        known = known_as(stands, is_ours=is_ours) if stands else None
        hold = hold_of(share.facts(self._outside.clock.now(), uses_procore_pay=place.uses_procore_pay))
        wanted = WantedPayment(share.wanted_cash, share.paid_on, share.check_number, notes_of(share))
        step = step_for(known, wanted, hold)
        if step is Step.CREATE:
            await self._create(payments, place, share)
        elif step is Step.UPDATE and stands is not None:
            await self._change(payments, place, share, stands)
        elif step is Step.REMOVE and stands is not None:
            await self._remove(payments, place, share, stands)
        elif step is Step.ASK:
            shown = stands_as(stands, is_ours=is_ours) if stands else None
            await self._hold(share, hold if is_ours and hold else WriteHold.ENTERED_BY_HAND, shown)
        else:
            await self._nothing(share, hold if hold in STOPS_ALL or (wanted.cash > 0 and known is None) else None)

    # --- the steps

    async def _create(self, payments: ContractPayments, place: _Commitment, share: ShareSheet) -> None:
        if share.unclear_body is None:
            sought = SoughtPayment(share.wanted_cash, share.paid_on, share.check_number, requisition_of(share) or "")
            if (same := existing_payment(sought, place.not_ours())) is not None:
                place.taken.add(same.id)
                stands = Stands(same.id, same.amount, same.paid_on, same.check_number, is_ours=False)
                async with self._session() as session:
                    await stands_in_procore(session, share, stands, "payment_adopted")
                self._done["adopted"] += 1
                return
        body = share.unclear_body or form_bytes(place.ref, form_of(share))
        if share.unclear_body is None:
            async with self._session() as session:
                await write_attempt(session, share, origin_of(share), body)
        try:
            created = await payments.create(body)
        except ProcoreError as trouble:
            await self._not_created(share, trouble)
            return
        place.issued[created.id] = created
        place.taken.add(created.id)
        async with self._session() as session:
            await end_attempt(session, share, created.id, adopted=False)
            await stands_in_procore(session, share, stands_as(created, is_ours=True), "payment_written")
        self._done["written"] += 1

    async def _not_created(self, share: ShareSheet, trouble: ProcoreError) -> None:
        """A refusal made nothing; any other trouble may have, and the list will tell.

        So will a list where our ``origin_id`` is said to be taken, unless it has been asked for that once already.
        """
        surely_not = isinstance(trouble, ProcoreRejected | ProcoreAccessError | ProcoreRateLimited)
        is_taken = isinstance(trouble, ProcoreRejected) and "origin_id" in trouble.reason
        if surely_not and not (is_taken and share.unclear_body is None):
            async with self._session() as session:
                await refuse_attempt(session, share, f"{trouble.status or ''}", trouble.reason)
            await self._put_off(share, trouble)
            return
        async with self._session() as session:
            await attempt_is_unclear(session, share)
            await hold_share(session, share, None, None, session.now + UNCLEAR_PAUSE)

    async def _change(
        self, payments: ContractPayments, place: _Commitment, share: ShareSheet, stands: ContractPayment
    ) -> None:
        if stands.origin_id is not None:
            await payments.unlock(place.ref, stands.id)
        changed = await payments.change(place.ref, stands.id, form_of(share))
        async with self._session() as session:
            await stands_in_procore(session, share, stands_as(changed, is_ours=True), "payment_corrected")
        self._done["changed"] += 1

    async def _remove(
        self, payments: ContractPayments, place: _Commitment, share: ShareSheet, stands: ContractPayment
    ) -> None:
        try:
            if stands.origin_id is not None:
                await payments.unlock(place.ref, stands.id)
            await payments.delete(place.ref, stands.id)
        except ProcoreNotFound:
            # Somebody was quicker; had we lost sight of the commitment, its list would not have come.
            pass
        del place.issued[stands.id]
        async with self._session() as session:
            await is_out_of_procore(session, share)
        self._done["removed"] += 1

    # --- not now

    async def _nothing(self, share: ShareSheet, hold: WriteHold | None) -> None:
        """There is nothing to do, or it waits: for its day, or for a switch that was turned while it was on its way."""
        until = None
        if hold is WriteHold.DATED_AHEAD:
            until = datetime.combine(share.paid_on, time.min, share.zone).astimezone(UTC)
        elif hold in (WriteHold.PAUSED, WriteHold.SWITCHED_OFF):
            until = self._outside.clock.now()
        async with self._session() as session:
            if share.unclear_body is not None and share.wanted_cash <= 0:
                await refuse_attempt(session, share, "unheard", "it is not among the commitment's payments")
            await hold_share(session, share, hold, None, until)

    async def _hold(self, share: ShareSheet, hold: WriteHold, stands: Stands | None = None) -> None:
        async with self._session() as session:
            await hold_share(session, share, hold, None, None, stands)

    async def _put_off(self, share: ShareSheet, trouble: ProcoreError) -> None:
        """Try again later: soon what may pass, in hours what a person has to mend in Procore."""
        now = self._outside.clock.now()
        if isinstance(trouble, ProcoreRetryable):
            pause = RETRY_PAUSE
            if isinstance(trouble, ProcoreRateLimited):
                pause = trouble.wait(now) or RETRY_PAUSE
            elif isinstance(trouble, ProcoreUnavailable):
                pause = trouble.retry_after or RETRY_PAUSE
            hold, said = share.hold, None
        elif isinstance(trouble, ProcoreAccessError):
            hold, said, pause = WriteHold.NOT_VISIBLE, trouble.reason, ACCESS_PAUSE
        else:
            hold = WriteHold.LOCKED if share.procore_payment_id else WriteHold.REFUSED
            said, pause = trouble.reason, REFUSED_PAUSE
        async with self._session() as session:
            await hold_share(session, share, hold, said, now + pause)
