"""The growing set of commitments and requisitions: hands out ids, keeps chains in order."""

from __future__ import annotations

import random
from calendar import monthrange
from datetime import date
from decimal import Decimal

from simulators.world.commitments import PURCHASE_ORDER, SUBCONTRACT, Commitment, SovLine, Unit
from simulators.world.cost_codes import CostCode, project_cost_codes
from simulators.world.ids import WIDE, Counter
from simulators.world.items import Work, bill_line
from simulators.world.people import Person
from simulators.world.projects import Project
from simulators.world.requisitions import Intent, Period, Requisition
from simulators.world.vendors import Vendor

YEAR = 2026


class Register:
    """Everything that was billed in one scenario, in the order in which it was billed."""

    def __init__(self, seed: str, projects: tuple[Project, ...], first_place: int = 0) -> None:
        """`first_place` keeps the cost codes and periods of several registers apart in one Procore."""
        self.rng = random.Random(seed)
        self.projects = projects
        self._first_place = first_place
        self.commitments: list[Commitment] = []
        self.requisitions: list[Requisition] = []
        self.cost_codes: dict[int, dict[str, CostCode]] = {
            project.id: project_cost_codes(project, (WIDE if project.wide else 0) + 21_585_000 + place * 1_000)
            for place, project in enumerate(projects, start=first_place)
        }
        self.changes = Counter(33_000_000)
        self._commitments = Counter(701_000)
        self._lines = Counter(3_129_000)
        self._requisitions = Counter(58_000)
        self._items = Counter(9_400_000)
        self._attachments = Counter(5_300)
        self._invoice_numbers = Counter(10_400)
        self._latest: dict[int, Requisition] = {}
        self._numbers: dict[tuple[int, str], int] = {}

    def start_after(self, other: Register) -> None:
        """Go on with the ids of another register, so that both fit into one Procore."""
        self.changes = other.changes
        self._commitments, self._lines = other._commitments, other._lines
        self._requisitions, self._items = other._requisitions, other._items
        self._attachments = other._attachments

    def commit(
        self,
        project: Project,
        vendor: Vendor,
        title: str,
        *,
        kind: str = SUBCONTRACT,
        percent: str = "10",
        terms: str | None = None,
        currency: str = "USD",
    ) -> Commitment:
        """A new contract; its number runs per project and kind."""
        prefix = "SC" if kind == SUBCONTRACT else "PO"
        self._numbers[project.id, kind] = count = self._numbers.get((project.id, kind), 0) + 1
        commitment = Commitment(
            id=self._commitments.take(project.wide),
            number=f"{prefix}-{project.number}-{count:03d}",
            kind=kind,
            title=title,
            project=project,
            vendor=vendor,
            retainage_percent=Decimal(percent),
            payment_terms=terms if kind == PURCHASE_ORDER else None,
            currency=currency,
        )
        self.commitments.append(commitment)
        return commitment

    def schedule(
        self,
        commitment: Commitment,
        code: str | None,
        description: str,
        scheduled: Decimal,
        *,
        unit: Unit | None = None,
        item_type: str = "contract_item",
        from_number: int = 1,
    ) -> SovLine:
        """Add a line to the schedule of values (or a change order's line)."""
        line = SovLine(
            id=self._lines.take(commitment.project.wide),
            position=len(commitment.lines) + 1,
            description=description,
            scheduled=scheduled,
            cost_code=self.cost_codes[commitment.project.id][code] if code else None,
            unit=unit,
            item_type=item_type,
            from_number=from_number,
        )
        commitment.lines.append(line)
        return line

    def bill(
        self,
        commitment: Commitment,
        month: int,
        works: dict[int, Work],
        intent: Intent,
        *,
        created_by: Person | None = None,
        billing_day: int = 31,
    ) -> Requisition:
        """The next requisition of a commitment; `works` by line position, lines left out bill nothing."""
        previous = self.last_of(commitment)
        number = previous.number + 1 if previous else 1
        before = {item.line.id: item for item in previous.items} if previous else {}
        period = self.period(commitment.project, month)
        items = [
            bill_line(
                self._items.take(commitment.project.wide),
                line,
                works.get(line.position, Work()),
                commitment.retainage_percent,
                before.get(line.id),
            )
            for line in commitment.lines
            if line.from_number <= number
        ]
        maker = created_by or commitment.vendor.foreman
        opened = period.end.replace(day=self.rng.randint(19, 25))
        created_at = commitment.project.at(opened, self.rng.randint(8, 16), self.rng.randint(0, 59))
        requisition = Requisition(
            id=self._requisitions.take(commitment.project.wide),
            commitment=commitment,
            number=number,
            period=period,
            billing_date=period.end.replace(day=min(billing_day, period.end.day)),
            invoice_number=self._invoice_number(commitment.vendor),
            items=items,
            previous=previous,
            created_by=maker,
            created_at=created_at,
            updated_at=created_at,
            intent=intent,
        )
        self.requisitions.append(requisition)
        self._latest[commitment.id] = requisition
        if self.rng.random() < 0.35:
            requisition.attachments = self._attach(requisition)
        return requisition

    def last_of(self, commitment: Commitment) -> Requisition | None:
        return self._latest.get(commitment.id)

    def period(self, project: Project, month: int) -> Period:
        last = monthrange(YEAR, month)[1]
        place = self._first_place + self.projects.index(project)
        return Period(
            (WIDE if project.wide else 0) + 4_200 + place * 20 + month, date(YEAR, month, 1), date(YEAR, month, last)
        )

    def _invoice_number(self, vendor: Vendor) -> str:
        """In the style of the vendor; the running part is never used twice by anyone."""
        running = self._invoice_numbers.take()
        styles = (
            f"{vendor.prefix}-{YEAR}-{running}",
            f"INV-{running}",
            f"{running}",
            f"{vendor.prefix}{running}",
            f"{vendor.prefix}/{running}",
        )
        return styles[vendor.id % len(styles)]

    def _attach(self, requisition: Requisition) -> list[dict[str, object]]:
        names = [f"Pay application {requisition.number}.pdf"]
        if self.rng.random() < 0.4:
            names.append("Conditional lien waiver.pdf")
        wide = requisition.commitment.project.wide
        attachments: list[dict[str, object]] = []
        for name in names:
            identity = self._attachments.take(wide)
            attachments.append(
                {
                    "id": identity,
                    "url": f"https://files.procore.example/files/{identity}",
                    "filename": name,
                    "content_type": "application/pdf",
                }
            )
        return attachments
