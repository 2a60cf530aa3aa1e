"""ProcessRequest: one qbXML document in, one out, on the company file that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_answers import company_ret, host_ret, preferences_ret
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.grammar import check
from simulators.quickbooks_desktop.hresults import CANNOT_PARSE, QuickBooksError
from simulators.quickbooks_desktop.message_sets import consult, keep
from simulators.quickbooks_desktop.messages import ITERATED, MESSAGES
from simulators.quickbooks_desktop.queries import Found, Iterators, answers_query, run_query
from simulators.quickbooks_desktop.refusals import Refusal, bad_request_id, not_processed, severity
from simulators.quickbooks_desktop.removals import delete, void
from simulators.quickbooks_desktop.rets import list_ret, transaction_ret
from simulators.quickbooks_desktop.vendor_documents import add_bill, add_vendor_credit, change_bill
from simulators.quickbooks_desktop.vendors import add_vendor
from simulators.quickbooks_desktop.wire import (
    MessageSet,
    aggregate,
    read_message_set,
    text_of,
    texts_of,
    write_answer,
)

LONGEST_REQUEST_ID = 50
_ATTRIBUTES = {"requestID", "metaData"}
_ITERATOR_ATTRIBUTES = {"iterator", "iteratorID"}


@dataclass
class Ticket:
    """One QuickBooks session on one company file."""

    file: CompanyFile
    owner_id: str
    iterators: Iterators = field(default_factory=Iterators)


def process(ticket: Ticket, text: str, *, remembers: bool = True) -> str:
    """Execute a message set; returns the answer document.

    Raises QuickBooksError 0x80040400, with nothing done, when a request is not well-formed, out of order or unknown.
    `remembers` False is a power cut: what the set wrote is there, the record for error recovery is not.
    """
    file = ticket.file
    sent = read_message_set(text, ascii_only=file.switches.raw_non_ascii == "refuse")
    problems = [_check(request) for request in sent.requests]
    recovery = consult(file.books, sent)
    attributes = {"newMessageSetID": sent.new_id} if sent.new_id is not None else {}
    if recovery.code is not None:
        return write_answer({**attributes, "messageSetStatusCode": str(recovery.code)}, [])
    if recovery.stored is not None:
        return recovery.stored.answer if sent.requests else _recovered(file, recovery.stored.answer)
    answers = _execute(ticket, sent, problems)
    if sent.new_id is not None or sent.old_id is not None:
        attributes["messageSetStatusCode"] = "0"
    answer = write_answer(attributes, answers)
    if remembers:
        keep(file.books, sent, answer, most=file.switches.message_sets_kept)
    return answer


def _check(request: etree._Element) -> Refusal | None:
    """The first wrong value of a request; a wrong structure is the end of the whole set."""
    name = str(request.tag)
    grammar = MESSAGES.get(name)
    if grammar is None:
        raise QuickBooksError(CANNOT_PARSE, f"{name} is no request")
    allowed = _ATTRIBUTES | (_ITERATOR_ATTRIBUTES if name in ITERATED else set())
    unknown = {str(attribute) for attribute in request.attrib} - allowed
    if unknown or request.get("iterator") not in (None, "Start", "Continue", "Stop"):
        raise QuickBooksError(CANNOT_PARSE, f"{name}: attributes {sorted(unknown)}")
    found = check(request, grammar)
    if len(request.get("requestID", "")) > LONGEST_REQUEST_ID:
        found.insert(0, bad_request_id())
    return found[0] if found else None


def _execute(ticket: Ticket, sent: MessageSet, problems: list[Refusal | None]) -> list[etree._Element]:
    """Earlier requests stay done when a later one fails: nothing is rolled back."""
    answers, has_failed = [], False
    for request, problem in zip(sent.requests, problems, strict=True):
        try:
            if has_failed and sent.stops_on_error:
                raise not_processed()
            if problem is not None:
                raise problem
            found = _perform(ticket, request)
        except Refusal as refusal:
            has_failed = has_failed or severity(refusal.code) == "Error"
            found = Found([], refusal.code, refusal.text)
        answers.append(_answer(request, found, statuses_only=sent.statuses_only))
    return answers


def _answer(request: etree._Element, found: Found, *, statuses_only: bool) -> etree._Element:
    element = etree.Element(str(request.tag)[:-2] + "Rs")
    if request.get("requestID") is not None:
        element.set("requestID", request.get("requestID", ""))
    element.set("statusCode", str(found.code))
    element.set("statusSeverity", severity(found.code))
    element.set("statusMessage", found.text)
    if request.get("metaData", "NoMetaData") != "NoMetaData":
        element.set("retCount", str(len(found.elements)))
    if found.remaining is not None and found.iterator_id is not None:
        element.set("iteratorRemainingCount", str(found.remaining))
        element.set("iteratorID", found.iterator_id)
    if not statuses_only and request.get("metaData") != "MetaDataOnly":
        wanted = set(texts_of(request, "IncludeRetElement"))
        element.extend([_trimmed(each, wanted) for each in found.elements])
    return element


def _trimmed(ret: etree._Element, wanted: set[str]) -> etree._Element:
    for child in list(ret) if wanted else []:
        if child.tag not in wanted:
            ret.remove(child)
    return ret


def _perform(ticket: Ticket, request: etree._Element) -> Found:
    file, name = ticket.file, str(request.tag)
    if answers_query(name):
        return run_query(file, request, ticket.iterators)
    if name in _WRITES:
        kind, write = _WRITES[name]
        entity = write(file, request[0])
        shown = list_ret(file, kind, entity) if kind == "Vendor" else transaction_ret(file, kind, entity)
        return Found([shown])
    if name == "HostQueryRq":
        return Found([host_ret()])
    if name == "CompanyQueryRq":
        return Found([company_ret(file, request)])
    if name == "PreferencesQueryRq":
        return Found([preferences_ret(file)])
    return Found(_removed(file, request, voids=name == "TxnVoidRq"))


_WRITES: dict[str, tuple[str, Callable[[CompanyFile, etree._Element], Entity]]] = {
    "VendorAddRq": ("Vendor", add_vendor),
    "BillAddRq": ("Bill", add_bill),
    "BillModRq": ("Bill", change_bill),
    "VendorCreditAddRq": ("VendorCredit", add_vendor_credit),
}


def _removed(file: CompanyFile, request: etree._Element, *, voids: bool) -> list[etree._Element]:
    identity = text_of(request, "TxnID") or ""
    if voids:
        kind = text_of(request, "TxnVoidType") or ""
        voided = void(file, kind, identity)
        parts = [
            ("TxnVoidType", kind),
            ("TxnID", identity),
            ("TimeCreated", file.time.written(voided["TimeCreated"])),
            ("TimeModified", file.time.written(voided["TimeModified"])),
            ("RefNumber", voided.get("RefNumber")),
        ]
    else:
        kind = text_of(request, "TxnDelType") or ""
        gone = delete(file, kind, identity)
        parts = [
            ("TxnDelType", kind),
            ("TxnID", identity),
            ("TimeDeleted", file.time.written(gone.deleted)),
            ("RefNumber", gone.name),
        ]
    return list(aggregate("Removed", parts))


def _recovered(file: CompanyFile, answer: str) -> str:
    """The answer to a status check: the stored one, or its identifying fields in an ErrorRecovery aggregate."""
    if file.switches.recovery_shape == "ret":
        return answer
    root = etree.fromstring(answer.split("\n", 1)[1])
    for response in root[0]:
        for ret in [child for child in response if str(child.tag).endswith("Ret")]:
            fields = ("ListID", "TxnID", "TxnNumber", "EditSequence", "ExternalGUID")
            found = aggregate("ErrorRecovery", [(name, text_of(ret, name)) for name in fields])
            if file.switches.recovery_shape == "error_recovery":
                response.replace(ret, found)
            else:
                ret.addnext(found)
    return write_answer({str(name): str(value) for name, value in root[0].attrib.items()}, list(root[0]))
