"""Signatures as the Standard Webhooks specification spells them."""

import base64
from datetime import UTC, datetime

import pytest

from providers.standard_webhooks.signature import new_secret, signed_headers


def test_an_example_worked_out_by_hand() -> None:
    # HMAC-SHA256 of b'msg_1.1784048400.{"a":1}' under 24 bytes of "k", by openssl.
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    at = datetime(2026, 7, 14, 17, 0, 0, 900_000, tzinfo=UTC)
    assert signed_headers(secret, "msg_1", at, b'{"a":1}') == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1784048400",
        "webhook-signature": "v1,rSvpy7bmPAAySJgFtT58iJB/vRC7gvA7XpwgUXCp8RI=",
    }


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b64decode(one.removeprefix("whsec_"))) == 32 for one in secrets)


def test_a_secret_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="not a webhook secret"):
        signed_headers("whsec_not base64!", "msg", datetime(2026, 1, 1, tzinfo=UTC), b"")
