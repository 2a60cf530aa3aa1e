"""The pages on which a person looks at bills, pays, edits and deletes them, and disconnects the app."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.oauth_request import read_form
from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.people import Action, act
from simulators.quickbooks_online.refusals import Refusal
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.templates import render

MOST_SHOWN = 200


class Pages:
    """The simulator's own website."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """`/` and everything below /companies."""
        bill = "/companies/{realm}/bills/{id}"
        return [
            Route("/", self.companies),
            Route("/companies/{realm}", self.company),
            Route("/companies/{realm}/disconnect", self.disconnect, methods=["POST"]),
            Route(bill, self.bill),
            Route(bill + "/pay", self.pay, methods=["POST"]),
            Route(bill + "/edit", self.edit, methods=["POST"]),
            Route(bill + "/delete", self.delete, methods=["POST"]),
            Route(bill + "/payments/{payment}", self.payment, methods=["POST"]),
            Route("/companies/{realm}/credits/{id}", self.credit),
            Route("/download/{realm}/{id}", self.download),
        ]

    async def companies(self, _: Request) -> Response:
        """All companies with the number of bills and what is open."""
        rows = []
        for books in self._simulation.companies.values():
            bills = books.entities["Bill"].values()
            rows.append(
                {
                    "books": books,
                    "bills": len(bills),
                    "open": sum((money(bill["Balance"]) for bill in bills), Decimal(0)),
                    "apps": self._apps(books),
                }
            )
        return render("companies.html", rows=rows)

    async def company(self, request: Request) -> Response:
        """The bills of one company, newest first."""
        books = self._books(request)
        find = request.query_params.get("find", "").strip()
        bills = [bill for bill in books.entities["Bill"].values() if _matches(bill, find.casefold())]
        newest = sorted(bills, key=lambda bill: int(bill["Id"]), reverse=True)[:MOST_SHOWN]
        return render("company.html", books=books, bills=newest, total=len(bills), find=find, apps=self._apps(books))

    async def bill(self, request: Request) -> Response:
        """One bill with its lines and payments."""
        return self._show(request, None)

    async def credit(self, request: Request) -> Response:
        """One vendor credit with its lines."""
        books = self._books(request)
        credit = books.find("VendorCredit", request.path_params["id"])
        if credit is None:
            return render("error.html", 404, title="No such vendor credit", reason="It may have been deleted.")
        return render("credit.html", books=books, credit=credit)

    async def pay(self, request: Request) -> Response:
        """Pay all or a part, and other open bills of the vendor in full by the same check."""
        pairs = await read_form(request)
        form = dict(pairs)
        try:
            amount = Decimal(form.get("amount", "").replace(",", "").strip())
        except InvalidOperation:
            return self._show(request, "The amount is not a number.")
        others = [{"id": bill_id} for name, bill_id in pairs if name == "also"]
        return self._do(
            request,
            "pay_bills",
            shares=[{"id": request.path_params["id"], "amount": amount}, *others],
            by_card=form.get("source") == "card",
            to_print=form.get("to_print") == "yes",
            number=form.get("number") or None,
            date=form.get("date") or None,
        )

    async def edit(self, request: Request) -> Response:
        """Save number, dates and memo."""
        form = dict(await read_form(request))
        names = ("DocNumber", "TxnDate", "DueDate", "PrivateNote")
        return self._do(request, "edit", fields={name: form[name] or None for name in names if name in form})

    async def delete(self, request: Request) -> Response:
        """Delete the bill."""
        realm_id = request.path_params["realm"]
        return self._do(request, "delete", then=f"/companies/{realm_id}")

    async def payment(self, request: Request) -> Response:
        """Void or delete one of the bill's payments."""
        word = dict(await read_form(request)).get("action")
        chosen = {"kind": "BillPayment", "id": request.path_params["payment"]}
        return self._do(request, "delete" if word == "delete" else "void_payment", **chosen)

    async def disconnect(self, request: Request) -> Response:
        """The customer's Disconnect button."""
        books = self._books(request)
        self._simulation.disconnect(books.realm_id)
        return RedirectResponse(f"/companies/{books.realm_id}", status_code=303)

    async def download(self, request: Request) -> Response:
        """The bytes of an attachment (TempDownloadUri)."""
        books = self._books(request)
        content = books.files.get(request.path_params["id"])
        attachable = books.find("Attachable", request.path_params["id"])
        if content is None or attachable is None:
            raise HTTPException(404, "No such file.")
        return Response(content, media_type=attachable["ContentType"])

    def _do(self, request: Request, action: str, then: str | None = None, **values: Any) -> Response:
        books = self._books(request)
        asked: dict[str, Any] = {"realm": books.realm_id, "id": request.path_params["id"]} | values
        try:
            act(books, Action.model_validate({"action": action} | asked))
        except Refusal as refusal:
            return self._show(request, refusal.detail)
        here = f"/companies/{books.realm_id}/bills/{request.path_params['id']}"
        return RedirectResponse(then or here, status_code=303)

    def _show(self, request: Request, problem: str | None) -> Response:
        books = self._books(request)
        bill = books.find("Bill", request.path_params["id"])
        if bill is None:
            return render("error.html", 404, title="No such bill", reason="It may have been deleted.")
        ids = books.applied.get(("Bill", bill["Id"]), {})
        payments = [found for found in (books.find("BillPayment", payment) for payment in ids) if found]
        status = 400 if problem else 200
        vendor = reference_id(bill, "VendorRef")
        others = [
            each
            for each in books.entities["Bill"].values()
            if reference_id(each, "VendorRef") == vendor and each["Id"] != bill["Id"] and money(each["Balance"])
        ]
        return render("bill.html", status, books=books, bill=bill, payments=payments, others=others, problem=problem)

    def _books(self, request: Request) -> Books:
        books = self._simulation.companies.get(request.path_params["realm"])
        if books is None:
            raise HTTPException(404, "No such company.")
        return books

    def _apps(self, books: Books) -> list[str]:
        store = self._simulation.oauth.store
        connected = [grant for grant in store.grants if grant.tenant == books.realm_id and not grant.revoked]
        return sorted({store.clients[grant.client_id].shown_name for grant in connected})


def _matches(bill: Entity, find: str) -> bool:
    texts = (
        bill["VendorRef"].get("name", ""),
        bill.get("DocNumber") or "",
        bill.get("PrivateNote") or "",
    )
    return any(find in str(text).casefold() for text in texts)
