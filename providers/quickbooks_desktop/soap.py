"""The envelopes of the Web Connector: a call read, its answer or a fault written. SOAP 1.1; 1.2 is understood too.

What a call is follows from the first element of its body; SOAPAction may be missing or wrong. Parameters are found by
their local names, so that an rpc-style envelope with its own prefixes and types reads the same.
Intuit: QuickBooks Web Connector Programmer's Guide; W3C: SOAP 1.1 and 1.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from providers.quickbooks_desktop.operations import NAMESPACE, OPERATIONS, Operation
from providers.quickbooks_desktop.reading_xml import UnsafeOrBroken, read_xml

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
CONTENT_TYPES = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}
# A page of a list inside an escaped string; an unpaged list of a big company file is a few megabytes.
LARGEST_ENVELOPE = 8 * 1024 * 1024
DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'

Answered = str | int | Sequence[str]


class NoCall(ValueError):
    """What came is no call of the Web Connector; the text says why."""


@dataclass(frozen=True)
class Call:
    """One call. A parameter that was left out or nil is empty, as an empty one is."""

    operation: Operation
    arguments: Mapping[str, str]
    envelope: str = SOAP_11


def read_call(body: bytes) -> Call:
    """Raises NoCall for anything but one operation of ours in a SOAP envelope."""
    try:
        root = read_xml(body, LARGEST_ENVELOPE)
    except UnsafeOrBroken as broken:
        raise NoCall(str(broken)) from None
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in CONTENT_TYPES:
        raise NoCall("this is no SOAP envelope")
    inner = root.find(f"{{{name.namespace}}}Body")
    first = next(iter(inner), None) if inner is not None else None
    if first is None:
        raise NoCall("the SOAP body is empty")
    wanted = etree.QName(first)
    operation = OPERATIONS.get(wanted.localname)
    if operation is None or wanted.namespace != NAMESPACE:
        raise NoCall(f"there is no operation {wanted.localname} here")
    given = {etree.QName(child).localname: child.text or "" for child in first}
    arguments = {parameter: given.get(parameter, "") for parameter in operation.parameters}
    for parameter in operation.numbers:
        if arguments[parameter].strip() and not arguments[parameter].strip().isdecimal():
            raise NoCall(f"{parameter} is no number")
    return Call(operation, arguments, str(name.namespace))


def write_answer(call: Call, answered: Answered) -> bytes:
    """The answer, compact: white space between elements has been seen to break the Web Connector. An empty string
    stays as an empty element, and texts of a list stand in Intuit's own namespace.
    """
    response = etree.Element(f"{{{NAMESPACE}}}{call.operation.name}Response", nsmap={None: NAMESPACE})
    result = etree.SubElement(response, f"{{{NAMESPACE}}}{call.operation.name}Result")
    if isinstance(answered, str | int):
        result.text = str(answered)
    else:
        for text in answered:
            etree.SubElement(result, f"{{{NAMESPACE}}}string").text = text
    return _in_envelope(response, call.envelope)


def write_fault(reason: str, *, is_ours: bool, envelope: str = SOAP_11) -> bytes:
    """A fault: ``is_ours`` says whether we or the caller is to blame."""
    if envelope == SOAP_12:
        fault = etree.Element(f"{{{SOAP_12}}}Fault")
        code = etree.SubElement(etree.SubElement(fault, f"{{{SOAP_12}}}Code"), f"{{{SOAP_12}}}Value")
        code.text = "soap:Receiver" if is_ours else "soap:Sender"
        text = etree.SubElement(etree.SubElement(fault, f"{{{SOAP_12}}}Reason"), f"{{{SOAP_12}}}Text")
        text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    else:
        fault = etree.Element(f"{{{SOAP_11}}}Fault")
        etree.SubElement(fault, "faultcode").text = "soap:Server" if is_ours else "soap:Client"
        text = etree.SubElement(fault, "faultstring")
    text.text = reason
    return _in_envelope(fault, envelope)


def _in_envelope(content: etree._Element, envelope: str) -> bytes:
    root = etree.Element(f"{{{envelope}}}Envelope", nsmap={"soap": envelope})
    etree.SubElement(root, f"{{{envelope}}}Body").append(content)
    return DECLARATION + etree.tostring(root, encoding="utf-8", xml_declaration=False)
