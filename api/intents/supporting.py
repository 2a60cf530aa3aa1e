"""What inBuild support does: look anything up, look at a company, and enable the feature. Each step is audited."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from temporalio.service import RPCError

from api import support_lookup
from api.access import SupportPerson
from api.problems import not_found
from api.services import Services
from api.support_text import searched_for
from api.telling import tell
from api.temporal_links import workflow_address
from contracts.names import connection_workflow_id, mirroring_workflow_id
from contracts.starts import WorkflowStanding
from models import members, support
from models.connections import connected
from models.support import Hit


@dataclass(frozen=True)
class ShownWorkflow:
    """A workflow with its state, or the sentence that stands for it; ``link`` leads to the Web UI."""

    name: str
    workflow_id: str
    standing: WorkflowStanding | None
    sentence: str | None
    link: str | None


async def look_up(services: Services, person: SupportPerson, pasted: str) -> list[Hit]:
    """What a number, an id or a pasted address points at, in every company."""
    text = searched_for(pasted)
    if not text:
        return []
    found = await support_lookup.find(services, person.user.user_id, text)
    hits: list[Hit] = []
    for company_id in dict.fromkeys(hit.company_id for hit in found):
        async with services.database.company(company_id, person.actor) as session:
            hits += await support.named_hits(session, [hit for hit in found if hit.company_id == company_id])
    return hits


async def enable_feature(services: Services, person: SupportPerson, company_id: UUID) -> None:
    """Switch the feature on for a company; off is the command line's. Raises Problem 404."""
    async with services.database.company(company_id, person.actor) as session:
        facts = await support.company_facts(session)
        if facts is None:
            raise not_found("company")
        changed = await members.switch_feature(session, True)
        # A workflow is woken only where one has something to do.
        has_work = bool(await connected(session))
    if changed and has_work:
        await tell(services.workflows.wake_company(company_id, facts.name, "the feature was enabled"))


async def workflows_of(
    services: Services, company_id: UUID, connections: Iterable[tuple[UUID, str]]
) -> list[ShownWorkflow]:
    """The company's workflow and those of its connections, asked at once."""
    wanted = [("Mirroring", mirroring_workflow_id(company_id))]
    wanted += [(f"Connection to {name}", connection_workflow_id(one)) for one, name in connections]
    return list(await asyncio.gather(*(_shown(services, name, workflow_id) for name, workflow_id in wanted)))


async def _shown(services: Services, name: str, workflow_id: str) -> ShownWorkflow:
    standing, sentence = None, None
    try:
        standing = await services.workflows.standing(workflow_id)
        if standing is None:
            sentence = "Not running, and no history is kept of it."
    except (RPCError, OSError):
        sentence = "Temporal does not answer."
    return ShownWorkflow(name, workflow_id, standing, sentence, workflow_address(services, workflow_id))
