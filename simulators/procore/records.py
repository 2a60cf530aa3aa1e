"""Everything the simulated account holds, indexed by what requests ask for."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from copy import deepcopy
from typing import Any

from simulators.procore.requisition import Requisition
from simulators.procore.wire import Wire


class Records:
    """Wire objects by id, with the world document's own annotations (company, permitted) kept beside them."""

    def __init__(self) -> None:
        self.companies: dict[int, Wire] = {}
        self.users: dict[int, Wire] = {}
        self.service_account: Wire = {"id": 990001, "login": "dmsa@simulator.example", "name": "Service account"}
        self.projects: dict[int, Wire] = {}
        self.projects_by_company: dict[int, list[Wire]] = defaultdict(list)
        self.vendors: dict[int, Wire] = {}
        self.vendors_by_company: dict[int, list[Wire]] = defaultdict(list)
        self.commitments: dict[int, Wire] = {}
        self.commitments_by_project: dict[int, list[Wire]] = defaultdict(list)
        self.cost_codes_by_project: dict[int, list[Wire]] = defaultdict(list)
        self.requisitions: dict[int, Requisition] = {}
        self.change_histories: dict[int, list[Wire]] = defaultdict(list)
        self.contract_payments: dict[int, Wire] = {}
        self.deleted_requisitions: list[int] = []
        self._by_project: dict[int, dict[int, Requisition]] = defaultdict(dict)
        self._by_commitment: dict[int, dict[int, Requisition]] = defaultdict(dict)
        self._payments_by_commitment: dict[int, dict[int, Wire]] = defaultdict(dict)
        self._in_order: dict[tuple[int, str], list[Requisition]] = {}
        self._highest_id = 0

    def load(self, document: Wire) -> None:
        """Add a world document. Raises KeyError or ValueError for one that is not complete."""
        document = deepcopy(document)
        for company in document.get("companies", []):
            self.companies[self._seen(company)] = {"is_active": True, "app_installed": True, **company}
        for user in document.get("users", []):
            self.users[self._seen(user)] = user
        if document.get("service_account"):
            self.service_account = document["service_account"]
            self._seen(self.service_account)
        for project in document.get("projects", []):
            self.add_project(project)
        for vendor in document.get("vendors", []):
            self.vendors[self._seen(vendor)] = vendor
            self.vendors_by_company[int(vendor["company_id"])].append(vendor)
        for commitment in document.get("commitments", []):
            self.add_commitment(commitment)
        for cost_code in document.get("cost_codes", []):
            self._seen(cost_code)
            self.cost_codes_by_project[int(cost_code["project_id"])].append(cost_code)
        for wire in document.get("requisitions", []):
            self.add_requisition(Requisition(wire))
        for row in document.get("change_histories", []):
            self._seen(row)
            self.change_histories[int(row["requisition_id"])].append(row)
        for payment in document.get("contract_payments", []):
            self.add_payment(payment)

    def add_project(self, project: Wire) -> None:
        self.projects[self._seen(project)] = project
        self.projects_by_company[int(project["company_id"])].append(project)

    def add_commitment(self, commitment: Wire) -> None:
        commitment_id = self._seen(commitment)
        self.commitments[commitment_id] = commitment
        self.commitments_by_project[int(commitment["project_id"])].append(commitment)
        for issued in commitment.pop("payments_issued", None) or []:
            payment = {**issued, "contract_id": commitment_id, "project_id": int(commitment["project_id"])}
            self.add_payment(payment)

    def add_payment(self, payment: Wire) -> None:
        payment_id = self._seen(payment)
        self.contract_payments[payment_id] = payment
        self._payments_by_commitment[int(payment["contract_id"])][payment_id] = payment

    def remove_payment(self, payment: Wire) -> None:
        del self.contract_payments[payment["id"]]
        del self._payments_by_commitment[int(payment["contract_id"])][payment["id"]]

    def add_requisition(self, requisition: Requisition) -> None:
        self._seen(requisition.wire)
        for item in requisition.wire.get("items") or []:
            self._seen(item)
        for attachment in requisition.wire.get("attachments") or []:
            self._seen(attachment)
        self.requisitions[requisition.id] = requisition
        self._by_project[requisition.project_id][requisition.id] = requisition
        self._by_commitment[requisition.commitment_id][requisition.id] = requisition
        self._forget_order(requisition.project_id)

    def remove_requisition(self, requisition: Requisition) -> None:
        """The change histories go with it, as they do in Procore."""
        del self.requisitions[requisition.id]
        del self._by_project[requisition.project_id][requisition.id]
        del self._by_commitment[requisition.commitment_id][requisition.id]
        self.change_histories.pop(requisition.id, None)
        self.deleted_requisitions.append(requisition.id)
        self._forget_order(requisition.project_id)

    def company_of_project(self, project_id: int) -> int:
        return int(self.projects[project_id]["company_id"])

    def requisitions_of_project(self, project_id: int, order: str = "by_id") -> list[Requisition]:
        """The project's requisitions in one of the orders of the switch `list_order`. Do not change the list."""
        if order == "shuffle_each_request":
            rows = list(self._by_project[project_id].values())
            random.shuffle(rows)
            return rows
        ordered = self._in_order.get((project_id, order))
        if ordered is None:
            place = _scrambled if order == "stable_shuffle" else _by_id
            ordered = sorted(self._by_project[project_id].values(), key=place)
            self._in_order[(project_id, order)] = ordered
        return ordered

    def requisition_in_project(self, project_id: int, requisition_id: int) -> Requisition | None:
        return self._by_project[project_id].get(requisition_id)

    def requisitions_of_commitment(self, commitment_id: int) -> list[Requisition]:
        """By sequence number, oldest first."""
        return sorted(
            self._by_commitment[commitment_id].values(), key=lambda each: (each.wire.get("number") or 0, each.id)
        )

    def latest_of_commitment(self, commitment_id: int) -> Requisition | None:
        rows = self.requisitions_of_commitment(commitment_id)
        return rows[-1] if rows else None

    def payments_of(self, commitment_id: int) -> list[Wire]:
        return list(self._payments_by_commitment[commitment_id].values())

    def user(self, user_id: int) -> Wire | None:
        if user_id == self.service_account["id"]:
            return self.service_account
        return self.users.get(user_id)

    def new_id(self) -> int:
        """An id no other object has."""
        self._highest_id += 1
        return self._highest_id

    def as_wire(self) -> Wire:
        """Everything, in the shape of the world document that `load` takes."""
        return {
            "companies": list(self.companies.values()),
            "users": list(self.users.values()),
            "service_account": self.service_account,
            "projects": list(self.projects.values()),
            "vendors": list(self.vendors.values()),
            "commitments": list(self.commitments.values()),
            "cost_codes": [row for rows in self.cost_codes_by_project.values() for row in rows],
            "requisitions": [each.wire for each in self.requisitions.values()],
            "change_histories": [row for rows in self.change_histories.values() for row in rows],
            "contract_payments": list(self.contract_payments.values()),
            "deleted_requisitions": list(self.deleted_requisitions),
        }

    def _seen(self, wire: dict[str, Any]) -> int:
        identity = int(wire["id"])
        self._highest_id = max(self._highest_id, identity)
        return identity

    def _forget_order(self, project_id: int) -> None:
        for order in ("by_id", "stable_shuffle"):
            self._in_order.pop((project_id, order), None)


def _by_id(requisition: Requisition) -> tuple[bytes, int]:
    return b"", requisition.id


def _scrambled(requisition: Requisition) -> tuple[bytes, int]:
    return hashlib.blake2b(str(requisition.id).encode(), digest_size=8).digest(), requisition.id
