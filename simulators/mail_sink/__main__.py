"""`python -m simulators.mail_sink`: take mails and show them until asked to stop."""

from __future__ import annotations

import argparse
import asyncio
import json

from simulators.mail_sink.app import create_app
from simulators.mail_sink.mailbox import Mailbox
from simulators.mail_sink.smtp import listening
from simulators.server import serve, wait_for_stop


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulators.mail_sink", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the pages; 0 takes a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="where mails come in; 0 takes a free one")
    return parser.parse_args(given)


async def run(options: argparse.Namespace) -> None:
    """Serve; prints one line of JSON with the page's URL and the SMTP port when ready."""
    mailbox = Mailbox()
    async with listening(mailbox, options.smtp_port) as smtp_port, serve(create_app(mailbox), options.port) as url:
        print(json.dumps({"url": url, "smtp_port": smtp_port}), flush=True)
        await wait_for_stop()


if __name__ == "__main__":
    asyncio.run(run(arguments()))
