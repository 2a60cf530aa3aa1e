"""Where a line's cost goes: Procore's codes to accounts or items of QuickBooks, the narrowest word first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from accounting.invoice import InvoiceLine


class TargetKind(StrEnum):
    """What a line posts to: *Category (account)* or *Product or service (item)*."""

    ACCOUNT = "account"
    ITEM = "item"


@dataclass(frozen=True)
class Target:
    """One account or item, by QuickBooks' id. ``refusal`` says in a sentence why QuickBooks would not take it now."""

    kind: TargetKind
    quickbooks_id: str
    refusal: str | None = None

    @classmethod
    def account(cls, quickbooks_id: str, refusal: str | None = None) -> "Target":
        return cls(TargetKind.ACCOUNT, quickbooks_id, refusal)

    @classmethod
    def item(cls, quickbooks_id: str, refusal: str | None = None) -> "Target":
        return cls(TargetKind.ITEM, quickbooks_id, refusal)


class Coded(Protocol):
    """What carries codes: a line, or the codes of many lines."""

    @property
    def cost_code_id(self) -> str | None: ...

    @property
    def budget_code(self) -> str | None: ...


@dataclass(frozen=True)
class CodeMap:
    """What one scope says: by the pair (a whole budget code), by cost code id, by cost type."""

    budget_codes: Mapping[str, Target] = field(default_factory=dict)
    cost_codes: Mapping[str, Target] = field(default_factory=dict)
    cost_types: Mapping[str, Target] = field(default_factory=dict)

    def target_of(self, line: Coded) -> Target | None:
        """The pair knows best, then the cost code; the cost type answers for all its codes."""
        return (
            self.budget_codes.get(budget_code_key(line.budget_code))
            or self.cost_codes.get(line.cost_code_id or "")
            or self.cost_types.get(cost_type(line.budget_code) or "")
        )


@dataclass(frozen=True)
class Coding:
    """The codes of one invoice: ``recoded`` lines by position, then ``scopes`` from the narrowest to the widest.

    ``default`` answers for every coded line that nobody mapped; None unless an admin set one.
    """

    scopes: tuple[CodeMap, ...] = ()
    recoded: Mapping[int, Target] = field(default_factory=dict)
    default: Target | None = None

    def target_of(self, line: InvoiceLine) -> Target | None:
        """Where this line's cost goes; None when nothing is mapped and no default is set."""
        if line.position in self.recoded:
            return self.recoded[line.position]
        for scope in self.scopes:
            if target := scope.target_of(line):
                return target
        return self.default


def budget_code_key(budget_code: str | None) -> str:
    """Budget codes are the same when they differ in case and spaces only."""
    return "".join((budget_code or "").split()).casefold()


def cost_type(budget_code: str | None) -> str | None:
    """The cost type of a budget code, its last segment: ``s`` of ``26-050.S``. None where the code has no type.

    Procore writes a budget code's segments with dots between them (wbs_code.flat_code).
    """
    head, dot, last = budget_code_key(budget_code).rpartition(".")
    return last if dot and head and last else None
