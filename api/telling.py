"""Telling workflows what was just committed. A lost message heals: they read our tables, a Schedule restarts them."""

import logging
from collections.abc import Awaitable

from temporalio.service import RPCError

LOG = logging.getLogger("inbuild_sync.api")


async def tell(message: Awaitable[None]) -> None:
    """Send a start or a signal after the commit. Temporal being away is no reason to refuse what is committed."""
    try:
        await message
    except (RPCError, OSError) as away:
        LOG.warning("a workflow could not be told; it will find the change in our tables: %s", type(away).__name__)
