"""How Procore lets inBuild in: the company's authorisation, its projects, and the webhooks that tell of changes."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.access import Member, ServicesNow
from models import toggle
from models.hooks import hook_health
from models.procore_access import AccessView, procore_access

router = APIRouter(tags=["procore access"])


class AccessAnswer(BaseModel):
    """``state`` is ok, app_not_installed, permission_missing or client_refused; ``said`` are Procore's own words."""

    state: str
    since: datetime | None
    sentence: str
    said: str | None


class ProjectTroubleAnswer(BaseModel):
    project_id: str
    name: str
    trouble: str


class WebhookAnswer(BaseModel):
    """``state`` is active, making, refused, or none where no webhook was made yet; looking goes on in every case."""

    project_id: str
    project_name: str
    state: str
    created_at: datetime | None
    last_delivery_at: datetime | None
    trouble: str | None


class ProcoreAccessAnswer(AccessAnswer):
    projects_in_trouble: list[ProjectTroubleAnswer]
    webhooks: list[WebhookAnswer]


def access_answer(view: AccessView) -> AccessAnswer:
    return AccessAnswer(state=view.state.value, since=view.since, sentence=view.sentence, said=view.said)


@router.get("/procore-access")
async def show_procore_access(visitor: Member, services: ServicesNow) -> ProcoreAccessAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        view = await procore_access(session)
        looks = await toggle.last_looks(session)
        hooks = await hook_health(session)
    return ProcoreAccessAnswer(
        **access_answer(view).model_dump(),
        projects_in_trouble=[
            ProjectTroubleAnswer(project_id=look.project_id, name=look.name, trouble=look.trouble)
            for look in looks
            if look.trouble
        ],
        webhooks=[
            WebhookAnswer(
                project_id=hook.project_id,
                project_name=hook.project_name,
                state=hook.state.value if hook.state else "none",
                created_at=hook.created_at,
                last_delivery_at=hook.last_delivery_at,
                trouble=hook.trouble,
            )
            for hook in hooks
        ],
    )
