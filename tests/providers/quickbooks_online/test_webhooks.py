"""Every literal delivery of Intuit's is understood; nothing else is."""

from __future__ import annotations

import json

import pytest

from providers.quickbooks_online.webhooks import SIGNATURE_HEADER, is_signed, read_news
from tests.exchanges.webhooks import WebhookExchange, load_webhooks

DELIVERIES = {exchange.name: exchange for exchange in load_webhooks()}
PAID = [("billpayment", "created", "2051"), ("bill", "updated", "2041")]
UNDERSTOOD = {
    "a bill is paid": PAID,
    "a payment is voided": [("bill", "updated", "2041"), ("billpayment", "void", "2051")],
    "a payment is deleted": [("bill", "updated", "2041"), ("billpayment", "deleted", "2051")],
    "a bill is edited": [("bill", "updated", "2041")],
    "a bill is deleted": [("bill", "deleted", "2041")],
    "a credit is entered": [("vendorcredit", "created", "2051")],
    "a bill is paid, in the older body": [("billpayment", "create", "2051"), ("bill", "update", "2041")],
    "a payment is voided, in the older body": [("bill", "update", "2041"), ("billpayment", "void", "2051")],
    "a payment is deleted, in the older body": [("bill", "update", "2041"), ("billpayment", "delete", "2051")],
}


def test_every_delivery_has_its_understanding() -> None:
    assert UNDERSTOOD.keys() == DELIVERIES.keys()


@pytest.mark.parametrize("delivery", DELIVERIES.values(), ids=str)
def test_deliveries_are_understood(delivery: WebhookExchange) -> None:
    body = delivery.body.encode()
    assert is_signed(body, delivery.headers[SIGNATURE_HEADER], delivery.verifier)
    news = read_news(body)
    assert [(one.entity, one.operation, one.entity_id) for one in news] == UNDERSTOOD[delivery.name]
    assert {one.realm_id for one in news} == {"9130350000000001"}
    assert len({one.id for one in news}) == len(news)


@pytest.mark.parametrize("signature", ["", "x", "é", "JhIt4qWWW/Qg3uzP5evEPEoOUunSmouAjOZqG/bbXLw"])
def test_another_signature_is_none(signature: str) -> None:
    delivery = DELIVERIES["a bill is paid"]
    assert not is_signed(delivery.body.encode(), signature, delivery.verifier)
    assert not is_signed(delivery.body.encode(), delivery.headers[SIGNATURE_HEADER], "another-token")
    assert not is_signed(delivery.body.encode() + b" ", delivery.headers[SIGNATURE_HEADER], delivery.verifier)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b'{"eventNotifications":null}',
        b'[{"id":"1","type":"bill","intuitentityid":"1","intuitaccountid":"1"}]',
        b'[{"id":"1","type":"qbo.bill.updated.v1","intuitentityid":"1"}]',
        b"\xff\xfe",
        b"[" * 2000,
    ],
)
def test_what_is_no_delivery_is_refused_without_its_values(body: bytes) -> None:
    with pytest.raises(ValueError, match="neither of the two bodies"):
        read_news(body)


def test_unknown_words_are_read_and_one_body_may_tell_of_several_companies() -> None:
    event = {"type": "qbo.recurringtransaction.frozen.v7", "intuitentityid": 5}
    events = [{**event, "id": f"{realm}-1", "intuitaccountid": realm, "new": {}} for realm in ("1", "2")]
    news = read_news(json.dumps(events).encode())
    assert [(one.realm_id, one.entity, one.operation) for one in news] == [
        ("1", "recurringtransaction", "frozen"),
        ("2", "recurringtransaction", "frozen"),
    ]
