"""Procore's notices as both sides know them: what was dropped, delivered once or twice, and what the inbox holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from demo.check.ledger import plain_url

ENOUGH_OF_EACH = 3
INBOX = """
SELECT i.delivery_id, i.handled_at IS NOT NULL FROM webhook_inbox i JOIN company c ON c.id = i.company_id
WHERE c.procore_company_id = %(company)s AND i.source = 'procore'
"""


@dataclass(frozen=True)
class Notices:
    """Procore's own account of the notices it made since some moment, by their id."""

    delivered: frozenset[str]
    dropped: frozenset[str]
    repeated: frozenset[str]
    on_their_way: frozenset[str]

    @classmethod
    def of(cls, deliveries: Sequence[Mapping[str, Any]]) -> "Notices":
        def those(status: str) -> frozenset[str]:
            return frozenset(str(one["ulid"]) for one in deliveries if one["status"] == status)

        return cls(
            delivered=those("success"),
            dropped=those("dropped"),
            repeated=frozenset(str(one["ulid"]) for one in deliveries if one["attempts"] > 1),
            on_their_way=those("pending") | those("discarded"),
        )

    @property
    def are_enough(self) -> bool:
        """Whether enough were lost and enough came twice to prove anything."""
        return min(len(self.dropped), len(self.repeated)) >= ENOUGH_OF_EACH


def read_inbox(database_url: str, procore_company_id: int) -> list[tuple[str, bool]]:
    """Every notice of Procore's that is kept: its id there, and whether a look has covered it."""
    with psycopg.connect(plain_url(database_url)) as database:
        return database.execute(INBOX, {"company": str(procore_company_id)}).fetchall()


def astray(notices: Notices, inbox: Sequence[tuple[str, bool]]) -> list[str]:
    """Each way in which the inbox is not what Procore sent, in a sentence."""
    kept = [notice for notice, _ in inbox]
    handled = {notice for notice, is_handled in inbox if is_handled}
    said = [] if notices.are_enough else ["too few notices were dropped or repeated to prove anything"]
    said += [f"notice {one} was never delivered" for one in sorted(notices.on_their_way)]
    said += [
        f"notice {one} was delivered and is {kept.count(one)} times in the inbox, should be once"
        for one in sorted(notices.delivered)
        if kept.count(one) != 1
    ]
    said += [f"notice {one} was dropped and is in the inbox" for one in sorted(notices.dropped & set(kept))]
    said += [f"no look covered notice {one}" for one in sorted(notices.delivered & set(kept) - handled)]
    return said


__all__ = ["Notices", "astray", "read_inbox"]
