"""The account or item of each code and of each recoded line that no bill carries yet: for sums over many invoices."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.coding import CodeMap, Target, TargetKind, budget_code_key, cost_type
from accounting.invoice import InvoiceLine
from accounting.money import ZERO
from accounting.month_end import UNMAPPED
from models.coding import ENTITY_OF_KIND, KIND_OF_ENTITY, MappingInForce
from models.database import CompanySession
from models.decisions import recode_in_force
from models.mappings import WHOLE_CONNECTION, connection_settings
from models.tables import MappingKind

K = MappingKind
# In the order in which a CodeMap takes them.
_CODES = (K.BUDGET_CODE, K.COST_CODE, K.COST_TYPE)
CODE_MAPPINGS = """
    SELECT kind, scope, procore_id, target_entity, target_id, version FROM mapping
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND superseded_at IS NULL
        AND kind = ANY(%(kinds)s) AND procore_id = ANY(%(procore_ids)s)
"""
NAMES = """
    SELECT entry.entity, entry.quickbooks_id, entry.full_name
    FROM unnest(%(entities)s::text[], %(ids)s::text[]) AS wanted(entity, quickbooks_id)
    JOIN reference_entry AS entry
        ON entry.company_id = %(company_id)s AND entry.connection_id = %(connection_id)s
        AND entry.entity = wanted.entity AND entry.quickbooks_id = wanted.quickbooks_id
"""


@dataclass(frozen=True)
class CodedLine:
    """The codes that lines of one connection's invoices carry, empty where they have none; once for all such lines.

    A line that somebody recoded comes by itself: ``recoded_to`` is the decision's value, the fields after it are the
    line as it stands now. None for all others.
    """

    connection_id: UUID
    cost_code_id: str
    budget_code: str
    recoded_to: str | None
    invoice_id: UUID | None
    position: int | None
    description: str | None

    @property
    def code(self) -> "Code":
        return Code(self.cost_code_id, self.budget_code)


@dataclass(frozen=True, order=True)
class Code:
    """A line's codes, empty where it has none."""

    cost_code_id: str
    budget_code: str


async def accounts_of(session: CompanySession, lines: Sequence[CodedLine]) -> dict[str, dict[str, str]]:
    """Where these lines' cost goes, in QuickBooks' full name.

    Of a recoded line under its invoice's id, by position. Of all others under ``connection id/scope``, by
    ``cost code id/budget code``: the narrowest scope that names a line's codes decides. What nobody mapped goes to the
    connection's default, if it has one.
    """
    accounts: dict[str, dict[str, str]] = {}
    for connection_id in sorted({one.connection_id for one in lines}):
        here = [one for one in lines if one.connection_id == connection_id]
        codes = await _targets(session, connection_id, sorted({one.code for one in here}))
        targets = {
            (f"{connection_id}/{scope}", f"{code.cost_code_id}/{code.budget_code}"): target
            for (scope, code), target in codes.items()
        }
        targets |= {place: target for one in here for place, target in _recoded(one)}
        names = await _names(session, connection_id, targets.values())
        for (under, place), target in targets.items():
            accounts.setdefault(under, {})[place] = names.get(target, UNMAPPED)
    return accounts


async def _targets(
    session: CompanySession, connection_id: UUID, codes: Iterable[Code]
) -> dict[tuple[str, Code], Target]:
    by_word: dict[tuple[MappingKind, str], list[Code]] = {}
    for code in codes:
        words = (budget_code_key(code.budget_code), code.cost_code_id, cost_type(code.budget_code) or "")
        for kind, word in zip(_CODES, words, strict=True):
            by_word.setdefault((kind, word), []).append(code)
    found = await session.ask(
        CODE_MAPPINGS,
        MappingInForce,
        connection_id=connection_id,
        kinds=[kind.value for kind in _CODES],
        procore_ids=sorted({word for _, word in by_word}),
    )
    by_scope: dict[str, list[MappingInForce]] = {}
    for row in found:
        by_scope.setdefault(row.scope, []).append(row)
    targets: dict[tuple[str, Code], Target] = {}
    for scope, rows in by_scope.items():
        said = CodeMap(*({row.procore_id: _target(row) for row in rows if row.kind is kind} for kind in _CODES))
        named = {code for row in rows for code in by_word.get((row.kind, row.procore_id), ())}
        targets |= {(scope, code): target for code in named if (target := said.target_of(code)) is not None}
    if (default := await _default(session, connection_id)) is not None:
        for code in codes:
            targets.setdefault((WHOLE_CONNECTION, code), default)
    return targets


def _target(row: MappingInForce) -> Target:
    return Target(KIND_OF_ENTITY[row.target_entity], row.target_id)


async def _default(session: CompanySession, connection_id: UUID) -> Target | None:
    settings = await connection_settings(session, connection_id)
    if settings.posting_basis is TargetKind.ITEM and settings.default_item_id:
        return Target.item(settings.default_item_id)
    return Target.account(settings.default_account_id) if settings.default_account_id else None


def _recoded(one: CodedLine) -> Iterator[tuple[tuple[str, str], Target]]:
    """Where the line goes that somebody recoded, while it is still that line."""
    if one.recoded_to is None or one.invoice_id is None or one.position is None:
        return
    code = (one.cost_code_id, one.budget_code)
    line = InvoiceLine(one.position, one.description or "", *code, ZERO, ZERO, ZERO, ZERO)
    if (target := recode_in_force(one.recoded_to, line)) is not None:
        yield (str(one.invoice_id), str(one.position)), target


@dataclass(frozen=True)
class _Name:
    entity: str
    quickbooks_id: str
    full_name: str


async def _names(session: CompanySession, connection_id: UUID, targets: Iterable[Target]) -> Mapping[Target, str]:
    wanted = sorted({(ENTITY_OF_KIND[one.kind], one.quickbooks_id) for one in targets})
    found = await session.ask(
        NAMES,
        _Name,
        connection_id=connection_id,
        entities=[entity for entity, _ in wanted],
        ids=[quickbooks_id for _, quickbooks_id in wanted],
    )
    return {Target(KIND_OF_ENTITY[one.entity], one.quickbooks_id): one.full_name for one in found}
