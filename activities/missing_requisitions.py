"""Requisitions that Procore's list leaves out. Each is asked for by its id before anybody calls its approval withdrawn.

A list shows what the service account may see: what it does not hold may be deleted, or hidden behind a permission that
somebody took away. Procore answers 404 for the one and 403 for the other (documentation/api_essentials/
error_reference.md).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from activities.reading_procore import CompanyReader
from providers.procore.errors import ProcoreForbidden, ProcoreNotFound
from providers.procore.requisitions import Requisition
from providers.procore.wire import Unreadable

# Calls of one list: what else is missing from it is asked for with the next one.
ASKED_SINGLY = 10


@dataclass(frozen=True)
class Missing:
    """What became of them. ``gone`` are not there any more, ``hidden`` are refused with Procore's reason; the rest of
    those asked for are there all the same. Whoever is in none of these was not asked for yet.
    """

    gone: frozenset[str]
    hidden: Mapping[str, str]
    records: tuple[Requisition, ...]
    unreadable: tuple[Unreadable, ...]


async def ask_for_missing(reader: CompanyReader, project_id: str, requisition_ids: Collection[str]) -> Missing:
    """One call each, for ten at most. Raises ProcoreError for trouble that is of no single requisition."""
    gone: set[str] = set()
    hidden: dict[str, str] = {}
    records: list[Requisition] = []
    unreadable: list[Unreadable] = []
    for one in sorted(requisition_ids)[:ASKED_SINGLY]:
        await reader.breathe()
        try:
            match await reader.client.requisition(project_id, one):
                case Requisition() as requisition:
                    records.append(requisition)
                case Unreadable() as text:
                    unreadable.append(text)
        except ProcoreNotFound:
            gone.add(one)
        except ProcoreForbidden as refused:
            hidden[one] = refused.reason
    return Missing(frozenset(gone), hidden, tuple(records), tuple(unreadable))
