"""How Procore lets a company's service account in: kept with its day, told as an event when it changes."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.procore_access import ProcoreAccess, company_access, company_sentence
from models.database import CompanySession
from models.events import record_event
from models.tables import ProcoreAuthorisation, ProcoreProject


@dataclass(frozen=True)
class AccessView:
    """How it stands, since when (None: never otherwise), the sentence for people, and Procore's own words."""

    state: ProcoreAccess
    since: datetime | None
    sentence: str
    said: str | None


async def procore_access(session: CompanySession) -> AccessView:
    found = await session.exec(
        select(ProcoreAuthorisation).where(ProcoreAuthorisation.company_id == session.company_id)
    )
    row = found.first()
    if row is None:
        return AccessView(ProcoreAccess.OK, None, "", None)
    return AccessView(row.state, row.since, company_sentence(row.state), row.said)


async def access_is(session: CompanySession, state: ProcoreAccess, said: str | None = None) -> bool:
    """Note how Procore lets us in; whether that is a change. Repeating it keeps the day it began."""
    before = await procore_access(session)
    if before.state is state:
        return False
    values = {"state": state, "said": said, "since": session.now}
    await session.execute(
        insert(ProcoreAuthorisation)
        .values(company_id=session.company_id, **values)
        .on_conflict_do_update(index_elements=["company_id"], set_=values)
    )
    record_event(session, "procore", session.company_id, f"procore_access_{state}", said=said)
    return True


async def access_by_projects(session: CompanySession) -> ProcoreAccess:
    """What the projects' own troubles tell about the company, once Procore answers for it at all."""
    found = await session.execute(
        select(
            sa.func.count().filter(col(ProcoreProject.is_visible).is_(True)),
            sa.func.count().filter(
                col(ProcoreProject.is_visible).is_(True), col(ProcoreProject.refused_at).is_not(None)
            ),
            sa.func.count().filter(col(ProcoreProject.is_visible).is_(False)),
        ).where(ProcoreProject.company_id == session.company_id)
    )
    visible, refused, hidden = found.one()
    return company_access(visible, refused, hidden)
