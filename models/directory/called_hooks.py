"""Hooks by their address alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import Company, ProcoreHook


@dataclass(frozen=True)
class CalledHook:
    """Whose hook an address is, and the SHA-256 of the secret that a caller must show."""

    company_id: UUID
    company_name: str
    hook_row_id: UUID
    procore_company_id: str
    project_id: str
    secret_sha256: str
    last_delivery_at: datetime | None


async def called_hooks(session: AsyncSession, hook_row_ids: Iterable[UUID]) -> dict[UUID, CalledHook]:
    """The hooks behind addresses that Procore calls: a call itself names no company of ours."""
    found = await session.exec(
        select(ProcoreHook, Company)
        .join(Company, col(Company.id) == col(ProcoreHook.company_id))
        .where(col(ProcoreHook.id) == sa.any_(sa.cast(list(hook_row_ids), sa.ARRAY(sa.Uuid()))))
    )
    return {
        hook.id: CalledHook(
            company_id=company.id,
            company_name=company.name,
            hook_row_id=hook.id,
            procore_company_id=company.procore_company_id,
            project_id=hook.project_id,
            secret_sha256=hook.secret_sha256,
            last_delivery_at=hook.last_delivery_at,
        )
        for hook, company in found
    }
