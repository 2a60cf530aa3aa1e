"""Whose hook Procore is calling: its address names our row and no company, so it is looked up across companies."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from api.problems import Problem
from api.services import Services
from models import directory
from models.directory import CalledHook

SCHEME = "Bearer "
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Caller:
    """What a call shows of itself: the last part of its address, and its Authorization header."""

    address: str
    authorization: str


async def authenticated_hook(services: Services, caller: Caller) -> CalledHook:
    """The hook whose secret the caller shows. Raises Problem 404 for an unknown address and 401 for a wrong secret,
    after the same work: which addresses exist cannot be told from the time an answer takes.
    """
    try:
        hook_row_id = UUID(caller.address)
    except ValueError:
        hook_row_id = NOBODY
    async with services.database.directory() as session:
        hook = await directory.called_hook(session, hook_row_id)
    shown = sha256(caller.authorization.removeprefix(SCHEME).encode("utf-8", "surrogateescape")).hexdigest()
    is_right = compare_digest(shown, hook.secret_sha256 if hook else sha256(b"").hexdigest())
    if hook is None:
        raise Problem(404, "unknown_webhook", "There is no such webhook. Remove it in Procore.")
    if not (is_right and caller.authorization.startswith(SCHEME)):
        raise Problem(401, "wrong_secret", "The Authorization header is not the one this webhook was registered with.")
    return hook
