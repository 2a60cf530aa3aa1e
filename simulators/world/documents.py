"""The JSON documents of one scenario, byte for byte the same in every run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from simulators.world.money import ZERO, Printer
from simulators.world.people import PEOPLE, SERVICE_ACCOUNT
from simulators.world.projects import Company
from simulators.world.register import Register
from simulators.world.vendors import Vendor

PROCORE, QUICKBOOKS_ONLINE, EXPECTED = "procore.json", "quickbooks_online.json", "expected.json"
QUICKBOOKS_DESKTOP = "quickbooks_desktop.json"


@dataclass(frozen=True)
class Documents:
    procore: dict[str, Any]
    quickbooks_online: dict[str, Any]
    expected: dict[str, Any]
    quickbooks_desktop: dict[str, Any] = field(default_factory=lambda: {"pcs": [], "company_files": []})

    def by_file(self) -> dict[str, dict[str, Any]]:
        return {
            PROCORE: self.procore,
            QUICKBOOKS_ONLINE: self.quickbooks_online,
            QUICKBOOKS_DESKTOP: self.quickbooks_desktop,
            EXPECTED: self.expected,
        }

    def write(self, folder: Path) -> None:
        """Write the four files, creating the folder where needed."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, document in self.by_file().items():
            (folder / name).write_text(as_json(document), encoding="utf-8")


def as_json(document: dict[str, Any]) -> str:
    """JSON in which a Decimal is a number with exactly its own digits; a float would lose them."""
    marked = json.dumps(document, ensure_ascii=False, indent=1, default=_mark)
    return re.sub(r'"\\u0000(-?[0-9.]+)\\u0000"', r"\1", marked) + "\n"


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"\x00{value:f}\x00"
    raise TypeError(f"{type(value).__name__} has no place in a wire document")


def procore_document(
    companies: Iterable[Company], registers: Iterable[Register], vendors: Iterable[Vendor]
) -> dict[str, Any]:
    """Everything Procore knows, in wire shape."""
    filled = list(registers)
    printed = Printer("procore amounts")
    requisitions = [requisition for register in filled for requisition in register.requisitions]
    invoiced: dict[int, Decimal] = {}
    for requisition in requisitions:
        invoiced[requisition.commitment.id] = invoiced.get(requisition.commitment.id, ZERO) + requisition.due
    return {
        "companies": [company.wire() for company in companies],
        "users": [person.wire() for person in PEOPLE],
        "service_account": {
            "id": SERVICE_ACCOUNT.id,
            "login": SERVICE_ACCOUNT.login,
            "name": SERVICE_ACCOUNT.name,
        },
        "projects": [project.wire() for register in filled for project in register.projects],
        "vendors": [vendor.wire() for vendor in vendors],
        "commitments": [
            commitment.wire(invoiced.get(commitment.id, ZERO), printed)
            for register in filled
            for commitment in register.commitments
        ],
        "cost_codes": [
            code.wire() for register in filled for codes in register.cost_codes.values() for code in codes.values()
        ],
        "requisitions": [requisition.wire(printed) for requisition in requisitions],
        "change_histories": [
            change.wire(requisition.id) for requisition in requisitions for change in requisition.history
        ],
    }
