"""Attachment downloads: a Procore address that wants the token, then a storage address that refuses it.

Source: documentation/best_practices/secure_file_access_tips.md.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulators.procore import permissions
from simulators.procore.errors import ApiError, not_found, unauthorized
from simulators.procore.requisition import Requisition
from simulators.procore.wire import encoded

if TYPE_CHECKING:
    from simulators.procore.simulator import ProcoreSimulator


class Storage:
    """Signed addresses handed out for attachments; good for one attachment each."""

    def __init__(self) -> None:
        self._signed: dict[str, tuple[int, int]] = {}

    def sign(self, requisition_id: int, attachment_id: int) -> str:
        key = secrets.token_urlsafe(16)
        self._signed[key] = (requisition_id, attachment_id)
        return key

    def behind(self, key: str) -> tuple[int, int] | None:
        return self._signed.get(key)


def file(simulator: ProcoreSimulator, request: Request) -> Response:
    """`GET /files/{id}`: 302 to storage for a caller who may see the requisition, else 401 or 404."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = simulator.oauth.grant_of(token) if scheme.lower() == "bearer" else None
    user = simulator.records.user(int(grant.subject)) if grant else None
    try:
        if user is None:
            raise unauthorized("The access token is invalid")
        requisition = _holder(simulator, request.path_params["id"])
        project = simulator.records.projects.get(requisition.project_id) if requisition else None
        if requisition is None or project is None:
            raise not_found()
        if not permissions.sees_project(simulator.records, user, project):
            raise not_found()
    except ApiError as error:
        body = encoded(error.body(simulator.switches.error_shape))
        return Response(body, error.status, error.headers, "application/json")
    key = simulator.storage.sign(requisition.id, int(request.path_params["id"]))
    return RedirectResponse(f"{simulator.storage_at(request)}/storage/{key}", 302)


def stored(simulator: ProcoreSimulator, request: Request) -> Response:
    """`GET /storage/{key}`: the bytes. A bearer token here is refused, as cloud storage refuses it."""
    if "authorization" in request.headers:
        return Response("<Error><Code>InvalidArgument</Code></Error>", 400, media_type="application/xml")
    behind = simulator.storage.behind(request.path_params["key"])
    requisition = simulator.records.requisitions.get(behind[0]) if behind else None
    if behind is None or requisition is None:
        return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
    lines = [
        f"Invoice {requisition.wire.get('invoice_number') or 'without number'}",
        str(requisition.wire.get("vendor_name")),
        f"Due {requisition.wire['summary'].get('current_payment_due')}",
        f"Attachment {behind[1]} {simulator.canary}".rstrip(),
    ]
    return Response(pdf(lines), media_type="application/pdf")


def _holder(simulator: ProcoreSimulator, attachment_id: str) -> Requisition | None:
    for requisition in simulator.records.requisitions.values():
        for attachment in requisition.wire.get("attachments") or []:
            if str(attachment["id"]) == attachment_id:
                return requisition
    return None


def pdf(lines: list[str]) -> bytes:
    """A one-page PDF 1.4 with these lines of text."""
    shown = b"BT /F1 12 Tf 72 720 Td 16 TL"
    for line in lines:
        text = line.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        shown += b" (" + text + b") Tj T*"
    shown += b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    document = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    document += b"".join(b"%010d 00000 n \n" % place for place in places)
    document += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return document
