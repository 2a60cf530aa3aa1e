"""Change data capture: everything of some kinds that changed since a moment, deletions included (reference 3.3)."""

from __future__ import annotations

from typing import Any

from simulators.quickbooks_online.books import KINDS, Books
from simulators.quickbooks_online.moments import read_moment
from simulators.quickbooks_online.refusals import missing, query_invalid
from simulators.quickbooks_online.wire import shown

LOOK_BACK_SECONDS = 30 * 24 * 3600

_NOT_CAPTURED = ("TaxCode", "TaxRate")


def changes_since(books: Books, entities: str | None, since: str | None) -> list[dict[str, Any]]:
    """One QueryResponse per entity asked for, `{}` where nothing changed. Raises the Refusal.

    Whole objects, deletions as stubs, oldest change first; when more changed than an answer holds, the newest
    are left out. The service has seconds, not fractions: a change in the second of `since` is included.
    """
    if not entities:
        raise missing("entities")
    if not since:
        raise missing("changedSince")
    kinds = [_captured(name.strip()) for name in entities.split(",")]
    try:
        moment = read_moment(since)
    except ValueError:
        raise query_invalid(f"changedSince {since} is no date and time") from None
    if moment < books.clock.timestamp() - LOOK_BACK_SECONDS:
        raise query_invalid("changedSince can look back 30 days at most")
    found = _changed_ids(books, set(kinds), int(moment))
    left = books.switches.cdc_limit
    answers = []
    for kind in kinds:
        ids = found[kind][: left if books.switches.cdc_cap == "response" else books.switches.cdc_limit]
        left -= len(ids)
        answers.append(_response(books, kind, ids, len(found[kind])))
    return answers


def _captured(name: str) -> str:
    kind = next((kind for kind in KINDS if kind.lower() == name.lower()), None)
    if kind is None or kind in _NOT_CAPTURED:
        raise query_invalid(f"{name} is not supported for change data capture")
    return kind


def _changed_ids(books: Books, kinds: set[str], since: int) -> dict[str, list[str]]:
    """Changes stand in the order they happened, so the walk goes back from the end and stops early."""
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for (kind, entity_id), when in reversed(books.changes.items()):
        if int(when) < since:
            break
        if kind in found:
            found[kind].append(entity_id)
    for ids in found.values():
        ids.reverse()
    return found


def _response(books: Books, kind: str, ids: list[str], total: int) -> dict[str, Any]:
    if not ids:
        return {}
    rows = []
    for entity_id in ids:
        entity = books.find(kind, entity_id)
        if entity is None:
            rows.append(books.deleted[kind, entity_id])
        else:
            rows.append(shown(books.switches, kind, entity))
    return {kind: rows, "startPosition": 1, "maxResults": len(rows), "totalCount": total}
