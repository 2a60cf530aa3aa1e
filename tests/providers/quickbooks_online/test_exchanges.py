"""Each literal exchange, played to the client over a socket: it sends exactly that request and understands the
answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from foundation.clock import ManualClock
from foundation.http_client import build_http_client
from providers.quickbooks_online import errors
from providers.quickbooks_online.answers import QueryPage
from providers.quickbooks_online.batch import BatchCreate, BatchQuery, serialize_batch
from providers.quickbooks_online.bill_payload import serialize_bill
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.oauth import IntuitEndpoints, IntuitOAuth
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types import (
    Account,
    Bill,
    Customer,
    Department,
    Item,
    Term,
    TrackingClass,
    Vendor,
)
from tests.exchanges.matching import Exchange, fill, header_differences, load_exchanges, wire_text
from tests.exchanges.playback import answer_of, playback
from tests.providers.quickbooks_online.bills import bill, work
from tests.providers.quickbooks_online.fixed_tokens import FixedTokens

ASKED_AT = datetime(2026, 11, 20, 17, 14, 3, tzinfo=UTC)
HOLES = {
    "access_token": "an-access-token",
    "refresh_token": "RT1-39-H3-a-refresh-token",
    "code": "AB11-a-code",
}


class Sides:
    """Our two sides of the wire, pointed at one playback."""

    def __init__(self, url: str, secret: str = "s3cret-of-the-app") -> None:
        self.http = build_http_client()
        self.url = url
        self.client = self.realm("9130350000000001")
        self.oauth = IntuitOAuth(
            self.http,
            ManualClock(ASKED_AT),
            client_id="inbuild-app",
            client_secret=secret,
            redirect_uri="https://app.example.com/oauth/quickbooks/callback",
            endpoints=IntuitEndpoints(token=f"{url}/oauth2/v1/tokens/bearer", revoke=f"{url}/v2/oauth2/tokens/revoke"),
        )

    def realm(self, realm_id: str) -> QuickBooksOnlineClient:
        return QuickBooksOnlineClient(self.url, self.http, FixedTokens("an-access-token"), realm_id)


Call = Callable[[Sides], Awaitable[Any]]
Check = Callable[[Any], bool]


def _query(kind: Any, *where: Condition, rows: int = 1000, start: int = 1) -> Call:
    select = Select(kind.entity_name, where, start_position=start, max_results=rows)
    return lambda sides: sides.client.query(kind, select)


def _list(kind: Any) -> Call:
    async def call(sides: Sides) -> list[Any]:
        return [entity async for entity in sides.client.all_of(kind)]

    return call


def _create(request_id: str, *args: Any, **kwargs: Any) -> Call:
    return lambda sides: sides.client.create(Bill, serialize_bill(bill(*args, **kwargs)), request_id)


def _raw(request_id: str, exchange_name: str) -> Call:
    """Bytes that our own serialiser would not write, to see what QuickBooks says to them."""
    body = next(exchange.request.body for exchange in EXCHANGES if exchange.name == exchange_name)
    return lambda sides: sides.client.create(Bill, wire_text(body).encode(), request_id)


def _batch(sides: Sides) -> Awaitable[Any]:
    batch = serialize_batch(
        [
            BatchCreate(
                "b1",
                Bill,
                serialize_bill(bill("NGC-2026-0048", lines=(work("1200.50", "80", "03-300 Cast-in-place concrete"),))),
            ),
            BatchCreate("b2", Bill, serialize_bill(bill("NGC-2026-0049", vendor_id="999", lines=(work(),)))),
            BatchQuery("b3", Select("Bill", (Condition("DocNumber", "=", "NGC-2026-0046"),))),
        ]
    )
    return sides.client.batch(batch, "9f0c2d6e-6a53-5b1e-8f4e-0d9a7c1b2e33")


def _ids(*ids: str) -> Check:
    return lambda entities: [entity.id for entity in entities] == list(ids)


def _page_ids(*ids: str) -> Check:
    return lambda answer: [entity.id for entity in answer.value.entities] == list(ids)


def _fails(kind: type[errors.QuickBooksOnlineError], code: str) -> Check:
    return lambda error: type(error) is kind and error.code == code


def _tokens(pair: Any) -> bool:
    return bool(
        pair.access_token == "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.example"
        and pair.refresh_token == "RT1-39-H3-1804030000example"
        and pair.access_expires_at == datetime(2026, 11, 20, 18, 14, 3, tzinfo=UTC)
        and pair.refresh_expires_at == datetime(2027, 3, 1, 17, 14, 3, tzinfo=UTC)
        and pair.hard_expires_at == datetime(2031, 10, 31, 15, 29, 57, tzinfo=UTC)
    )


def _created(answer: Any) -> bool:
    made = answer.value
    return bool(
        made.id == "2045"
        and made.total_amt == Decimal("81000.09")
        and [line.amount for line in made.lines] == [Decimal("50000.00"), Decimal("40000.10"), Decimal("-9000.01")]
        and made.lines[0].detail.class_ref.value == "5000000000000142240"
        and made.lines[1].detail.item_ref.value == "51"
        and answer.time == datetime(2026, 11, 20, 17, 14, 3, 412000, tzinfo=UTC)
    )


def _bill_2040(found: Bill) -> bool:
    return (
        found.doc_number == "NGC-2026-0046"
        and found.txn_date == date(2026, 10, 18)
        and found.total_amt == Decimal("45000.10")
        and sum(line.amount for line in found.lines) == found.total_amt
    )


def _batch_understood(answer: Any) -> bool:
    made, refused, found = (answer.outcomes[b_id] for b_id in ("b1", "b2", "b3"))
    return bool(
        isinstance(made, Bill)
        and made.total_amt == Decimal("1200.50")
        and isinstance(refused, errors.InvalidReference)
        and (refused.reference_kind, refused.reference_id) == ("Names", "999")
        and isinstance(found, QueryPage)
        and _bill_2040(found.entities[0])
    )


def _unknown_account(error: Any) -> bool:
    return _fails(errors.InvalidReference, "2500")(error) and error.reference_kind == "Accounts"


EXCHANGES = load_exchanges("quickbooks_online")

CALLS: dict[str, tuple[Call, Check]] = {
    "an authorisation code becomes two tokens": (lambda s: s.oauth.exchange("AB11-a-code"), _tokens),
    "a wrong authorisation code is refused": (
        lambda s: s.oauth.exchange("AB11nosuchcode"),
        _fails(errors.GrantRefused, "invalid_grant"),
    ),
    "a refresh brings new tokens": (lambda s: s.oauth.refresh("RT1-39-H3-a-refresh-token"), _tokens),
    "a dead refresh token is refused": (
        lambda s: s.oauth.refresh("RT1-00-H0-dead"),
        lambda error: (
            _fails(errors.GrantRefused, "invalid_grant")(error)
            and error.sentence == "Incorrect or invalid refresh token"
        ),
    ),
    "a wrong client secret is refused": (
        lambda s: Sides(s.url, secret="wrong").oauth.refresh("RT1-39-H3-a-refresh-token"),
        _fails(errors.ClientMisconfigured, "invalid_client"),
    ),
    "a refresh token is revoked": (
        lambda s: s.oauth.revoke("RT1-39-H3-a-refresh-token"),
        lambda revoked: revoked is True,
    ),
    "company info": (
        lambda s: s.client.company_info(),
        lambda answer: answer.value.legal_name == "Hadley Builders LLC",
    ),
    "preferences": (
        lambda s: s.client.preferences(),
        lambda answer: (
            answer.value.accounting_info_prefs.book_close_date == date(2026, 5, 31)
            and answer.value.accounting_info_prefs.class_tracking_per_txn_line
            and answer.value.is_on("WarnDuplicateBillNumber")
            and not answer.value.is_on("ProjectsEnabled")
        ),
    ),
    "vendors, inactive ones too": (_list(Vendor), _ids("112", "113", "114")),
    "a query of a name list without Active leaves inactive rows out": (
        _query(Vendor),
        _page_ids("112", "114"),
    ),
    "one row of a page of one": (
        _query(Vendor, Condition("Active", "IN", (True, False)), rows=1, start=2),
        lambda answer: answer.value.entities[0].active is False,
    ),
    "a quote inside a text is escaped": (
        _query(Vendor, Condition("DisplayName", "=", "O'Brien Steel")),
        _page_ids("114"),
    ),
    "an empty result has no entity": (_query(Vendor, Condition("DisplayName", "=", "Nobody")), _page_ids()),
    "accounts": (_list(Account), _ids("121", "33", "80", "81")),
    "items": (_list(Item), lambda items: items[0].expense_account_ref.value == "80"),
    "classes have ids of 19 digits": (_list(TrackingClass), _ids("5000000000000142240")),
    "departments": (_list(Department), _ids("2")),
    "customers and their jobs": (
        _list(Customer),
        lambda customers: customers[1].job and customers[1].parent_ref.value == "300",
    ),
    "terms": (_list(Term), lambda terms: terms[0].due_days == 30),
    "a field that cannot be filtered": (
        _query(Bill, Condition("PrivateNote", "=", "Procore SC-001 #3")),
        _fails(errors.RequestDefect, "4001"),
    ),
    "a bill with withheld retainage is created": (_create("3e1b8f0e-5d0c-5f0a-9a51-2f5a3c1d7b10"), _created),
    "the same requestid brings the first answer again": (
        _create("3e1b8f0e-5d0c-5f0a-9a51-2f5a3c1d7b10"),
        _created,
    ),
    "an unknown vendor": (
        _create("req-2500", "X-1", vendor_id="999", lines=(work(),)),
        _fails(errors.InvalidReference, "2500"),
    ),
    "an unknown account": (
        _create("req-2500-account", "X-2", lines=(work(account_id="7"),)),
        _unknown_account,
    ),
    "an inactive account": (
        _create("req-610", "X-3", lines=(work(account_id="81"),)),
        _fails(errors.MissingOrInactive, "610"),
    ),
    "a date in a closed period": (
        _create("req-6210", "X-4", txn_date=date(2026, 5, 31), due_date=date(2026, 6, 30), lines=(work(),)),
        _fails(errors.PeriodClosed, "6210"),
    ),
    "a bill number twice, in a company that minds": (
        _create("req-6140", "NGC-2026-0046", lines=(work(),)),
        _fails(errors.DuplicateDocumentNumber, "6140"),
    ),
    "a bill number of 22 characters": (
        _raw("req-2050", "a bill number of 22 characters"),
        lambda error: _fails(errors.RequestDefect, "2050")(error) and error.element == "DocNumber",
    ),
    "an amount that is not quantity times price": (
        _raw("req-6070", "an amount that is not quantity times price"),
        _fails(errors.RequestDefect, "6070"),
    ),
    "a bill without vendor": (
        _raw("req-2020", "a bill without vendor"),
        _fails(errors.RequestDefect, "2020"),
    ),
    "a bill is read": (lambda s: s.client.read_bill("2040"), lambda answer: _bill_2040(answer.value)),
    "a bill that is not there": (
        lambda s: s.client.read_bill("999999"),
        _fails(errors.MissingOrInactive, "610"),
    ),
    "bills are looked up by vendor, number and total": (
        lambda s: s.client.find_bills("112", "NGC-2026-0046", Decimal("45000.10")),
        lambda bills: len(bills) == 1 and _bill_2040(bills[0]),
    ),
    "no bill of that number": (
        lambda s: s.client.find_bills("112", "NGC-2026-0099"),
        lambda bills: bills == (),
    ),
    "changes since an instant, one part per entity": (
        lambda s: s.client.cdc([Bill, Vendor], datetime.fromisoformat("2026-11-20T09:00:00-08:00")),
        lambda answer: (
            answer.value.of(Bill)[0].id == "2045" and answer.value.of(Vendor) == () and not answer.value.is_full
        ),
    ),
    "a batch answers each item by itself": (_batch, _batch_understood),
    "the same batch again under the same ids": (_batch, _batch_understood),
    "an expired access token": (
        lambda s: s.client.company_info(),
        _fails(errors.AccessTokenRejected, "3200"),
    ),
    "a realm this app has no authorisation for": (
        lambda s: s.realm("9130350000000099").company_info(),
        _fails(errors.AppNotAuthorized, "3100"),
    ),
    "too many calls are answered in XML": (
        lambda s: s.client.company_info(),
        lambda error: _fails(errors.Throttled, "3001")(error) and error.retry_after == 60,
    ),
    "the books take no negative line": (
        _create("req-2290"),
        _fails(errors.NegativeAmountRefused, "2290"),
    ),
}


def test_every_exchange_has_its_call() -> None:
    assert len(EXCHANGES) >= 25
    assert sorted(CALLS) == sorted(exchange.name for exchange in EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
async def test_client_sends_the_request_and_understands_the_answer(exchange: Exchange) -> None:
    call, understood = CALLS[exchange.name]
    async with playback(answer_of(exchange.response)) as provider:
        sides = Sides(provider.url)
        try:
            result = await call(sides)
        except errors.QuickBooksOnlineError as error:
            result = error
        await sides.http.aclose()
    # After a rejected access token the same request goes out once more, with whatever token there is then.
    calls = 2 if isinstance(result, errors.AccessTokenRejected) else 1
    assert len(provider.requests) == calls
    for sent in provider.requests:
        expected = fill(vars(exchange.request), HOLES)
        assert (sent.method, sent.path) == (expected["method"], expected["path"])
        assert sorted(sent.query) == sorted(expected["query"].items())
        assert header_differences(expected["headers"], sent.headers) == []
        assert sent.body.decode() == wire_text(expected["body"])
    assert understood(result), result
