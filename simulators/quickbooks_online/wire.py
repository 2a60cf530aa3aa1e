"""Entities and answers as they leave the simulator."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from simulators.quickbooks_online.books import Entity
from simulators.quickbooks_online.field_table import UNLISTED_FIELD
from simulators.quickbooks_online.lists import masked
from simulators.quickbooks_online.switches import Switches


def shown(switches: Switches, kind: str, entity: Entity) -> Entity:
    """An entity as it is read: tax ids masked, with a field nobody documented if the switch says so."""
    if kind == "Vendor" and entity.get("TaxIdentifier"):
        entity = entity | {"TaxIdentifier": masked(entity["TaxIdentifier"])}
    if switches.extra_fields:
        return {**entity, UNLISTED_FIELD: {"Origin": "service", "Since": "2026-10"}}
    return entity


def read_json(body: bytes) -> Any:
    """JSON with exact numbers. Raises ValueError (UnicodeDecodeError for bytes that are not UTF-8)."""
    return json.loads(body.decode("utf-8"), parse_float=Decimal)


def write_json(content: Any) -> bytes:
    """JSON with amounts as numbers, which is how QuickBooks Online sends them.

    Amounts have 15 digits at most, and that many survive the trip through a binary number unchanged.
    """
    return json.dumps(content, default=float, separators=(",", ":")).encode()
