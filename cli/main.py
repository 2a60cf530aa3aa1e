"""`inbuild-sync`: what an operator does from the command line."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from accounting.reconciliation import totals
from contracts.preparing import prepare_namespace, prepare_search_attribute
from contracts.starts import Workflows
from foundation.processes import leave
from foundation.settings import Need, Settings, load_settings
from foundation.shared_clock import SharedClock
from foundation.temporal import connect
from models.bill_differences import DifferenceFilter, count_standing
from models.database import Actor, CompanySession, Database
from models.directory import company_id_of_procore, grant_support
from models.members import switch_feature
from models.migrate import upgrade
from models.mirroring import company_rules
from models.reconciliation_runs import NothingToReconcile, Selection, ask_for_run, newest_run, statement_by_project
from models.tables import ActorKind
from models.why import why_of

app = typer.Typer(help="Operate inBuild Sync.", no_args_is_help=True, add_completion=False)


@app.command("set-up")
def set_up() -> None:
    """Bring the database to the newest schema and prepare Temporal: namespace, search attribute, schedules."""
    _run(_set_up(load_settings("database_url", "temporal_address")))


@app.command("feature")
def feature(procore_company_id: str, on: bool = typer.Option(True, "--on/--off")) -> None:
    """Switch the feature on or off for a company, named by its Procore company id."""
    _run(_feature(load_settings("database_url"), procore_company_id, on))


@app.command("support")
def support(login: str, granted: bool = typer.Option(True, "--grant/--revoke")) -> None:
    """Make a person who has signed in a member of inBuild support, or end that."""
    _run(_support(load_settings("database_url"), login, granted))


@app.command("why")
def why(
    procore_company_id: str,
    invoice: Annotated[str, typer.Argument(help="A Procore number, id or URL, or inBuild's own number")],
    at: Annotated[datetime | None, typer.Option(help="As at this past moment (UTC)")] = None,
) -> None:
    """Say why an invoice is not in QuickBooks: one sentence, who can change it, and the button."""
    _run(_why(load_settings("database_url"), procore_company_id, invoice, at.replace(tzinfo=UTC) if at else None))


@app.command("reconcile")
def reconcile(
    procore_company_id: str,
    now: Annotated[
        bool, typer.Option("--now", help="Have everything compared again; look later for the result")
    ] = False,
) -> None:
    """Say what the last reconciliation of a company found, row by row, and whether it ties."""
    needs: tuple[Need, ...] = ("database_url", "temporal_address") if now else ("database_url",)
    _run(_reconcile(load_settings(*needs), procore_company_id, now))


async def _set_up(settings: Settings) -> None:
    await asyncio.to_thread(upgrade, settings.database_url or "")
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


async def _reconcile(settings: Settings, procore_company_id: str, now: bool) -> None:
    database = Database(settings.database_url or "", SharedClock())
    async with database.directory() as session:
        company_id = await company_id_of_procore(session, settings.procore_environment, procore_company_id)
    if company_id is None:
        raise typer.BadParameter(f"nobody of Procore company {procore_company_id} has signed in yet")
    async with database.company(company_id, Actor(ActorKind.COMMAND, "inbuild-sync reconcile")) as company_session:
        run_id = await _ask_for_run(company_session) if now else None
        run = await newest_run(company_session)
        projects = await statement_by_project(company_session, run.id, Selection()) if run else []
        counts = await count_standing(company_session, DifferenceFilter())
        name = (await company_rules(company_session)).name
    await database.close()
    if run_id is not None:
        await Workflows(await connect(settings), settings.temporal_task_queue).reconcile(company_id, run_id, name)
        typer.echo("asked for; it shows when it is there")
    if run is None:
        typer.echo("nothing has been reconciled yet")
        return
    of = totals(row for project in projects for row in project.rows)
    typer.echo(f"{name} as of {run.ended_at:%Y-%m-%d %H:%M} UTC, net amounts")
    for row in (*of.approved, *of.places, *of.changes, *of.books):
        typer.echo(f"  {row.amounts.net:>16,.2f}  {row.name}{f': {row.reason}' if row.reason else ''}")
    typer.echo("ties to the cent" if of.ties else f"does not tie: {of.unexplained.net:,.2f} is unexplained")
    typer.echo(f"{counts.open} open and {counts.explained} explained differences")


async def _ask_for_run(session: CompanySession) -> UUID:
    try:
        return (await ask_for_run(session, None, reread=False)).id
    except NothingToReconcile:
        raise typer.BadParameter("no QuickBooks company is connected") from None


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
