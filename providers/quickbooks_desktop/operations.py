"""What the Web Connector calls, with the names of the parameters and results: they are the contract.

Intuit: QuickBooks Web Connector Programmer's Guide, chapter "Web service reference". The interactive operations are
not in any published WSDL; we never ask for interactive mode and answer them with nothing.
"""

from dataclasses import dataclass
from enum import Enum

NAMESPACE = "http://developer.intuit.com/"


class Result(Enum):
    TEXT = "string"
    NUMBER = "int"
    TEXTS = "ArrayOfString"


@dataclass(frozen=True)
class Operation:
    """``numbers`` names the parameters that are integers; every other one is a string."""

    name: str
    parameters: tuple[str, ...]
    result: Result = Result.TEXT
    numbers: frozenset[str] = frozenset()
    is_published: bool = True


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("serverVersion", ()),
        Operation("clientVersion", ("strVersion",)),
        Operation("authenticate", ("strUserName", "strPassword"), Result.TEXTS),
        Operation(
            "sendRequestXML",
            (
                "ticket",
                "strHCPResponse",
                "strCompanyFileName",
                "qbXMLCountry",
                "qbXMLMajorVers",
                "qbXMLMinorVers",
            ),
            numbers=frozenset({"qbXMLMajorVers", "qbXMLMinorVers"}),
        ),
        Operation("receiveResponseXML", ("ticket", "response", "hresult", "message"), Result.NUMBER),
        Operation("connectionError", ("ticket", "hresult", "message")),
        Operation("getLastError", ("ticket",)),
        Operation("closeConnection", ("ticket",)),
        Operation("getInteractiveURL", ("wcTicket", "sessionID"), is_published=False),
        Operation("interactiveRejected", ("wcTicket", "reason"), is_published=False),
        Operation("interactiveDone", ("wcTicket",), is_published=False),
    )
}
