"""Reading a company's Procore within its allowance: projects, commitments, requisitions and their histories."""

import random
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounting.invoice import StatusChange
from activities.outside import Outside
from activities.requisition_reading import status_changes
from models.allowance import HOUR, allowance, note_calls
from models.database import CompanySession
from models.procore_vendors import SeenVendor
from models.projects import SeenCommitment, SeenProject
from models.tables import ProcoreProject
from providers.procore.client import ProcoreClient
from providers.procore.commitments import CommitmentType
from providers.procore.paging import Page, all_records
from providers.procore.requisitions import Requisition

# Procore stores whole seconds and may list a change late: read the last minutes again and drop what is known.
OVERLAP = timedelta(minutes=5)
# Procore stamps by its own clock: ours being behind must not cut off what it did just now.
CLOCKS_APART = timedelta(days=1)
# HTTP tells whole seconds, and an answer is on its way for a while; less than the overlap.
TELLING_TIME = timedelta(minutes=1)
# Our own copy of the allowance: a window that resets later than this is the hour, not the ten seconds.
SPIKE_WINDOW = timedelta(minutes=1)
# What one step may need before it looks at the headers again: a list of two pages and a spare.
CALLS_IN_HAND = 3
# A project is seen at least once an hour; staying this far below leaves room for jitter and a slow answer.
LONGEST_INTERVAL = timedelta(minutes=54)
BOTH_KINDS = tuple(CommitmentType)


@dataclass(frozen=True)
class Budget:
    """How many calls a look may still make this hour, when the hour ends, and how many Procore allows in it."""

    left: int
    resets_at: datetime
    hourly: int


class CompanyReader:
    """One company's Procore, read as our service account. Counts every call against the company's allowance."""

    def __init__(self, outside: Outside, procore_company_id: str) -> None:
        self._outside = outside
        self.client: ProcoreClient = outside.procore(procore_company_id)
        self._noted = 0
        # So that companies do not look in step. One for the whole look: a company's projects stay due together.
        self._jitter = random.uniform(1.0, 1.05)  # noqa: S311 - no secret

    async def settle(self, session: CompanySession) -> Budget:
        """Put the calls made since the last time on the company's account, and say what is left: half of the hourly
        allowance belongs to looking. Comes last in a unit of work, because the account stays locked until its end.
        """
        made = self.client.calls - self._noted
        self._noted = self.client.calls
        account = await note_calls(session, made, self._hourly_limit()) if made else await allowance(session)
        hourly = account.hourly_limit or self._outside.settings.procore_hourly_allowance
        return Budget(left=hourly // 2 - account.used, resets_at=account.hour_start + HOUR, hourly=hourly)

    async def breathe(self) -> None:
        """Wait out a window that is nearly used up and resets soon: a refused call costs and brings nothing."""
        reading = self.client.rate_limit
        if reading is None or reading.remaining >= CALLS_IN_HAND:
            return
        left = reading.resets_at - self._outside.clock.now()
        if timedelta(0) < left <= SPIKE_WINDOW:
            await self._outside.clock.sleep(left)

    def _hourly_limit(self) -> int | None:
        # The headers tell of whichever window ends the allowance first, usually the ten seconds: no news of the hour.
        reading = self.client.rate_limit
        if reading is None or reading.resets_at - self._outside.clock.now() <= SPIKE_WINDOW:
            return None
        return reading.limit

    def interval(self, projects: int) -> timedelta:
        """How long until a project is looked at again: the setting, longer where the allowance does not carry it."""
        # Nine tenths of the half: the rest is for pages, histories and the list of projects.
        per_hour = self._outside.settings.procore_hourly_allowance * 0.45
        fair = max(timedelta(seconds=self._outside.settings.look_interval_seconds), HOUR * projects / per_hour)
        return min(fair, LONGEST_INTERVAL) * self._jitter

    @property
    def due_soon(self) -> timedelta:
        """What is due this soon is looked at along with what is due now: every look of its own is a billed action."""
        return timedelta(seconds=self._outside.settings.look_interval_seconds) / 2

    async def projects(self) -> list[SeenProject]:
        found = await all_records(self.client.projects())
        return [SeenProject(one.id, one.name, one.time_zone or "UTC", one.active) for one in found]

    async def vendors(self) -> list[SeenVendor]:
        """The company directory: a call for every page of it."""
        return [
            SeenVendor(
                vendor_id=one.id,
                name=one.name,
                legal_name=one.legal_name,
                number=one.origin_code or "",
                email=one.email_address,
                phone=one.business_phone,
                address=" ".join(part for part in (one.address, one.city, one.zip[:5]) if part),
                is_active=one.is_active,
            )
            for one in await all_records(self.client.vendors())
        ]

    async def changed_requisitions(self, project: ProcoreProject, until: datetime) -> AsyncIterator[Page[Requisition]]:
        """What changed in a project since it was last read; everything, if it never was or nobody knows since when."""
        if project.watermark is None:
            changed = self.client.requisitions(project.project_id)
        else:
            window = (project.watermark - OVERLAP, until + CLOCKS_APART)
            changed = self.client.requisitions(project.project_id, updated_between=window)
        async for page in changed:
            if page.number == 1 and _lies_ahead(project.watermark, page):
                # One of the clocks was wrong when it was set: what changed before it would never be asked for.
                async for every_page in self.client.requisitions(project.project_id):
                    yield every_page
                return
            yield page

    async def histories(self, project_id: str, requisition_ids: Iterable[str]) -> dict[str, tuple[StatusChange, ...]]:
        found = {}
        for one in requisition_ids:
            await self.breathe()
            found[one] = status_changes(await self.client.change_histories(project_id, one))
        return found

    async def commitments(
        self, project_id: str, kinds: Collection[CommitmentType] = BOTH_KINDS
    ) -> list[SeenCommitment]:
        """A project's subcontracts, purchase orders or both: a call each, made when an unknown one turns up."""
        return [
            SeenCommitment(
                project_id=project_id,
                commitment_id=one.id,
                number=one.number or one.id,
                title=one.title,
                vendor_id=one.vendor.id if one.vendor else None,
                payment_terms=one.payment_terms or None,
            )
            for kind in sorted(kinds)
            for one in await all_records(self.client.commitments(project_id, kind))
        ]


def read_until(pages: Sequence[Page[Requisition]], looked_at: datetime) -> datetime:
    """Up to when a project's changes are known: by Procore's clock, where it told the time, else by ours."""
    return next((page.answered_at for page in pages), None) or looked_at


def _lies_ahead(watermark: datetime | None, page: Page[Requisition]) -> bool:
    if watermark is None or page.answered_at is None:
        return False
    return watermark > page.answered_at + TELLING_TIME
