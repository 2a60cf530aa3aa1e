"""Pages of a list with `Link`, `Total` and `Per-Page` headers (documentation/plan_your_app/pagination.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from simulators.procore.query import Query

Row = TypeVar("Row")


def page_of(
    rows: Sequence[Row], query: Query, address: str, *, default: int, maximum: int
) -> tuple[Sequence[Row], dict[str, str]]:
    """The asked page of `rows` and the headers that go with it.

    `page` counts from 1. Unreadable or non-positive numbers fall back to page 1 and the default size; a size over
    `maximum` is cut to it. `address` is the list's own URL without query.
    """
    page = _positive(query.get("page"), 1)
    size = min(_positive(query.get("per_page"), default), maximum)
    pages = max(1, -(-len(rows) // size))
    headers = {"Total": str(len(rows)), "Per-Page": str(size)}
    links = _links(page, pages)
    if links:
        kept = [(name, value) for name, value in query.pairs if name not in {"page", "per_page"}]
        headers["Link"] = ", ".join(
            f'<{address}?{urlencode([*kept, ("page", number), ("per_page", size)])}>; rel="{rel}"'
            for rel, number in links
        )
    return rows[(page - 1) * size : page * size], headers


def _links(page: int, pages: int) -> list[tuple[str, int]]:
    """Page 1 has next and last, page 2 no prev, later pages all four, the last page no next: as documented."""
    if pages == 1:
        return []
    links: list[tuple[str, int]] = []
    if page > 1:
        links.append(("first", 1))
    if page > 2:
        links.append(("prev", min(page - 1, pages)))
    links.append(("last", pages))
    if page < pages:
        links.append(("next", page + 1))
    return links


def _positive(text: str | None, fallback: int) -> int:
    if text is None or len(text) > 9 or not text.isascii() or not text.isdigit() or int(text) < 1:
        return fallback
    return int(text)
