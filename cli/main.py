"""`inbuild-sync`: what an operator does from the command line."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import typer

from contracts.preparing import prepare_namespace, prepare_search_attribute
from contracts.starts import Workflows
from foundation.clock import SystemClock
from foundation.processes import leave
from foundation.settings import Settings, load_settings
from foundation.temporal import connect
from models.database import Actor, Database
from models.directory import company_id_of_procore, grant_support
from models.members import switch_feature
from models.migrate import upgrade
from models.tables import ActorKind

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
    database = Database(settings.database_url or "", SystemClock())
    async with database.directory() as session:
        company_id = await company_id_of_procore(session, settings.procore_environment, procore_company_id)
    if company_id is None:
        raise typer.BadParameter(f"nobody of Procore company {procore_company_id} has signed in yet")
    async with database.company(company_id, Actor(ActorKind.COMMAND, "inbuild-sync feature")) as company_session:
        await switch_feature(company_session, on)
    await database.close()
    typer.echo(f"Procore company {procore_company_id}: feature {'on' if on else 'off'}")


async def _support(settings: Settings, login: str, granted: bool) -> None:
    database = Database(settings.database_url or "", SystemClock())
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
