"""Telling workflows what was just committed. A lost message heals: they read our tables, a Schedule restarts them."""

import asyncio
import logging
from collections.abc import Awaitable

from temporalio.service import RPCError

LOG = logging.getLogger("inbuild_sync.api")
PATIENCE = 3.0  # seconds; a start or a signal takes some milliseconds


async def tell(message: Awaitable[None]) -> None:
    """Send a start or a signal after the commit. Temporal being away is no reason to refuse what is committed, nor to
    let anybody wait: its client would try for a quarter of a minute.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            await message
    except (RPCError, OSError, TimeoutError) as away:
        LOG.warning("a workflow could not be told; it will find the change in our tables: %s", type(away).__name__)
