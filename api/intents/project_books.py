"""Choosing the books of many projects at once, and which of them pay when they are paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from accounting.money import dollars
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import connections, project_books, routes
from models.database import CompanySession
from models.project_books import ProjectBooks
from models.tables import Connection

# In a form: no word of an admin yet, and their word that a project is in no books.
UNCHOSEN = ""
OUT = "out"


@dataclass(frozen=True)
class ProjectChange:
    """What an admin wants for a project, and what the form showed: ``books`` is UNCHOSEN, OUT or a connection's id."""

    project_id: str
    shown_books: str
    books: str
    shown_pay_when_paid: bool
    pay_when_paid: bool

    @property
    def is_change(self) -> bool:
        return self.books != self.shown_books or self.pay_when_paid != self.shown_pay_when_paid


class MustConfirm(Exception):
    """Invoices wait for these choices: nothing was changed until count and total are accepted by ``hash``."""

    def __init__(self, sentences: Sequence[str], hash: str) -> None:
        self.sentences = tuple(sentences)
        self.hash = hash
        super().__init__(hash)


def books_of(project: ProjectBooks) -> str:
    """A project's books as a form says them."""
    if not project.chosen:
        return UNCHOSEN
    return str(project.connection_id) if project.connection_id else OUT


async def save(services: Services, visitor: Visitor, changes: Sequence[ProjectChange], confirmed: str) -> int:
    """Keep the choices, all or none; how many projects changed. Raises MustConfirm, and Problem 404, 409 and 422."""
    wanted = [change for change in changes if change.is_change]
    if not wanted:
        return 0
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        known = await project_books.projects_by_id(session, [change.project_id for change in wanted])
        targets = {row.id: row for row in await connections.connected(session)}
        for change in wanted:
            _check(change, known)
        moving = [change for change in wanted if change.books != books_of(known[change.project_id])]
        for change in moving:
            if change.books not in (OUT, *map(str, targets)):
                raise Problem(422, "unknown_books", "Choose one of the connected companies for each project.")
        _confirm(moving, known, targets, confirmed)
        for change in wanted:
            await _apply(session, visitor.user_id, change, change in moving, targets)
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "projects' books were chosen"))
    return len(wanted)


def _check(change: ProjectChange, known: Mapping[str, ProjectBooks]) -> None:
    project = known.get(change.project_id)
    if project is None:
        raise not_found("project")
    overtaken = books_of(project) not in (change.shown_books, change.books)
    if overtaken or project.pay_when_paid not in (change.shown_pay_when_paid, change.pay_when_paid):
        raise Problem(
            409,
            "project_changed_meanwhile",
            f"Somebody else has changed {project.name} since you opened this page. Nothing was saved; look at how it "
            "stands now, then save again.",
        )


def _confirm(
    moving: Sequence[ProjectChange],
    known: Mapping[str, ProjectBooks],
    targets: Mapping[UUID, Connection],
    confirmed: str,
) -> None:
    waiting = [(change, known[change.project_id]) for change in moving if known[change.project_id].waiting_count]
    if not waiting:
        return
    said = []
    for books in sorted({change.books for change, _ in waiting}):
        held = [project for change, project in waiting if change.books == books]
        count, total = sum(one.waiting_count for one in held), sum((one.waiting_total for one in held), Decimal(0))
        what = f"{count:,} waiting {'invoice' if count == 1 else 'invoices'} ({dollars(total)})"
        if books == OUT:
            said.append(f"{what} will be marked Don't post.")
        else:
            said.append(f"{what} will go to {targets[UUID(books)].quickbooks_company_name}.")
    # The hash names what was said: another count or total by then is asked again.
    hash = sha256("\n".join(said).encode()).hexdigest()
    if hash != confirmed:
        raise MustConfirm(said, hash)


async def _apply(
    session: CompanySession, by: UUID, change: ProjectChange, moves: bool, targets: Mapping[UUID, Connection]
) -> None:
    if moves:
        connection = None if change.books == OUT else targets[UUID(change.books)]
        await routes.route_project(session, change.project_id, connection, by)
    if change.pay_when_paid != change.shown_pay_when_paid:
        await project_books.set_pay_when_paid(session, change.project_id, change.pay_when_paid, by)
