"""Webhooks go to public addresses over https; nobody makes us call what only we can reach."""

import pytest

from providers.standard_webhooks.destination import checked_url, is_public, looked_up
from providers.standard_webhooks.errors import DestinationRefused, ReceiverUnavailable


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/hook",
        "ftp://8.8.8.8/",
        "https://",
        "https:///hook",
        "//example.com",
        "nothing at all",
        "https://user:password@8.8.8.8/hook",
        "https://8.8.8.8/" + "x" * 500,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_for_a_webhook(text: str) -> None:
    with pytest.raises(DestinationRefused):
        checked_url(text)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.8",
        "2002:0a00:0008::1",
    ],
)
def test_an_address_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "0x7f.1", "2130706433"])
async def test_a_name_for_this_machine_is_refused_or_unknown(host: str) -> None:
    with pytest.raises((DestinationRefused, ReceiverUnavailable)):
        await looked_up(checked_url(f"https://{host}/hook"))


async def test_a_public_one_is_called_at_the_address_that_was_looked_up() -> None:
    found = await looked_up(checked_url(" https://8.8.8.8:8443/hook#part "))
    assert (str(found.url), found.address) == ("https://8.8.8.8:8443/hook", "8.8.8.8")
