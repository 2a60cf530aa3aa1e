"""Our webhooks in Procore: one hook and one secret a project, when they are due for a look, and how they fare."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.events import record_event
from models.mirroring import ensure_row
from models.tables import HookState, Mirroring, ProcoreHook, ProcoreProject

# Once a day each hook is asked after; a run that could not finish goes on in the next hour of the allowance.
CHECK_EVERY = timedelta(days=1)
GO_ON_AFTER = timedelta(hours=1)
# A busy project must not rewrite its hook's row with every event.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class HookHealth:
    """One project's webhook as people see it; ``state`` None: none was made yet."""

    project_id: str
    project_name: str
    state: HookState | None
    created_at: datetime | None
    last_delivery_at: datetime | None
    trouble: str | None


async def hooks_of(session: CompanySession) -> dict[str, ProcoreHook]:
    """Every hook by its project."""
    found = await session.exec(select(ProcoreHook).where(ProcoreHook.company_id == session.company_id))
    return {hook.project_id: hook for hook in found}


async def begin_hook(session: CompanySession, project_id: str, secret_sha256: str) -> ProcoreHook:
    """A new row for a project, in place of one whose hook nobody has heard of."""
    await ensure_row(session)
    await session.execute(
        sa.delete(ProcoreHook)
        .where(col(ProcoreHook.company_id) == session.company_id, col(ProcoreHook.project_id) == project_id)
        .execution_options(synchronize_session=False)
    )
    hook = ProcoreHook(
        company_id=session.company_id,
        id=session.new_id(),
        project_id=project_id,
        secret_sha256=secret_sha256,
        state=HookState.MAKING,
        created_at=session.now,
    )
    session.add(hook)
    return hook


async def hook_made(session: CompanySession, hook: ProcoreHook, hook_id: str, resource_name: str) -> bool:
    """Procore has the hook and knows what to tell; False where our row was taken away meanwhile."""
    made = await _note(
        session,
        hook,
        hook_id=hook_id,
        resource_name=resource_name,
        state=HookState.ACTIVE,
        trouble=None,
        checked_at=session.now,
    )
    if made and hook.state is not HookState.ACTIVE:
        record_event(session, "procore_project", hook.project_id, "webhook_made", resource=resource_name)
    return made


async def hook_checked(session: CompanySession, hook: ProcoreHook, trouble: str | None) -> None:
    """Note how a hook fares; ``trouble`` None: well."""
    if trouble != hook.trouble and trouble is not None:
        record_event(session, "procore_project", hook.project_id, "webhook_trouble", reason=trouble)
    await _note(session, hook, trouble=trouble, checked_at=session.now)


async def _note(session: CompanySession, hook: ProcoreHook, **values: object) -> bool:
    changed = await session.execute(
        sa.update(ProcoreHook)
        .where(col(ProcoreHook.company_id) == session.company_id, col(ProcoreHook.id) == hook.id)
        .values(values)
        .returning(col(ProcoreHook.id))
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def hook_refused(session: CompanySession, project_id: str, secret_sha256: str, trouble: str) -> None:
    """Procore will not have a hook in this project; the project is looked at by the clock alone."""
    hook = await begin_hook(session, project_id, secret_sha256)
    hook.state, hook.trouble, hook.checked_at = HookState.REFUSED, trouble, session.now
    record_event(session, "procore_project", project_id, "webhook_trouble", reason=trouble)


async def hook_gone(session: CompanySession, hook: ProcoreHook, reason: str) -> None:
    """Forget a hook: its address answers 404 from now on."""
    await session.execute(
        sa.delete(ProcoreHook)
        .where(col(ProcoreHook.company_id) == session.company_id, col(ProcoreHook.id) == hook.id)
        .execution_options(synchronize_session=False)
    )
    record_event(session, "procore_project", hook.project_id, "webhook_removed", reason=reason)


async def hooks_delivered(session: CompanySession, hook_row_ids: Collection[UUID]) -> None:
    """Note that Procore has called these."""
    if hook_row_ids:
        await session.execute(
            sa.update(ProcoreHook)
            .where(col(ProcoreHook.company_id) == session.company_id, col(ProcoreHook.id).in_(hook_row_ids))
            .values(last_delivery_at=session.now)
            .execution_options(synchronize_session=False)
        )


async def lease_hooks(session: CompanySession) -> bool:
    """Whether the hooks are due for a look; whoever is told so has them for an hour."""
    await ensure_row(session)
    taken = await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .where(sa.or_(col(Mirroring.hooks_due_at).is_(None), col(Mirroring.hooks_due_at) <= session.now))
        .values(hooks_due_at=session.now + GO_ON_AFTER)
        .returning(col(Mirroring.company_id))
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def hooks_are_due(session: CompanySession) -> bool:
    """Whether somebody should look after the hooks."""
    found = await session.exec(
        select(Mirroring.company_id)
        .where(Mirroring.company_id == session.company_id)
        .where(sa.or_(col(Mirroring.hooks_due_at).is_(None), col(Mirroring.hooks_due_at) <= session.now))
    )
    return found.first() is not None


async def hooks_due_at(session: CompanySession, due_at: datetime | None) -> None:
    """When the hooks are looked after next; None: as soon as somebody can."""
    await ensure_row(session)
    await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .values(hooks_due_at=due_at)
        .execution_options(synchronize_session=False)
    )


async def hooks_after_new_projects(session: CompanySession) -> None:
    """Make the hooks due when Procore's list of projects shows one without a hook, or hides one that has a hook."""
    await session.flush()
    has_hook = (
        sa.select(col(ProcoreHook.id))
        .where(col(ProcoreHook.company_id) == session.company_id)
        .where(col(ProcoreHook.project_id) == col(ProcoreProject.project_id))
        .exists()
    )
    found = await session.exec(
        select(ProcoreProject.id)
        .where(ProcoreProject.company_id == session.company_id)
        .where(col(ProcoreProject.is_visible) != has_hook)
        .limit(1)
    )
    if found.first() is not None:
        await hooks_due_at(session, None)


async def hook_health(session: CompanySession) -> list[HookHealth]:
    """Every visible project with its hook, by name."""
    found = await session.execute(
        select(ProcoreProject, ProcoreHook)
        .outerjoin(
            ProcoreHook,
            sa.and_(
                col(ProcoreHook.company_id) == col(ProcoreProject.company_id),
                col(ProcoreHook.project_id) == col(ProcoreProject.project_id),
            ),
        )
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    return [
        HookHealth(
            project_id=project.project_id,
            project_name=project.name,
            state=hook.state if hook else None,
            created_at=hook.created_at if hook else None,
            last_delivery_at=hook.last_delivery_at if hook else None,
            trouble=hook.trouble if hook else None,
        )
        for project, hook in found
    ]
