"""One paper twice: what came from Procore and as an upload as well must become one bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from accounting.invoice import InvoiceSource
from accounting.states import InvoiceState
from models.database import CompanySession
from models.tables import InvoiceRow

LOCK_NUMBERS = """
    SELECT pg_advisory_xact_lock(hashtext(%(company_id)s::text), key) FROM unnest(%(keys)s::integer[]) AS key
"""


async def lock_numbers(session: CompanySession, keys: Sequence[int]) -> None:
    """Hold these numbers until the unit of work ends: whoever wants one of them meanwhile waits, in the same order."""
    if keys:
        await session.do(LOCK_NUMBERS, keys=[key - 2**31 for key in keys])


class Paper(Protocol):
    """What two copies of one paper agree in."""

    @property
    def vendor_name(self) -> str: ...

    @property
    def normalised_number(self) -> str: ...


@dataclass(frozen=True)
class Twin:
    """An invoice that may be another copy of the same paper."""

    id: UUID
    source: InvoiceSource
    vendor_name: str
    normalised_number: str
    reference: int | None
    number: str


def paper_of(one: Paper) -> tuple[str, str]:
    """The vendor and the number on an invoice: the same from Procore and as an upload, it is one paper twice."""
    return one.vendor_name.lower(), one.normalised_number


TWINS = """
    SELECT id, source, vendor_name, normalised_number, reference, number
    FROM invoice
    WHERE company_id = %(company_id)s AND normalised_number = ANY(%(numbers)s) AND lower(vendor_name) = ANY(%(vendors)s)
        AND (%(sources)s > 1 OR source <> %(source)s) AND state = ANY(%(states)s)
    ORDER BY id
"""


async def twins_of_uploads(session: CompanySession, rows: Sequence[InvoiceRow]) -> list[Twin]:
    """Invoices of these vendors and numbers from another source that are on their way or in QuickBooks already."""
    if not rows:
        return []
    sources = sorted({row.source for row in rows})
    return await session.ask(
        TWINS,
        Twin,
        numbers=sorted({row.normalised_number for row in rows}),
        vendors=sorted({row.vendor_name.lower() for row in rows}),
        sources=len(sources),
        source=sources[0],
        states=[InvoiceState.READY, InvoiceState.SENDING, InvoiceState.POSTED, InvoiceState.LINKED],
    )
