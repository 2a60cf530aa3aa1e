"""`inbuild-sync why`: the same answer as the page and the API give, on the command line."""

import asyncio
import os
import sys
from uuid import UUID

from models.database import Actor, Database
from models.requisitions import SeenRequisition, fingerprint, store_requisitions
from models.tables import ActorKind, Company, RequisitionVerdict

SETTINGS = {
    "PUBLIC_BASE_URL": "http://127.0.0.1",
    "SESSION_SECRET": "s" * 32,
    "ENCRYPTION_KEYS": "k:" + "QUFB" * 10 + "QUE=",
    "PROCORE_ENVIRONMENT": "production",
    "PROCORE_CLIENT_ID": "app",
    "PROCORE_CLIENT_SECRET": "s3cret",
    "INTUIT_CLIENT_ID": "app",
    "INTUIT_CLIENT_SECRET": "s3cret",
}


async def why(database_url: str, *arguments: str) -> tuple[int, str, str]:
    return await command(database_url, "why", *arguments)


async def command(database_url: str, *arguments: str) -> tuple[int, str, str]:
    """A command as an operator runs it: its exit code, its output and what it says of mistakes."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from cli.main import main; main()",
        *arguments,
        env={**kept, **SETTINGS, "DATABASE_URL": database_url, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await process.communicate()
    return process.returncode or 0, out.decode(), said.decode()


async def test_a_requisition_that_stayed_out_says_why(database: Database, company_id: UUID, database_url: str) -> None:
    async with database.company(company_id, Actor(ActorKind.COMMAND, "test")) as session:
        seen = SeenRequisition(
            requisition_id="777",
            project_id="9001",
            raw="{}",
            raw_sha256=fingerprint("{}"),
            number="X-9",
            vendor_name="Ernie's Electrical",
            verdict=RequisitionVerdict.NOT_IMPORTED,
            verdict_reason="before_start",
        )
        await store_requisitions(session, [seen])
    async with database.directory() as directory:
        company = await directory.get(Company, company_id)
        assert company is not None
        procore_id = company.procore_company_id
    code, out, said = await why(database_url, procore_id, "X-9")
    assert (code, out.splitlines()) == (
        0,
        [
            "Ernie's Electrical X-9: First approved before the start date.",
            "  company admin: Open Procore settings",
        ],
    ), said
    code, out, said = await why(database_url, procore_id, "X-9", "--at", "2020-01-31T12:00:00")
    assert (code, out.splitlines()) == (
        0,
        [
            "X-9: inBuild has not seen this requisition in Procore. Check the number, and that its project is among "
            "the app's permitted projects.",
            "  company admin: Check permissions",
        ],
    ), said
    code, out, said = await why(database_url, "1", "X-9")
    assert code == 2 and "nobody of Procore company 1 has signed in yet" in said
