"""A web service for the Web Connector to talk to: it hands out scripted requests and remembers every call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

NS = "http://developer.intuit.com/"
OWNER = "{90A44FB7-33D9-4815-AC85-BC87A7E7D1EB}"
FILE_ID = "{57F3B9B6-86F1-4FCC-B1EE-566DE1813D20}"
PASSWORD = "two words"


@dataclass
class Call:
    """One call as it came in."""

    operation: str
    arguments: dict[str, str]


@dataclass
class Service:
    """Hands out `requests` one after the other; 100 after the last, 50 before."""

    requests: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    """By operation: the answers to give first, before the usual one."""
    path: str = ""
    status: int = 200
    on_call: Callable[[str], None] = lambda operation: None
    _handed: int = 0

    def forget(self) -> None:
        """As at first."""
        self.__init__()  # type: ignore[misc]

    @property
    def operations(self) -> list[str]:
        """The names of all calls so far."""
        return [call.operation for call in self.calls]

    def received(self) -> list[str]:
        """The answers of QuickBooks that came in."""
        return [call.arguments["response"] for call in self.calls if call.operation == "receiveResponseXML"]

    def app(self) -> Starlette:
        """The service as ASGI: SOAP at /soap, a support page at /support."""
        return Starlette(
            routes=[
                Route("/soap", self._soap, methods=["POST"]),
                Route("/soap", self._hello, methods=["GET"]),
                Route("/support", self._hello),
            ]
        )

    async def _hello(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def _soap(self, request: Request) -> Response:
        body = etree.fromstring(await request.body())[0][0]
        name = etree.QName(body)
        assert name.namespace == NS
        operation = name.localname
        assert request.headers["soapaction"] == f'"{NS}{operation}"'
        arguments = {etree.QName(child).localname: child.text or "" for child in body}
        self.calls.append(Call(operation, arguments))
        self.on_call(operation)
        if self.status != 200:
            return PlainTextResponse("down", self.status)
        return Response(_envelope(operation, self._answer(operation, arguments)), media_type="text/xml; charset=utf-8")

    def _answer(self, operation: str, arguments: dict[str, str]) -> str | list[str]:
        if self.answers.get(operation):
            given = self.answers[operation].pop(0)
            return given.split("|") if operation == "authenticate" else given
        if operation == "authenticate":
            if arguments["strPassword"] != PASSWORD:
                return ["t-0", "nvu"]
            return [f"t-{len(self.calls)}", self.path]
        if operation == "sendRequestXML":
            if self._handed >= len(self.requests):
                return ""
            self._handed += 1
            return self.requests[self._handed - 1]
        if operation == "receiveResponseXML":
            return "50" if self._handed < len(self.requests) else "100"
        return {"serverVersion": "test", "connectionError": "done", "getLastError": "nothing more"}.get(operation, "")


def _envelope(operation: str, result: str | list[str]) -> str:
    if isinstance(result, list):
        inner = "".join(f"<string>{escape(item)}</string>" for item in result)
    else:
        inner = escape(result)
    return (
        '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<soap:Body><{operation}Response xmlns="{NS}"><{operation}Result>{inner}</{operation}Result>'
        f"</{operation}Response></soap:Body></soap:Envelope>"
    )


def qwc(url: str, **changes: str | None) -> str:
    """A .qwc file for the service at `url`; None leaves an element out."""
    fields: dict[str, str | None] = {
        "AppName": "inBuild Sync",
        "AppID": "",
        "AppURL": f"{url}/soap",
        "AppDescription": "Bills from Procore",
        "AppSupport": f"{url}/support",
        "UserName": "acme-books",
        "OwnerID": OWNER,
        "FileID": FILE_ID,
        "QBType": "QBFS",
        "Scheduler": "<RunEveryNMinutes>15</RunEveryNMinutes>",
    }
    written = "".join(f"<{name}>{value}</{name}>" for name, value in (fields | changes).items() if value is not None)
    return f'<?xml version="1.0"?><QBWCXML>{written}</QBWCXML>'


def bill_add(number: str, message_set: str | None = None) -> str:
    """A BillAdd of $1,250.00 for Acme Electric."""
    recovery = f' newMessageSetID="{message_set}"' if message_set else ""
    return (
        f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"{recovery}>'
        '<BillAddRq requestID="1"><BillAdd><VendorRef><FullName>Acme Electric</FullName></VendorRef>'
        f"<TxnDate>2026-01-31</TxnDate><RefNumber>{number}</RefNumber><ExpenseLineAdd><AccountRef>"
        "<FullName>Job Expenses:Subcontractors</FullName></AccountRef><Amount>1250.00</Amount></ExpenseLineAdd>"
        "</BillAdd></BillAddRq></QBXMLMsgsRq></QBXML>"
    )
