"""Delivering one webhook: one POST, no redirect followed, nothing read of the answer but its status."""

from datetime import datetime

import httpx

from providers.standard_webhooks.destination import Destination
from providers.standard_webhooks.errors import ReceiverGone, ReceiverUnavailable
from providers.standard_webhooks.signature import signed_headers

# The specification suggests 15 to 30 s for the whole of it.
TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=10.0, pool=10.0)


async def deliver(
    http: httpx.AsyncClient, destination: Destination, secret: str, message_id: str, at: datetime, body: bytes
) -> None:
    """Send it once, signed. ``message_id`` stays when it is repeated, ``at`` is now.

    Raises ReceiverUnavailable and ReceiverGone.
    """
    url = destination.url
    headers = {
        **signed_headers(secret, message_id, at, body),
        "content-type": "application/json",
        "host": url.netloc.decode(),
    }
    request = http.build_request(
        "POST",
        # To the address that was looked up and checked, not to wherever the name leads by now.
        url.copy_with(host=destination.address),
        headers=headers,
        content=body,
        timeout=TIMEOUT,
        extensions={"sni_hostname": url.host},
    )
    try:
        answer = await http.send(request, stream=True)
        await answer.aclose()
    except httpx.TimeoutException:
        raise ReceiverUnavailable("no answer in time") from None
    except httpx.HTTPError as away:
        raise ReceiverUnavailable(f"no answer ({type(away).__name__})") from None
    if answer.status_code == httpx.codes.GONE:
        raise ReceiverGone("answered 410")
    if not answer.is_success:
        raise ReceiverUnavailable(f"answered {answer.status_code}")
