"""Whose hook Procore is calling: its address names our row and no company, so it is looked up across companies."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from api.problems import Problem
from api.together import Together
from models import directory
from models.database import Database
from models.directory import CalledHook

SCHEME = "Bearer "
NOBODY = UUID(int=0)
# A flood is looked up by the thousand; a single statement stays short.
AT_ONCE = 1_000


@dataclass(frozen=True)
class Caller:
    """What a call shows of itself: the last part of its address, and its Authorization header."""

    address: str
    authorization: str


class CalledHooks:
    """Knows every hook by its address."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lookups: Together[UUID, CalledHook | None] = Together(self._look_up, AT_ONCE)

    async def authenticated(self, caller: Caller) -> CalledHook:
        """The hook whose secret the caller shows. Raises Problem 404 for an unknown address and 401 for a wrong secret,
        after the same work: which addresses exist cannot be told from the time an answer takes.
        """
        try:
            hook_row_id = UUID(caller.address)
        except ValueError:
            hook_row_id = NOBODY
        hook = await self._lookups.ask(hook_row_id)
        shown = sha256(caller.authorization.removeprefix(SCHEME).encode("utf-8", "surrogateescape")).hexdigest()
        is_right = compare_digest(shown, hook.secret_sha256 if hook else sha256(b"").hexdigest())
        if hook is None:
            raise Problem(404, "unknown_webhook", "There is no such webhook. Remove it in Procore.")
        if not (is_right and caller.authorization.startswith(SCHEME)):
            raise Problem(
                401, "wrong_secret", "The Authorization header is not the one this webhook was registered with."
            )
        return hook

    async def _look_up(self, hook_row_ids: Sequence[UUID]) -> list[CalledHook | None]:
        async with self._database.directory() as session:
            found = await directory.called_hooks(session, set(hook_row_ids))
        return [found.get(one) for one in hook_row_ids]
