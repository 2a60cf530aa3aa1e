"""What we know of Procore's requisitions: kept as seen, judged once, read again when they change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import ProcoreRequisition, RequisitionVerdict

# When a requisition was first seen, and last seen unapproved, is evidence that a later reading does not change.
TAKE_VERDICT = OnConflict(
    keys=("company_id", "requisition_id"),
    keeps=("first_seen_at",),
    by=(
        (
            "seen_unapproved_at",
            "coalesce(excluded.seen_unapproved_at, procore_requisition.seen_unapproved_at)",
        ),
    ),
)
KEEP_VERDICT = replace(TAKE_VERDICT, keeps=("first_seen_at", "verdict", "verdict_reason"))


@dataclass(frozen=True)
class SeenRequisition:
    """One requisition as Procore told it just now; what could not be read has only its id, text and reason.

    ``raw_sha256`` is the text's ``fingerprint``.
    """

    requisition_id: str
    project_id: str
    raw: str
    raw_sha256: str
    commitment_id: str | None = None
    vendor_id: str | None = None
    vendor_name: str | None = None
    number: str | None = None
    normalised_number: str | None = None
    status: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_approved: bool = False
    unreadable: str | None = None
    verdict: RequisitionVerdict = RequisitionVerdict.NONE
    verdict_reason: str | None = None
    due: Decimal | None = None


def fingerprint(raw: str) -> str:
    return sha256(raw.encode()).hexdigest()


TEXTS = """
    SELECT requisition_id, raw FROM procore_requisition
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class _Text:
    requisition_id: str
    raw: str


async def texts_of(session: CompanySession, ids: Iterable[str]) -> dict[str, str]:
    """These requisitions as Procore last told them, by id."""
    return {one.requisition_id: one.raw for one in await session.ask(TEXTS, _Text, requisition_ids=sorted(ids))}


TOLD = """
    SELECT requisition_id, coalesce(status, '') AS status, raw_sha256 FROM procore_requisition
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class ToldRequisition:
    """A requisition as Procore last told it, without its text: its status word, and the text's fingerprint."""

    requisition_id: str
    status: str
    raw_sha256: str


async def told_requisitions(session: CompanySession, ids: Iterable[str]) -> list[ToldRequisition]:
    """These requisitions without their texts, which are long."""
    return await session.ask(TOLD, ToldRequisition, requisition_ids=sorted(ids))


JUDGED_BEFORE = """
    SELECT requisition_id, seen_unapproved_at, verdict, verdict_reason, due FROM procore_requisition
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class JudgedBefore:
    """What is remembered of a requisition: when it was seen unapproved, and what its last reading came to."""

    requisition_id: str
    seen_unapproved_at: datetime | None
    verdict: RequisitionVerdict
    verdict_reason: str | None
    due: Decimal | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", RequisitionVerdict(self.verdict))


async def judged_before(session: CompanySession, ids: Sequence[str]) -> dict[str, JudgedBefore]:
    """What is remembered of these requisitions, by id; left out where one was never seen."""
    if not ids:
        return {}
    found = await session.ask(JUDGED_BEFORE, JudgedBefore, requisition_ids=list(ids))
    return {one.requisition_id: one for one in found}


PUSHED = """
    SELECT requisition_id FROM procore_push
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class _Pushed:
    requisition_id: str


async def pushed_requisitions(session: CompanySession, ids: Sequence[str]) -> set[str]:
    """Which of these requisitions inBuild itself pushed into Procore."""
    if not ids:
        return set()
    return {one.requisition_id for one in await session.ask(PUSHED, _Pushed, requisition_ids=list(ids))}


async def store_requisitions(
    session: CompanySession, seen: Iterable[SeenRequisition], *, keep_verdict: bool = False
) -> None:
    """Insert or refresh the rows. When one was first seen, and last seen unapproved, is kept."""
    # A record may slip from one page to the next while they are read: the later reading counts.
    latest = {one.requisition_id: one for one in seen}
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "requisition_id": one.requisition_id,
            "project_id": one.project_id,
            "commitment_id": one.commitment_id,
            "vendor_id": one.vendor_id,
            "vendor_name": one.vendor_name,
            "number": one.number,
            "normalised_number": one.normalised_number,
            "status": one.status,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
            "raw": one.raw,
            "raw_sha256": one.raw_sha256,
            "unreadable": one.unreadable,
            "first_seen_at": session.now,
            "seen_at": session.now,
            "seen_unapproved_at": None if one.is_approved or one.unreadable else session.now,
            "verdict": one.verdict,
            "verdict_reason": one.verdict_reason,
            "due": one.due,
        }
        for one in latest.values()
    ]
    await insert_rows(session, ProcoreRequisition, rows, KEEP_VERDICT if keep_verdict else TAKE_VERDICT)


SET_VERDICT = """
    UPDATE procore_requisition SET verdict = %(verdict)s, verdict_reason = %(reason)s
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


async def set_verdict(
    session: CompanySession, requisition_ids: Sequence[str], verdict: RequisitionVerdict, reason: str | None
) -> None:
    await session.do(SET_VERDICT, requisition_ids=list(requisition_ids), verdict=verdict.value, reason=reason)


async def numbers_on_several_commitments(
    session: CompanySession, numbers: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Which of these (vendor id, normalised number) pairs stand on more than one commitment: subs reuse 1, 2, 3."""
    wanted = {pair for pair in numbers if pair[1]}
    if not wanted:
        return set()
    found = await session.ask(
        REUSED_NUMBERS,
        _Reused,
        vendors=sorted({vendor for vendor, _ in wanted}),
        numbers=sorted({number for _, number in wanted}),
    )
    return {(one.vendor_id, one.normalised_number) for one in found} & wanted


@dataclass(frozen=True)
class _Reused:
    vendor_id: str
    normalised_number: str


REUSED_NUMBERS = """
    SELECT vendor_id, normalised_number
    FROM procore_requisition
    WHERE company_id = %(company_id)s AND vendor_id = ANY(%(vendors)s) AND normalised_number = ANY(%(numbers)s)
    GROUP BY vendor_id, normalised_number
    HAVING count(DISTINCT commitment_id) > 1
"""
