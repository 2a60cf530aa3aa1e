"""Answers of QuickBooks that are wrong on order."""

from __future__ import annotations

from lxml import etree

from simulators.quickbooks_desktop.refusals import severity
from simulators.quickbooks_desktop.troubles import Trouble
from simulators.quickbooks_desktop.wire import write_answer


def garbled(trouble: Trouble, request: str, answer: str | None) -> str:
    """The answer to `request` that the trouble brings; `answer` is the true one, where the work was done."""
    if trouble.effect == "text":
        return trouble.message
    if trouble.effect == "half" and answer is not None:
        return answer[: len(answer) // 2]
    true = None if answer is None else _body(answer)
    asked = _body(request)
    body = _unanswered(asked) if true is None else true
    for response in body:
        if trouble.effect == "status":
            response.set("statusCode", str(trouble.code))
            response.set("statusSeverity", severity(trouble.code))
            response.set("statusMessage", trouble.message)
        elif trouble.effect == "other_request":
            response.set("requestID", "another-request")
        if trouble.effect == "no_ret" or (trouble.effect == "status" and severity(trouble.code) == "Error"):
            del response[:]
            response.text = None
    return write_answer({str(name): str(value) for name, value in body.attrib.items()}, list(body))


def _body(document: str) -> etree._Element:
    """The message set within a document that QuickBooks has read or written itself."""
    return etree.fromstring(document.strip().encode(), etree.XMLParser(resolve_entities=False, load_dtd=False))[0]


def _unanswered(asked: etree._Element) -> etree._Element:
    """Responses without content to each request."""
    body = etree.Element("QBXMLMsgsRs")
    for request in asked:
        response = etree.SubElement(body, str(request.tag)[:-2] + "Rs")
        if request.get("requestID") is not None:
            response.set("requestID", request.get("requestID", ""))
    return body
