"""The sink as the demo starts it: it says where it listens, takes a mail and shows it."""

import asyncio
import json
import smtplib
import sys
from email.message import EmailMessage

import httpx


def _hand_in(port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.test", "b@example.test", "<b>3 things</b> need you"
    mail.set_content("Plain words")
    mail.add_alternative("<p>Words<script>alert(1)</script></p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.send_message(mail)


async def test_what_comes_in_is_shown() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.mail_sink", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        await asyncio.to_thread(_hand_in, told["smtp_port"])
        async with httpx.AsyncClient(base_url=told["url"], trust_env=False) as browser:
            listed = (await browser.get("/")).text
            assert "&lt;b&gt;3 things&lt;/b&gt; need you" in listed and "b@example.test" in listed
            assert "Plain words" in (await browser.get("/mails/1")).text
            html = await browser.get("/mails/1/html")
            # Somebody's text: it is shown, and nothing in it runs.
            assert "sandbox" in html.headers["content-security-policy"]
            (mail,) = (await browser.get("/mails.json")).json()
            assert (mail["to"], mail["text"].strip()) == (["b@example.test"], "Plain words")
            assert (await browser.get("/mails/2")).status_code == 404
    finally:
        process.terminate()
        assert await process.wait() == 0
