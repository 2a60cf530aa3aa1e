"""Writes that create a contract payment: committed with their exact bytes before they are sent, under ``origin_id``.

They stand in the table of all writes. Each has a batch of its own that is over from the start: no request to QuickBooks
belongs to it, and its share is what takes it up again.
"""

from hashlib import sha256

from models.contract_payments import ShareSheet
from models.database import CompanySession
from models.posting import request_id_of

NEW_ATTEMPT = """
    WITH batch AS (
        INSERT INTO posting_batch (company_id, id, connection_id, project_id, request_id, created_at, sent_at, ended_at)
        VALUES (
            %(company_id)s, %(batch_id)s, %(connection_id)s, %(project_id)s, %(request_id)s, %(now)s, %(now)s, %(now)s
        )
        RETURNING id
    )
    INSERT INTO posting_attempt (
        company_id, id, connection_id, batch_id, position, subject_kind, subject_id, operation, generation, body,
        draft_hash, memo_marker, lookup_vendor_id, lookup_number, lookup_total, retainage_withheld, retainage_released,
        bill_date, mapping_versions, state, created_at, sent_at, adopted, workflow_id, run_id, activity_id, traceparent
    )
    SELECT %(company_id)s, %(attempt_id)s, %(connection_id)s, batch.id, 1, 'payment_share', %(share_id)s,
        'create_contract_payment', 1 + coalesce((
            SELECT max(earlier.generation) FROM posting_attempt AS earlier
            WHERE earlier.company_id = %(company_id)s AND earlier.subject_kind = 'payment_share'
                AND earlier.subject_id = %(share_id)s AND earlier.operation = 'create_contract_payment'
        ), 0), %(body)s, %(draft_hash)s, %(origin_id)s, %(commitment_id)s, %(number)s, %(amount)s, 0, 0,
        %(paid_on)s, '', 'sent', %(now)s, %(now)s, false, %(workflow_id)s, %(run_id)s, %(activity_id)s, %(traceparent)s
    FROM batch
"""
END_ATTEMPT = """
    UPDATE posting_attempt
    SET state = %(state)s, ended_at = %(now)s, adopted = %(adopted)s, answer_code = %(code)s, answer = %(answer)s
    WHERE company_id = %(company_id)s AND subject_kind = 'payment_share' AND subject_id = %(share_id)s
        AND operation = 'create_contract_payment' AND state IN ('prepared', 'sent', 'unclear')
"""
UNCLEAR = """
    UPDATE posting_attempt SET state = 'unclear'
    WHERE company_id = %(company_id)s AND subject_kind = 'payment_share' AND subject_id = %(share_id)s
        AND operation = 'create_contract_payment' AND state IN ('prepared', 'sent')
"""


async def write_attempt(session: CompanySession, share: ShareSheet, origin_id: str, body: bytes) -> None:
    """Freeze what is about to be sent for a share; there is no open attempt of it."""
    actor, batch_id = session.actor, session.new_id()
    await session.do(
        NEW_ATTEMPT,
        batch_id=batch_id,
        attempt_id=session.new_id(),
        connection_id=share.connection_id,
        project_id=share.project_id,
        request_id=request_id_of(batch_id),
        share_id=share.id,
        body=body,
        draft_hash=sha256(body).hexdigest(),
        origin_id=origin_id,
        commitment_id=share.commitment_id,
        number=share.number,
        amount=share.wanted_cash,
        paid_on=share.paid_on,
        now=session.now,
        workflow_id=actor.workflow_id,
        run_id=actor.run_id,
        activity_id=actor.activity_id,
        traceparent=actor.traceparent,
    )


async def end_attempt(session: CompanySession, share: ShareSheet, procore_payment_id: str, *, adopted: bool) -> None:
    """The share's open attempt made this payment; ``adopted`` where it was found there, not answered."""
    answer = f"contract payment {procore_payment_id}"
    await _end(session, share, "accepted", None, answer, adopted=adopted)


async def refuse_attempt(session: CompanySession, share: ShareSheet, code: str, answer: str) -> None:
    """Procore made no payment of the share's open attempt, and why."""
    await _end(session, share, "rejected", code[:32], answer, adopted=False)


async def attempt_is_unclear(session: CompanySession, share: ShareSheet) -> None:
    """Whether the share's open attempt made a payment is not known."""
    await session.do(UNCLEAR, share_id=share.id)


async def _end(
    session: CompanySession, share: ShareSheet, state: str, code: str | None, answer: str, *, adopted: bool
) -> None:
    await session.do(
        END_ATTEMPT, share_id=share.id, state=state, code=code, answer=answer, adopted=adopted, now=session.now
    )
