from __future__ import annotations

import httpx
import pytest

from providers.procore.paging import has_next, total

PAGE = "https://api.procore.com/rest/v1.1/requisitions?project_id=789&page=2&per_page=5"


@pytest.mark.parametrize(
    ("link", "more"),
    [
        (f'<{PAGE}>; rel="next", <{PAGE}>; rel="last"', True),
        (f'<{PAGE}>; rel="first", <{PAGE}>; rel="prev", <{PAGE}>; rel="last", <{PAGE}>; rel="next"', True),
        (f"<{PAGE}>; rel=next", True),
        (f'<{PAGE}>;rel="NEXT"', True),
        (f'<{PAGE}>; rel="first", <{PAGE}>; rel="prev", <{PAGE}>; rel="last"', False),
        ('<https://api.procore.com/next?rel=next>; rel="prev"', False),
        ("", False),
    ],
)
def test_only_a_next_relation_means_more(link: str, more: bool) -> None:
    assert has_next(httpx.Headers({"Link": link})) is more


def test_no_link_header_is_the_end() -> None:
    assert not has_next(httpx.Headers())


@pytest.mark.parametrize(("text", "read"), [("42", 42), ("0", 0), ("", None), ("many", None), ("-1", None)])
def test_the_total_is_a_number_or_nothing(text: str, read: int | None) -> None:
    assert total(httpx.Headers({"Total": text})) == read
