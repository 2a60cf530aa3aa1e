"""A file for a transaction: the multipart body of an upload, and what its answer says.

Intuit: all-entities/attachable, upload an attachment. One file a request: its metadata as JSON, and its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import httpx

from providers.quickbooks_online.answers import UnexpectedShape
from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types.attachable import Attachable
from providers.quickbooks_online.types.entity import UnreadableEntity, read_entity
from providers.quickbooks_online.wire import write_json

FILE_TYPES = frozenset(
    {"ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pdf", "png", "rtf", "tif", "txt"}
    | {"xls", "xlsx", "xml"}
)
# Documented for the whole request.
MOST_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class FileToAttach:
    """A file and the transaction it belongs to: `entity` is Bill or VendorCredit, `note` stands beside the file."""

    entity: str
    entity_id: str
    file_name: str
    content_type: str
    note: str
    content: bytes = field(repr=False)


def may_be_attached(file_name: str) -> bool:
    """Whether QuickBooks takes files of this ending."""
    return PurePath(file_name).suffix.lstrip(".").casefold() in FILE_TYPES


def form_of(file: FileToAttach, boundary: str) -> tuple[bytes, str]:
    """The multipart body and its content type; the same file and boundary give the same bytes.

    Raises InvalidRequest where QuickBooks would refuse it: an ending it does not take, no bytes, too many.
    """
    if not may_be_attached(file.file_name):
        raise InvalidRequest("QuickBooks takes no files of this type")
    if not 0 < len(file.content) <= MOST_BYTES:
        raise InvalidRequest("a file to attach has 1 byte to 100 MB")
    metadata = write_json(
        {
            "AttachableRef": [{"EntityRef": {"type": file.entity, "value": file.entity_id}, "IncludeOnSend": False}],
            "FileName": file.file_name,
            "ContentType": file.content_type,
            "Note": file.note,
        }
    )
    content_type = f"multipart/form-data; boundary={boundary}"
    request = httpx.Request(
        "POST",
        "https://quickbooks.api.intuit.com",
        headers={"content-type": content_type},
        files={
            "file_metadata_01": ("metadata.json", metadata, "application/json"),
            "file_content_01": (file.file_name, file.content, file.content_type),
        },
    )
    return request.read(), content_type


def attachments_of(entity: str, entity_id: str) -> Select:
    """The query for everything that hangs on one transaction."""
    where = (
        Condition("AttachableRef.EntityRef.Type", "=", entity),
        Condition("AttachableRef.EntityRef.value", "=", entity_id),
    )
    return Select(Attachable.entity_name, where)


def answered_row(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one element of an upload's answer, which holds an Attachable or a Fault. Raises UnexpectedShape."""
    rows = answer.get("AttachableResponse")
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], Mapping):
        raise UnexpectedShape("the answer holds no AttachableResponse of one file")
    return rows[0]


def attachable_in(row: Mapping[str, Any]) -> Attachable:
    """The file as QuickBooks has it now. Raises UnexpectedShape."""
    found = row.get("Attachable")
    if not isinstance(found, Mapping):
        raise UnexpectedShape("the answer holds no Attachable")
    read = read_entity(Attachable, found)
    if isinstance(read, UnreadableEntity):
        raise UnexpectedShape(f"the Attachable is unreadable: {read.problem}")
    return read
