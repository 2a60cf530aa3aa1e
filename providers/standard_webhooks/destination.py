"""Where webhooks may go: to public addresses over https, so that nobody makes us call what only we can reach."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from providers.standard_webhooks.errors import DestinationRefused, ReceiverUnavailable

URL_LENGTH = 500
HTTPS_PORT = 443


@dataclass(frozen=True)
class Destination:
    """A web address that was looked up: the request goes to ``address``, whatever the name says a moment later."""

    url: httpx.URL
    address: str


def checked_url(text: str, *, anywhere: bool = False) -> httpx.URL:
    """The address as typed, if webhooks may go there. ``anywhere`` also lets http and private addresses pass.

    Raises DestinationRefused with a sentence.
    """
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        raise DestinationRefused("This is not a web address. It begins with https://.") from None
    if url.scheme != "https" and not (anywhere and url.scheme == "http"):
        raise DestinationRefused("Webhooks go to https addresses only.")
    if not url.host or len(str(url)) > URL_LENGTH:
        raise DestinationRefused("This is not a web address. It begins with https:// and has a host.")
    if url.userinfo:
        raise DestinationRefused("Leave user name and password out of the address; each webhook is signed instead.")
    if url.fragment:
        url = url.copy_with(fragment=None)
    return url


async def looked_up(url: httpx.URL, *, anywhere: bool = False) -> Destination:
    """The address behind the host's name. Every one of them has to be public.

    Raises DestinationRefused, and ReceiverUnavailable while the name is not known.
    """
    port = url.port or HTTPS_PORT
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ReceiverUnavailable(f"the name {url.host} is not known") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise ReceiverUnavailable(f"the name {url.host} has no address")
    if not anywhere and not all(is_public(address) for address in addresses):
        raise DestinationRefused("Webhooks go to public addresses only; this one is inside a private network.")
    return Destination(url, addresses[0])


def is_public(text: str) -> bool:
    """Whether an IP address is reachable by anybody: not private, loopback, link-local, shared or reserved."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return address.is_global and not address.is_multicast
