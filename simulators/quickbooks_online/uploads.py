"""Attachments: multipart upload of a file and its metadata, linked to a transaction (reference 4.6)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from starlette.datastructures import FormData, UploadFile

from simulators.quickbooks_online.books import KINDS, Books
from simulators.quickbooks_online.field_table import check_payload
from simulators.quickbooks_online.refusals import Refusal, missing
from simulators.quickbooks_online.wire import read_json, shown

LARGEST_BYTES = 100 * 1024 * 1024

FILE_TYPES = frozenset(
    {"ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pdf", "png", "rtf", "tif", "txt"}
    | {"xls", "xlsx", "xml"}
)

_METADATA = "file_metadata_"
_CONTENT = "file_content_"


@dataclass(frozen=True)
class SentFile:
    """One pair of parts of an upload."""

    metadata: bytes | None
    name: str | None
    content_type: str | None
    content: bytes


async def read_files(form: FormData) -> list[SentFile]:
    """The pairs file_metadata_NN and file_content_NN, in order."""
    files = []
    for name, part in form.multi_items():
        if not name.startswith(_CONTENT) or not isinstance(part, UploadFile):
            continue
        content = await part.read()
        if part.headers.get("content-transfer-encoding", "").lower() == "base64":
            try:
                content = base64.b64decode(content)
            except binascii.Error:
                content = b""
        metadata = form.get(_METADATA + name.removeprefix(_CONTENT))
        raw = await metadata.read() if isinstance(metadata, UploadFile) else metadata
        files.append(SentFile(raw.encode() if isinstance(raw, str) else raw, part.filename, part.content_type, content))
    return files


def attach(books: Books, files: list[SentFile], public_url: str) -> list[dict[str, Any]]:
    """One `Attachable` or `Fault` per file; a Fault does not stop the others. Raises 2020 without any file."""
    if not files:
        raise missing("file_content_01")
    if sum(len(file.content) for file in files) > LARGEST_BYTES:
        raise Refusal("6030", "Upload too big", f"The upload is larger than {LARGEST_BYTES} bytes")
    outcomes: list[dict[str, Any]] = []
    for file in files:
        try:
            outcomes.append({"Attachable": _attach(books, file, public_url)})
        except Refusal as refusal:
            outcomes.append({"Fault": refusal.fault()})
    return outcomes


def _attach(books: Books, file: SentFile, public_url: str) -> dict[str, Any]:
    metadata = _metadata(file)
    check_payload("Attachable", metadata)
    name = metadata.get("FileName") or file.name
    if not name or PurePosixPath(name).suffix.lstrip(".").lower() not in FILE_TYPES:
        raise Refusal("6041", "Invalid file", f"Files of this type cannot be attached : {name}", "FileName")
    if not file.content:
        raise Refusal("6041", "Invalid file", "The file is empty")
    for reference in metadata.get("AttachableRef") or []:
        target = reference.get("EntityRef") or {}
        kind = next((kind for kind in KINDS if kind.lower() == str(target.get("type", "")).lower()), None)
        if kind is None:
            raise Refusal("6050", "Invalid entity type", f"Entity type {target.get('type')} is not supported")
        books.get(kind, target.get("value"))
    attachable = books.add(
        "Attachable",
        {
            **metadata,
            "FileName": name,
            "ContentType": metadata.get("ContentType") or file.content_type or "application/octet-stream",
            "Size": len(file.content),
        },
    )
    entity_id = attachable["Id"]
    path = f"/v3/company/{books.realm_id}/download/{entity_id}"
    attachable["FileAccessUri"] = path
    attachable["TempDownloadUri"] = f"{public_url}/download/{books.realm_id}/{entity_id}"
    books.files[entity_id] = file.content
    return shown(books.switches, "Attachable", attachable)


def _metadata(file: SentFile) -> dict[str, Any]:
    if file.metadata is None:
        return {}
    try:
        metadata = read_json(file.metadata)
    except ValueError:
        raise Refusal("6040", "Invalid metadata", "The file_metadata part is no JSON") from None
    if not isinstance(metadata, dict):
        raise Refusal("6040", "Invalid metadata", "The file_metadata part is no object")
    return metadata
