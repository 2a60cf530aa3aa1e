"""The pages of a company file: its bills, paying, editing, voiding and deleting them, closing date, backup."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.oauth_request import read_form
from simulators.quickbooks_desktop.books import PAYMENTS
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.people import Action, act
from simulators.quickbooks_desktop.refusals import Refusal
from simulators.quickbooks_desktop.sheets import line_sheet, name_of
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.templates import render

MOST_SHOWN = 200


class FilePages:
    """What a person sees and does in QuickBooks' windows."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Everything below /files."""
        bill = "/files/{file}/bills/{id}"
        return [
            Route("/files/{file}", self.file, methods=["GET"]),
            Route("/files/{file}/close", self.close, methods=["POST"]),
            Route("/files/{file}/back_up", self.back_up, methods=["POST"]),
            Route("/files/{file}/restore", self.restore, methods=["POST"]),
            Route(bill, self.bill, methods=["GET"]),
            Route(bill + "/pay", self.pay, methods=["POST"]),
            Route(bill + "/edit", self.edit, methods=["POST"]),
            Route(bill + "/void", self.void, methods=["POST"]),
            Route(bill + "/delete", self.delete, methods=["POST"]),
            Route(bill + "/payments/{payment}", self.payment, methods=["POST"]),
        ]

    async def file(self, request: Request) -> Response:
        """The bills of one company file, newest first."""
        file = self._file(request)
        find = request.query_params.get("find", "").strip()
        rows: list[dict[str, Any]] = [
            {"bill": bill, "vendor": name_of(file, "Vendor", bill["VendorRef"]), "open": file.open_amount(bill)}
            for bill in file.books.transactions["Bill"].values()
        ]
        found = [row for row in rows if _matches(row, find.casefold())]
        newest = sorted(found, key=lambda row: int(row["bill"]["TxnNumber"]), reverse=True)[:MOST_SHOWN]
        return render("file.html", file=file, rows=newest, total=len(found), find=find)

    async def bill(self, request: Request) -> Response:
        """One bill."""
        return self._show(request, None)

    async def pay(self, request: Request) -> Response:
        """Pay all or a part."""
        form = dict(await read_form(request))
        share = {"bill": request.path_params["id"], "amount": form.get("amount", "").replace(",", "").strip() or None}
        return self._do(
            request,
            "pay",
            bills=[share],
            by_card=form.get("source") == "card",
            number=form.get("number") or None,
            date=form.get("date") or None,
        )

    async def edit(self, request: Request) -> Response:
        """Save number, dates and memo."""
        form = dict(await read_form(request))
        names = ("RefNumber", "TxnDate", "DueDate", "Memo")
        return self._do(request, "edit", fields={name: form[name] or None for name in names if name in form})

    async def void(self, request: Request) -> Response:
        """Void the bill."""
        return self._do(request, "void")

    async def delete(self, request: Request) -> Response:
        """Delete the bill."""
        return self._do(request, "delete", then=f"/files/{request.path_params['file']}")

    async def payment(self, request: Request) -> Response:
        """Void or delete one of the bill's payments."""
        word, identity = dict(await read_form(request)).get("action"), request.path_params["payment"]
        file = self._file(request)
        kind = next((each for each in PAYMENTS if file.find(each, identity)), "Bill")
        return self._do(request, "delete" if word == "delete" else "void", kind=kind, id=identity)

    async def close(self, request: Request) -> Response:
        """Set or clear the closing date."""
        return await self._to_file(request, "close_books", "date")

    async def back_up(self, request: Request) -> Response:
        """Back up now."""
        file = self._file(request)
        act(file, Action(action="back_up", value=f"backup {len(file.backups) + 1}"))
        return RedirectResponse(f"/files/{file.key}", status_code=303)

    async def restore(self, request: Request) -> Response:
        """Restore one of the backups."""
        return await self._to_file(request, "restore", "label")

    async def _to_file(self, request: Request, action: str, field: str) -> Response:
        file, given = self._file(request), dict(await read_form(request)).get(field) or None
        name = "date" if field == "date" else "value"
        try:
            act(file, Action.model_validate({"action": action, name: given}))
        except Refusal as refusal:
            raise HTTPException(400, refusal.text) from None
        return RedirectResponse(f"/files/{file.key}", status_code=303)

    def _do(self, request: Request, action: str, then: str | None = None, **values: Any) -> Response:
        asked = {"action": action, "id": request.path_params["id"]} | values
        try:
            act(self._file(request), Action.model_validate(asked))
        except Refusal as refusal:
            return self._show(request, refusal.text)
        except ValidationError:
            return self._show(request, "The amount is not a number.")
        here = f"/files/{request.path_params['file']}/bills/{request.path_params['id']}"
        return RedirectResponse(then or here, status_code=303)

    def _show(self, request: Request, problem: str | None) -> Response:
        file = self._file(request)
        bill = file.find("Bill", request.path_params["id"])
        if bill is None:
            return render("error.html", 404, title="No such bill", reason="It may have been deleted.")
        return render(
            "bill.html",
            400 if problem else 200,
            file=file,
            bill=bill,
            vendor=name_of(file, "Vendor", bill["VendorRef"]),
            open=file.open_amount(bill),
            lines=[line_sheet(file, line) for line in [*bill["expense_lines"], *bill["item_lines"]]],
            payments=file.settlements_of(bill["TxnID"]),
            problem=problem,
        )

    def _file(self, request: Request) -> CompanyFile:
        try:
            return self._simulation.file(request.path_params["file"])
        except KeyError:
            raise HTTPException(404, "No such company file.") from None


def _matches(row: dict[str, Any], find: str) -> bool:
    texts = (row["vendor"], row["bill"].get("RefNumber") or "", row["bill"].get("Memo") or "")
    return any(find in str(text).casefold() for text in texts)
