"""The queries of lists, transactions and deletions, with iterators."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from simulators.quickbooks_desktop.books import Deletion, Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.filters import list_tests, transaction_tests
from simulators.quickbooks_desktop.refusals import NO_MATCH, OK, PARTIAL, bad_range, bad_value, not_found, required
from simulators.quickbooks_desktop.rets import list_ret, transaction_ret
from simulators.quickbooks_desktop.vendor_documents import TERMS
from simulators.quickbooks_desktop.wire import aggregate, flag_of, text_of, texts_of

_LISTS: dict[str, tuple[str, ...]] = {
    "VendorQueryRq": ("Vendor",),
    "CustomerQueryRq": ("Customer",),
    "AccountQueryRq": ("Account",),
    "ItemQueryRq": ("Item",),
    "ClassQueryRq": ("Class",),
    "TermsQueryRq": TERMS,
    "StandardTermsQueryRq": ("StandardTerms",),
}
_TRANSACTIONS = ("Bill", "VendorCredit", "BillPaymentCheck", "BillPaymentCreditCard", "Check", "CreditCardCharge")
_SECONDS_A_DAY = 86_400.0


@dataclass
class Found:
    """What a query answers: the elements, and the status with its text where it is not plain success."""

    elements: list[etree._Element]
    code: int = OK
    text: str = "Status OK"
    remaining: int | None = None
    iterator_id: str | None = None


@dataclass
class _Iterator:
    question: bytes
    rest: list[tuple[str, str]]
    page: int
    used: float


@dataclass
class Iterators:
    """The open iterators of one QuickBooks session; they end with it."""

    opened: dict[str, _Iterator] = field(default_factory=dict)


def answers_query(name: str) -> bool:
    """Whether `run_query` knows that message."""
    return name in _LISTS or _transaction_kind(name) is not None or name in ("TxnDeletedQueryRq", "ListDeletedQueryRq")


def run_query(file: CompanyFile, request: etree._Element, iterators: Iterators) -> Found:
    """Answer one query. Raises the Refusal."""
    name = str(request.tag)
    file.check_right("reading")
    if name in ("TxnDeletedQueryRq", "ListDeletedQueryRq"):
        return _deleted(file, request, of_lists=name == "ListDeletedQueryRq")
    kind = _transaction_kind(name)
    if kind is None:
        return _run(file, request, iterators, _listed(file, request, _LISTS[name]), _show_list(file))
    return _run(file, request, iterators, _transacted(file, request, kind), _show_transaction(file, request))


def _transaction_kind(name: str) -> str | None:
    return next((kind for kind in _TRANSACTIONS if name == f"{kind}QueryRq"), None)


@dataclass
class _Chosen:
    """What was asked for, as (kind, id); `missing` were asked for by id or name and are not there."""

    found: list[tuple[str, str]]
    missing: list[str] = field(default_factory=list)


def _listed(file: CompanyFile, request: etree._Element, kinds: tuple[str, ...]) -> _Chosen:
    ids, names = texts_of(request, "ListID"), texts_of(request, "FullName")
    if ids or names:
        found, missing = [], []
        for each in ids or names:
            entries = ((kind, file.find(kind, each) if ids else file.by_name(kind, each)) for kind in kinds)
            hit = next(((kind, str(entry["ListID"])) for kind, entry in entries if entry is not None), None)
            if hit is None:
                missing.append(each)
            else:
                found.append(hit)
        return _Chosen(found, missing)
    hits = []
    for kind in kinds:
        tests = list_tests(file, kind, request)
        entries_of_kind = file.books.lists[kind].values()
        passed = [entry for entry in entries_of_kind if all(test(entry) for test in tests)]
        passed.sort(key=lambda entry: file.full_name(kind, entry).casefold())
        hits += [(kind, str(entry["ListID"])) for entry in passed]
    return _Chosen(hits)


def _transacted(file: CompanyFile, request: etree._Element, kind: str) -> _Chosen:
    shelf = file.books.transactions[kind]
    ids = texts_of(request, "TxnID")
    if ids:
        return _Chosen([(kind, each) for each in ids if each in shelf], [each for each in ids if each not in shelf])
    exact, loose = texts_of(request, "RefNumberCaseSensitive"), texts_of(request, "RefNumber")
    if exact or loose:
        wanted = {number if exact else number.casefold() for number in exact or loose}

        def is_wanted(transaction: Entity) -> bool:
            number = transaction.get("RefNumber") or ""
            return (number if exact else number.casefold()) in wanted

        return _Chosen([(kind, identity) for identity, each in shelf.items() if is_wanted(each)])
    tests = transaction_tests(file, request)
    return _Chosen([(kind, identity) for identity, each in shelf.items() if all(test(each) for test in tests)])


def _show_list(file: CompanyFile) -> Callable[[str, str], etree._Element | None]:
    def show(kind: str, identity: str) -> etree._Element | None:
        entry = file.find(kind, identity)
        return None if entry is None else list_ret(file, kind, entry)

    return show


def _show_transaction(file: CompanyFile, request: etree._Element) -> Callable[[str, str], etree._Element | None]:
    lines, links = flag_of(request, "IncludeLineItems"), flag_of(request, "IncludeLinkedTxns")

    def show(kind: str, identity: str) -> etree._Element | None:
        transaction = file.find(kind, identity)
        return None if transaction is None else transaction_ret(file, kind, transaction, lines=lines, links=links)

    return show


def _run(
    file: CompanyFile,
    request: etree._Element,
    iterators: Iterators,
    chosen: _Chosen,
    show: Callable[[str, str], etree._Element | None],
) -> Found:
    """One page of an iterator, or all that was chosen (the first MaxReturned of it)."""
    most = _most(request)
    action = request.get("iterator")
    if action in ("Continue", "Stop"):
        return _go_on(file, request, iterators, show)
    if action == "Start":
        if most is None:
            raise required("MaxReturned")
        opened = _Iterator(_question(request), chosen.found, most, file.clock.timestamp())
        file.iterators_started += 1
        seed = f"{file.path}/{file.iterators_started}/{file.clock.timestamp()}"
        identity = f"{{{uuid.uuid5(uuid.NAMESPACE_URL, seed)}}}"
        iterators.opened[identity] = opened
        return _page(identity, opened, iterators, show)
    shown = [element for kind, identity in chosen.found[:most] if (element := show(kind, identity)) is not None]
    if chosen.missing:
        text = f'There was a required element ("{chosen.missing[0]}") that could not be found in QuickBooks.'
        return Found(shown, PARTIAL, f"The query request has not been fully completed. {text}")
    return _found(shown)


def _go_on(
    file: CompanyFile,
    request: etree._Element,
    iterators: Iterators,
    show: Callable[[str, str], etree._Element | None],
) -> Found:
    identity = request.get("iteratorID")
    if not identity:
        raise required("iteratorID")
    opened = iterators.opened.get(identity)
    now, patience = file.clock.timestamp(), file.switches.iterator_seconds
    if opened is None or (patience and now - opened.used > patience):
        raise not_found(identity)
    if request.get("iterator") == "Stop":
        del iterators.opened[identity]
        return Found([])
    if _question(request) != opened.question:
        raise bad_value(identity, "iteratorID", "the request is not the one that started the iterator")
    opened.used = now
    return _page(identity, opened, iterators, show)


def _page(
    identity: str, opened: _Iterator, iterators: Iterators, show: Callable[[str, str], etree._Element | None]
) -> Found:
    page, opened.rest = opened.rest[: opened.page], opened.rest[opened.page :]
    found = _found([element for kind, each in page if (element := show(kind, each)) is not None])
    found.remaining, found.iterator_id = len(opened.rest), identity
    if not opened.rest:
        del iterators.opened[identity]
    return found


def _question(request: etree._Element) -> bytes:
    """The request without what changes from page to page."""
    return b"".join(etree.tostring(child, method="c14n") for child in request)


def _most(request: etree._Element) -> int | None:
    given = text_of(request, "MaxReturned")
    if given is None:
        return None
    if int(given) < 1:
        raise bad_value(given, "MaxReturned", "it must be 1 or more")
    return int(given)


def _found(elements: list[etree._Element]) -> Found:
    if elements:
        return Found(elements)
    return Found([], NO_MATCH, "A query request did not find a matching object in QuickBooks")


def _deleted(file: CompanyFile, request: etree._Element, *, of_lists: bool) -> Found:
    """Deletions of the last 90 days, oldest first."""
    word = "List" if of_lists else "Txn"
    kinds = set(texts_of(request, f"{word}DelType"))
    low = text_of(request, "DeletedDateRangeFilter/FromDeletedDate")
    high = text_of(request, "DeletedDateRangeFilter/ToDeletedDate")
    since = file.time.read(low) if low else 0.0
    until = file.time.read(high, ends_day=True) if high else float("inf")
    if since > until:
        raise bad_range("DeletedDateRangeFilter")
    since = max(since, file.clock.timestamp() - file.switches.deleted_days * _SECONDS_A_DAY)
    gone = file.books.deleted_lists if of_lists else file.books.deleted_transactions
    chosen = [each for each in gone if each.kind in kinds and since <= each.deleted and int(each.deleted) <= until]
    return _found([_deletion(file, each, word) for each in chosen])


def _deletion(file: CompanyFile, gone: Deletion, word: str) -> etree._Element:
    return aggregate(
        f"{word}DeletedRet",
        [
            (f"{word}DelType", gone.kind),
            (f"{word}ID", gone.id),
            ("TimeCreated", file.time.written(gone.created)),
            ("TimeDeleted", file.time.written(gone.deleted)),
            ("FullName" if word == "List" else "RefNumber", gone.name),
        ],
    )
