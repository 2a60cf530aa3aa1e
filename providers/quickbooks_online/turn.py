"""Whose turn it is: what a caller has awaited before each request of a longer reading."""

from collections.abc import Awaitable, Callable

Turn = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """Nobody else asks, so there is nothing to wait for."""


__all__ = ["Turn", "at_once"]
