"""Where the client gets its access token from; the product's lease and store stand behind it."""

from typing import Protocol


class TokenSource(Protocol):
    """One connection's access token, refreshed by whoever holds the lease."""

    async def token(self) -> str:
        """An access token believed to be good. May raise any error of the tree, e.g. GrantRefused."""
        ...

    async def rejected(self, token: str) -> None:
        """QuickBooks did not accept `token` (401): the next `token()` must be another one, if there is one."""
        ...
