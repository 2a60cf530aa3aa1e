"""One company's books: its lists, transactions, preferences, and what changed when. All in memory."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulators.clock import SimulatorClock
from simulators.quickbooks_online.moments import PacificWriter
from simulators.quickbooks_online.refusals import not_found, stale
from simulators.quickbooks_online.switches import Switches

Entity = dict[str, Any]

TRANSACTIONS = ("Bill", "VendorCredit", "Purchase", "BillPayment")
NAME_LISTS = ("Vendor", "Customer", "Account", "Item", "Class", "Department", "Term")
KINDS = (*TRANSACTIONS, *NAME_LISTS, "Attachable", "TaxCode", "TaxRate", "PurchaseOrder", "JournalEntry")

# Vendors, customers and employees share one space of names (error 6240, and "Names" in 2500).
_NAME_SPACES = {"Vendor": "Names", "Customer": "Names"}

_LONGEST_COUNTED_ID = 12  # class ids have 19 digits and do not take part in the counting


@dataclass(frozen=True)
class Change:
    """Something that happened to an entity, for webhooks. `operation` is created, updated, deleted, void, merged."""

    realm_id: str
    kind: str
    entity_id: str
    operation: str
    timestamp: float
    deleted_id: str | None = None


def money(value: Any) -> Decimal:
    """An amount on the wire (number or text) as Decimal; nothing is zero."""
    return value if isinstance(value, Decimal) else Decimal(value or 0)


def reference_id(entity: Entity, field: str) -> str | None:
    """The id that a reference field of an entity holds, if it holds one."""
    reference = entity.get(field)
    return reference.get("value") if isinstance(reference, dict) else None


class Books:
    """The books of one realm, loaded from a world document (wire shape)."""

    def __init__(
        self,
        document: dict[str, Any],
        clock: SimulatorClock,
        writer: PacificWriter,
        switches: Switches,
        announce: Callable[[Change], None],
    ) -> None:
        self.realm_id = str(document["realm_id"])
        self.clock = clock
        self.writer = writer
        self.switches = switches
        self.users: list[str] = list(document.get("users", [])) or ["owner@example.com"]
        self.suspended = False
        self.entities: dict[str, dict[str, Entity]] = {kind: {} for kind in KINDS}
        self.changes: OrderedDict[tuple[str, str], float] = OrderedDict()
        self.deleted: dict[tuple[str, str], Entity] = {}
        # (kind of bill or credit, its id) -> payment id -> amount applied
        self.applied: dict[tuple[str, str], dict[str, Decimal]] = {}
        self.files: dict[str, bytes] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._announce = announce
        self._last_id = 0
        self._load(document)

    def _load(self, document: dict[str, Any]) -> None:
        self.company_info: Entity = self._dressed({"Id": "1"} | dict(document.get("CompanyInfo") or {}))
        self.company_info.setdefault("CompanyName", f"Company {self.realm_id}")
        self.company_info.setdefault("LegalName", self.company_info["CompanyName"])
        self.company_info.setdefault("Country", "US")
        self.preferences: Entity = self._dressed({"Id": "1"} | dict(document.get("Preferences") or {}))
        for kind in KINDS:
            for given in document.get(kind) or []:
                entity = self._dressed(copy.deepcopy(given))
                self.entities[kind][entity["Id"]] = entity
                if len(entity["Id"]) <= _LONGEST_COUNTED_ID and entity["Id"].isdigit():
                    self._last_id = max(self._last_id, int(entity["Id"]))
                if kind in NAME_LISTS:
                    entity.setdefault("Active", True)
                    self._names[self.name_key(kind, entity)] = entity["Id"]
                self.changes[kind, entity["Id"]] = 0.0

    def _dressed(self, entity: Entity) -> Entity:
        now = self.writer.seconds(self.clock.timestamp())
        entity["Id"] = str(entity["Id"])
        entity.setdefault("SyncToken", "0")
        entity.setdefault("domain", "QBO")
        entity.setdefault("sparse", False)
        entity.setdefault("MetaData", {"CreateTime": now, "LastUpdatedTime": now})
        return entity

    # Looking up

    def find(self, kind: str, entity_id: str | None) -> Entity | None:
        """The entity, active or not, or None."""
        return self.entities[kind].get(entity_id or "")

    def get(self, kind: str, entity_id: str | None) -> Entity:
        """The entity. Raises 610 when it was deleted or never was."""
        entity = self.find(kind, entity_id)
        if entity is None:
            raise not_found()
        return entity

    def current(self, kind: str, payload: Entity) -> Entity:
        """The entity that a write means. Raises 610 for an unknown id and 5010 for an old SyncToken."""
        entity = self.get(kind, payload.get("Id"))
        if str(payload.get("SyncToken", "")) != entity["SyncToken"]:
            raise stale()
        return entity

    def preference(self, section: str, name: str) -> Any:
        """One preference, or None."""
        return (self.preferences.get(section) or {}).get(name)

    def other_preference(self, name: str) -> bool:
        """A yes-or-no of OtherPrefs.NameValue; absent is no."""
        pairs = (self.preferences.get("OtherPrefs") or {}).get("NameValue") or []
        return any(pair.get("Name") == name and str(pair.get("Value")).lower() == "true" for pair in pairs)

    @property
    def home_currency(self) -> str:
        """The company's currency code."""
        reference = self.preference("CurrencyPrefs", "HomeCurrency") or {}
        return str(reference.get("value", "USD"))

    @property
    def name(self) -> str:
        """What the company calls itself."""
        return str(self.company_info["CompanyName"])

    # Names

    def name_key(self, kind: str, entity: Entity) -> tuple[str, str]:
        """Where and under what a name must be unique."""
        if kind in _NAME_SPACES:
            return _NAME_SPACES[kind], str(entity.get("DisplayName", "")).casefold()
        return kind, str(entity.get("FullyQualifiedName") or entity.get("Name", "")).casefold()

    def name_owner(self, key: tuple[str, str]) -> str | None:
        """The id that has the name, if any."""
        return self._names.get(key)

    def rename(self, old: tuple[str, str] | None, new: tuple[str, str], entity_id: str) -> None:
        """Move a name in the index."""
        if old is not None and self._names.get(old) == entity_id:
            del self._names[old]
        self._names[new] = entity_id

    # Writing

    def add(self, kind: str, entity: Entity) -> Entity:
        """Store a new entity under the next id; returns it dressed with Id, SyncToken, MetaData."""
        self._last_id += 1
        entity["Id"] = str(self._last_id)
        entity["SyncToken"] = "0"
        entity["domain"] = "QBO"
        entity["sparse"] = False
        now = self.writer.seconds(self.clock.timestamp())
        entity["MetaData"] = {"CreateTime": now, "LastUpdatedTime": now}
        self.entities[kind][entity["Id"]] = entity
        self.note(kind, entity["Id"], "created")
        return entity

    def replace(self, kind: str, entity: Entity, operation: str = "updated") -> Entity:
        """Store the new state of a known entity: SyncToken + 1, LastUpdatedTime now, CreateTime kept."""
        old = self.entities[kind][entity["Id"]]
        entity["SyncToken"] = str(int(old["SyncToken"]) + 1)
        entity["domain"] = "QBO"
        entity["sparse"] = False
        entity["MetaData"] = old["MetaData"] | {"LastUpdatedTime": self.writer.seconds(self.clock.timestamp())}
        self.entities[kind][entity["Id"]] = entity
        self.note(kind, entity["Id"], operation)
        return entity

    def remove(self, kind: str, entity_id: str) -> Entity:
        """Delete an entity; returns the stub that CDC keeps showing."""
        del self.entities[kind][entity_id]
        stub = {
            "domain": "QBO",
            "status": "Deleted",
            "Id": entity_id,
            "MetaData": {"LastUpdatedTime": self.writer.seconds(self.clock.timestamp())},
        }
        self.deleted[kind, entity_id] = stub
        self.note(kind, entity_id, "deleted")
        return stub

    def note(self, kind: str, entity_id: str, operation: str, deleted_id: str | None = None) -> None:
        """Record a change for CDC and webhooks."""
        now = self.clock.timestamp()
        self.changes[kind, entity_id] = now
        self.changes.move_to_end((kind, entity_id))
        self._announce(Change(self.realm_id, kind, entity_id, operation, now, deleted_id))

    def adjust_vendor_balance(self, vendor_id: str | None, difference: Decimal) -> None:
        """Keep Vendor.Balance; the service does not count that as a change of the vendor."""
        vendor = self.find("Vendor", vendor_id)
        if vendor is not None and difference:
            vendor["Balance"] = money(vendor.get("Balance")) + difference

    def document(self) -> dict[str, Any]:
        """The books in the shape they were loaded in."""
        return {
            "realm_id": self.realm_id,
            "CompanyInfo": self.company_info,
            "Preferences": self.preferences,
            "users": self.users,
            **{kind: list(entities.values()) for kind, entities in self.entities.items()},
        }
