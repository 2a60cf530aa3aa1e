"""The one place that makes HTTP clients for outside systems.

Every provider client is handed an `httpx.AsyncClient` from here, so that time-outs, limits and the refusal to
follow redirects are decided once. Tests pass their own transport: the one seam where a fake fits.
"""

from __future__ import annotations

import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

USER_AGENT = "inbuild-sync/0.1 (+Procore to QuickBooks)"

# Seconds. Neither provider promises an upper bound for a read; half a minute is past any answer that still
# helps a person who waits, and far below the 150 s a provider write may take as an activity.
DEFAULT_TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=10.0)

# QuickBooks Online allows 10 concurrent calls per realm and Procore counts calls, not connections: 50 sockets
# are enough for several companies at once and few enough to notice a leak.
LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30.0)


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Whom this process believes over TLS: httpx's own choice, read once instead of once a client."""
    return httpx.create_ssl_context()


def build_http_client(
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    timeout: httpx.Timeout = DEFAULT_TIMEOUT,
) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no cookie and always times out.

    `timeout` is in seconds (`httpx.Timeout`); pass a longer read time-out where a provider needs it. The
    caller closes the client. Proxies named by the environment are honoured, except for this machine itself.
    """
    return httpx.AsyncClient(
        transport=transport,
        verify=trusted_authorities(),
        timeout=timeout,
        limits=LIMITS,
        follow_redirects=False,
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
        # One client serves many companies: a cookie of one must never travel with another's call.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        mounts={"all://127.0.0.1": None, "all://localhost": None},
    )
