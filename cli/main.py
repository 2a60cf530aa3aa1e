"""`inbuild-sync`: what an operator does from the command line."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from contracts.preparing import prepare_namespace, prepare_search_attribute
from contracts.starts import Workflows
from foundation.processes import leave
from foundation.settings import Settings, load_settings
from foundation.shared_clock import SharedClock
from foundation.temporal import connect
from models.database import Actor, Database
from models.directory import company_id_of_procore, grant_support
from models.members import switch_feature
from models.migrate import upgrade
from models.tables import ActorKind
from models.why import why_of

app = typer.Typer(help="Operate inBuild Sync.", no_args_is_help=True, add_completion=False)


@app.command("set-up")
def set_up() -> None:
    """Bring the database to the newest schema and prepare Temporal: namespace, search attribute, schedules."""
    _run(_set_up(load_settings()))


@app.command("feature")
def feature(procore_company_id: str, on: bool = typer.Option(True, "--on/--off")) -> None:
    """Switch the feature on or off for a company, named by its Procore company id."""
    _run(_feature(load_settings(), procore_company_id, on))


@app.command("support")
def support(login: str, granted: bool = typer.Option(True, "--grant/--revoke")) -> None:
    """Make a person who has signed in a member of inBuild support, or end that."""
    _run(_support(load_settings(), login, granted))


@app.command("why")
def why(
    procore_company_id: str,
    invoice: Annotated[str, typer.Argument(help="A Procore number, id or URL, or inBuild's own number")],
    at: Annotated[datetime | None, typer.Option(help="As at this past moment (UTC)")] = None,
) -> None:
    """Say why an invoice is not in QuickBooks: one sentence, who can change it, and the button."""
    _run(_why(load_settings(), procore_company_id, invoice, at.replace(tzinfo=UTC) if at else None))


async def _set_up(settings: Settings) -> None:
    if settings.database_url is None:
        raise typer.BadParameter("DATABASE_URL is empty", param_hint="DATABASE_URL")
    await asyncio.to_thread(upgrade, settings.database_url)
    typer.echo("database: at the newest schema")
    # A namespace that is not there yet cannot be connected to: the default one always is.
    await prepare_namespace(
        await connect(settings.model_copy(update={"temporal_namespace": "default"})), settings.temporal_namespace
    )
    client = await connect(settings)
    await prepare_search_attribute(client, settings.temporal_namespace)
    await Workflows(client, settings.temporal_task_queue).ensure_schedules()
    typer.echo("temporal: namespace, search attribute and schedules are there")


async def _feature(settings: Settings, procore_company_id: str, on: bool) -> None:
    database = Database(settings.database_url or "", SharedClock())
    async with database.directory() as session:
        company_id = await company_id_of_procore(session, settings.procore_environment, procore_company_id)
    if company_id is None:
        raise typer.BadParameter(f"nobody of Procore company {procore_company_id} has signed in yet")
    async with database.company(company_id, Actor(ActorKind.COMMAND, "inbuild-sync feature")) as company_session:
        await switch_feature(company_session, on)
    await database.close()
    typer.echo(f"Procore company {procore_company_id}: feature {'on' if on else 'off'}")


async def _why(settings: Settings, procore_company_id: str, invoice: str, at: datetime | None) -> None:
    database = Database(settings.database_url or "", SharedClock())
    async with database.directory() as session:
        company_id = await company_id_of_procore(session, settings.procore_environment, procore_company_id)
    if company_id is None:
        raise typer.BadParameter(f"nobody of Procore company {procore_company_id} has signed in yet")
    async with database.company(company_id, Actor(ActorKind.COMMAND, "inbuild-sync why")) as company_session:
        answers = await why_of(company_session, invoice, at)
    await database.close()
    for one in answers:
        named = " ".join(part for part in (one.vendor_name, one.number) if part)
        typer.echo(f"{named}: {one.answer.sentence}")
        if one.answer.button is not None:
            typer.echo(f"  {one.answer.owner}: {one.answer.button}")
        if one.answer.more:
            typer.echo(f"  and {one.answer.more} more")


async def _support(settings: Settings, login: str, granted: bool) -> None:
    database = Database(settings.database_url or "", SharedClock())
    async with database.directory() as session:
        found = await grant_support(session, settings.procore_environment, login, granted)
    await database.close()
    if not found:
        raise typer.BadParameter(f"{login} has never signed in")
    typer.echo(f"{login}: {'is' if granted else 'is no longer'} inBuild support")


def _run(work: Coroutine[Any, Any, None]) -> None:
    async def told() -> int:
        try:
            await work
        except typer.BadParameter as wrong:
            typer.echo(f"inbuild-sync: {wrong.message}", err=True)
            return 2
        return 0

    leave(told())


def main() -> None:
    app()
