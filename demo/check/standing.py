"""How a customer's one connection stands, by plain SQL and by what the page shows, and how it must stand: literals."""

import html
from dataclasses import dataclass, fields, replace
from typing import Any

import psycopg

from demo.check.ledger import plain_url

CONNECTIONS = """
SELECT count(*) OVER (), k.state, coalesce(k.state_reason, '') FROM connection k
JOIN company c ON c.id = k.company_id WHERE c.procore_company_id = %(company)s
ORDER BY k.quickbooks_company_id <> %(realm)s LIMIT 1
"""
NEWEST_ATTEMPT = """
SELECT a.outcome, coalesce(a.reason, '') FROM connection_attempt a
JOIN company c ON c.id = a.company_id WHERE c.procore_company_id = %(company)s ORDER BY a.started_at DESC LIMIT 1
"""
CREDENTIALS = """
SELECT count(*) FROM credential t JOIN company c ON c.id = t.company_id WHERE c.procore_company_id = %(company)s
"""
LEFT_OVER = """
SELECT (SELECT count(*) FROM token_revocation t JOIN company c ON c.id = t.company_id
        WHERE c.procore_company_id = %(company)s)
     + (SELECT count(*) FROM connection_attempt a JOIN company c ON c.id = a.company_id
        WHERE c.procore_company_id = %(company)s AND a.outcome <> 'pending'
        AND (a.code IS NOT NULL OR a.access_token IS NOT NULL OR a.refresh_token IS NOT NULL))
"""
MIRRORING = """
SELECT m.is_on FROM mirroring m JOIN company c ON c.id = m.company_id WHERE c.procore_company_id = %(company)s
"""


@dataclass(frozen=True)
class Standing:
    """One moment. ``left_over``: tokens and codes that are stored although nobody has a use for them any more."""

    connections: int
    state: str
    reason: str
    credentials: int
    left_over: int
    mirroring_on: bool
    attempt: str
    failure: str
    words: str
    sentence: str
    offers_reconnect: bool
    shows_failure: bool


def read_standing(
    database_url: str, procore_company_id: int, realm_id: str, cards: list[dict[str, Any]], page: str
) -> Standing:
    """``cards`` is the list of connections that the interface answers, ``page`` the page of Accounting Integrations."""
    ours = {"company": str(procore_company_id), "realm": realm_id}
    with psycopg.connect(plain_url(database_url)) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connections, state, reason = database.execute(CONNECTIONS, ours).fetchone() or (0, "", "")
        attempt, failure = database.execute(NEWEST_ATTEMPT, ours).fetchone() or ("", "")
        (credentials,) = database.execute(CREDENTIALS, ours).fetchone() or (0,)
        (left_over,) = database.execute(LEFT_OVER, ours).fetchone() or (0,)
        (mirroring_on,) = database.execute(MIRRORING, ours).fetchone() or (False,)
    card = next((one for one in cards if one["quickbooks_company_id"] == realm_id), {})
    shown = html.unescape(page)
    return Standing(
        connections=connections,
        state=state,
        reason=reason,
        credentials=credentials,
        left_over=left_over,
        mirroring_on=mirroring_on,
        attempt=attempt,
        failure=failure,
        words=card.get("status", ""),
        sentence=card.get("status_sentence") or "",
        offers_reconnect=bool(card.get("offers_reconnect")),
        # The banner names its reason; without it nobody knows what to do.
        shows_failure="Connection Failed" in shown and failure in shown,
    )


def differences(seen: Standing, wanted: Standing) -> list[str]:
    """Each thing that is not as it must be, in a sentence."""
    return [
        f"{field.name} is {getattr(seen, field.name)!r}, should be {getattr(wanted, field.name)!r}"
        for field in fields(Standing)
        if getattr(seen, field.name) != getattr(wanted, field.name)
    ]


def unrevoked_consents(intuit: dict[str, Any], realm_id: str) -> int:
    """How many consents for a QuickBooks company Intuit still holds."""
    return sum(1 for one in intuit["consents"] if one["realm_id"] == realm_id and not one["revoked"])


NEVER_CONNECTED = Standing(
    connections=0,
    state="",
    reason="",
    credentials=0,
    left_over=0,
    mirroring_on=False,
    attempt="",
    failure="",
    words="",
    sentence="",
    offers_reconnect=False,
    shows_failure=False,
)
CONNECTED = replace(
    NEVER_CONNECTED, connections=1, state="active", credentials=1, attempt="succeeded", words="Connected"
)
EXPIRED = replace(CONNECTED, state="expired", words="Session expired, reconnect", offers_reconnect=True)
HARD_END = replace(
    EXPIRED,
    reason="hard_end",
    sentence="The authorization has reached the end QuickBooks sets for it. Reconnect to go on.",
)
REFRESH_REFUSED = replace(
    EXPIRED,
    reason="refresh_refused",
    sentence="QuickBooks no longer accepts this connection: it was disconnected there, or its authorization ran out. "
    "Reconnect to go on.",
)
CUT_OFF_AT_INTUIT = replace(
    EXPIRED,
    reason="not_authorised",
    sentence="inBuild is no longer authorized for this QuickBooks company: someone disconnected it in QuickBooks. "
    "Reconnect to go on.",
)
DISCONNECTED = replace(CONNECTED, state="disconnected", credentials=0, words="Disconnected")


def failed(standing: Standing, reason: str) -> Standing:
    """The same, after an attempt that failed for this reason, which the banner shows."""
    return replace(standing, attempt="failed", failure=reason, shows_failure=True)


__all__ = [
    "CONNECTED",
    "CUT_OFF_AT_INTUIT",
    "DISCONNECTED",
    "HARD_END",
    "NEVER_CONNECTED",
    "REFRESH_REFUSED",
    "Standing",
    "differences",
    "failed",
    "read_standing",
    "unrevoked_consents",
]
