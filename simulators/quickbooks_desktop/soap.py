"""The calls of the Web Connector on the wire: document/literal SOAP 1.1, as strict about answers as the original.

Source: QuickBooks Web Connector Programmer's Guide, chapter 10; WSDL of Intuit's ASP.NET sample service.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import httpx
from lxml import etree

NAMESPACE = "http://developer.intuit.com/"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

PARAMETERS: dict[str, tuple[str, ...]] = {
    "serverVersion": (),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket",
        "strHCPResponse",
        "strCompanyFileName",
        "qbXMLCountry",
        "qbXMLMajorVers",
        "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
}
"""Every operation with its parameters in WSDL order."""


class CallFailed(Exception):
    """The call brought no usable answer: no line, an HTTP error, a SOAP fault, or XML that the original chokes on.

    `answered`: the service did answer, by an HTTP error.
    """

    def __init__(self, text: str, *, answered: bool = False) -> None:
        super().__init__(text)
        self.answered = answered


def envelope(operation: str, arguments: Mapping[str, str]) -> bytes:
    """The request body, in the shape of captured traffic."""
    given = "".join(
        f"<{name}>{escape(arguments[name], quote=False)}</{name}>" if arguments[name] else f"<{name} />"
        for name in PARAMETERS[operation]
    )
    content = f'<{operation} xmlns="{NAMESPACE}">{given}</{operation}>' if given else _empty(operation)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{_SOAP}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<soap:Body>{content}</soap:Body></soap:Envelope>"
    ).encode()


def _empty(operation: str) -> str:
    return f'<{operation} xmlns="{NAMESPACE}" />'


async def call(
    http: httpx.AsyncClient, url: str, operation: str, arguments: Mapping[str, str], *, refuse_whitespace: bool
) -> list[str]:
    """Make one call; returns the texts of its result: one, or the items of authenticate's array.

    Raises CallFailed.
    """
    headers = {
        "content-type": "text/xml; charset=utf-8",
        "soapaction": f'"{NAMESPACE}{operation}"',
        "user-agent": "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)",
    }
    try:
        answer = await http.post(url, content=envelope(operation, arguments), headers=headers)
    except httpx.HTTPError as error:
        raise CallFailed(f"{type(error).__name__}: {error}") from None
    if answer.status_code != 200:
        text = f"The request failed with HTTP status {answer.status_code}. {_fault(answer.content)}"
        raise CallFailed(text.strip(), answered=True)
    return read_result(operation, answer.content, refuse_whitespace=refuse_whitespace)


def read_result(operation: str, body: bytes, *, refuse_whitespace: bool) -> list[str]:
    """The texts in `<operation>Result`. Raises CallFailed when a part of the answer is missing or misplaced."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise CallFailed(f"Response is not well-formed XML: {error}") from None
    response = root.find(f"{{{_SOAP}}}Body/{{{NAMESPACE}}}{operation}Response")
    result = None if response is None else response.find(f"{{{NAMESPACE}}}{operation}Result")
    if response is None or result is None:
        raise CallFailed(f"Object reference not set to an instance of an object: no {operation}Result.")
    if refuse_whitespace and any(_is_blank(text) for each in root.iter() for text in (each.text, each.tail)):
        raise CallFailed("There is white space between the elements of the answer.")
    if operation != "authenticate":
        if len(result):
            raise CallFailed(f"{operation}Result has elements in it.")
        return [result.text or ""]
    items = result.findall(f"{{{NAMESPACE}}}string")
    if len(items) < 2:
        raise CallFailed("Index was outside the bounds of the array.")
    return [item.text or "" for item in items]


def _is_blank(text: str | None) -> bool:
    return text is not None and text != "" and not text.strip()


def _fault(body: bytes) -> str:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return ""
    return root.findtext(".//faultstring") or ""
