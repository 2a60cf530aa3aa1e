"""Attaching the files of one posted invoice to its bill in QuickBooks Online; each file once, and none holds the bill.

A file is marked ``sent`` in a commit of its own before its first byte leaves. Whoever finds it so later looks at what
hangs on the bill: our note beside a file tells which of ours it is. What is not there is uploaded again under the same
key, once the earlier request must be over.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from temporalio import activity

from accounting.memo import marker
from activities.acting import acting
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import RequestPacing
from foundation.secret_box import SecretPlace
from models.bill_files import (
    BillWithFiles,
    FileToDo,
    KnownFile,
    documents_of,
    file_failed,
    file_is_attached,
    file_is_left_out,
    file_is_sent,
    file_is_unsent,
    files_are_done,
    files_to_do,
    files_wait,
    requisition_text,
)
from models.database import Actor
from models.standing import OpenConnection
from models.tables import FileOrigin, FileState
from providers.procore.errors import (
    ProcoreAttachmentTooLarge,
    ProcoreError,
    ProcoreForbidden,
    ProcoreNotFound,
    ProcoreRejected,
    ProcoreUnreadable,
)
from providers.procore.requisitions import Attachment
from providers.procore.wire import read_json, record_of
from providers.quickbooks_online.errors import (
    OutcomeUnclear,
    Postponed,
    QuickBooksOnlineError,
    ReconnectNeeded,
    Refused,
    RequestNotSent,
)
from providers.quickbooks_online.types import Attachable
from providers.quickbooks_online.uploads import FileToAttach, attachments_of, may_be_attached

# A worker holds a file in memory while it travels. QuickBooks itself takes up to 100 MB.
MOST_BYTES = 25 * 1024 * 1024
# Two minutes, four, eight ...: four hours in all.
FIRST_PAUSE = timedelta(minutes=2)
MOST_FAILURES = 8
# QuickBooks ends a request of its own after 120 s: what is not there after 130 s will not come any more.
SURELY_OVER = timedelta(seconds=130)
PDF = "application/pdf"

GONE = "It is not in Procore any more, or inBuild may not read it."
TOO_LARGE = "It is larger than 25 MB. It is in Procore."
WRONG_TYPE = "QuickBooks takes no files of this type. It is in Procore."
EMPTY = "It is empty."
OUR_FAULT = "Something went wrong on inBuild's side."


class LeftOut(Exception):
    """The file will not be attached; the text says why, to people."""


@dataclass(frozen=True)
class _File:
    content: bytes = field(repr=False)
    content_type: str


class FilesOfBill:
    """One attempt at the files of one bill."""

    def __init__(
        self,
        outside: Outside,
        company_id: UUID,
        connection: OpenConnection,
        bill: BillWithFiles,
        procore_company_id: str,
    ) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._connection = connection
        self._bill = bill
        self._actor: Actor = acting()
        self._client = outside.quickbooks(company_id, connection, self._actor)
        self._procore = outside.procore(procore_company_id)
        self._attachments: dict[str, Attachment] = {}

    async def attach(self) -> list[FileState]:
        """What came of the files that were still to do. Raises ReconnectNeeded, and a retryable failure."""
        async with self._database.company(self._company_id, self._actor) as session:
            raw = await requisition_text(session, self._bill.source_id)
            self._attachments = {one.id: one for one in attachments_in(raw or "{}")}
            documents = await documents_of(session, self._bill.invoice_id)
            known = [
                *(KnownFile(FileOrigin.PROCORE, one.id, one.filename or "file") for one in self._attachments.values()),
                *(KnownFile(FileOrigin.UPLOAD, str(one.id), one.file_name) for one in documents),
            ]
            to_do = await files_to_do(session, self._bill.link_id, known)
            if not to_do:
                await files_are_done(session, self._bill.link_id)
                return []
        ended = [one for one in [await self._one(file) for file in to_do] if one is not None]
        async with self._database.company(self._company_id, self._actor) as session:
            await files_are_done(session, self._bill.link_id)
        return ended

    async def _one(self, file: FileToDo) -> FileState | None:
        """What came of one file; None where nobody can know yet, or it is tried again later."""
        try:
            if file.state is FileState.SENT:
                mine = await self._uploaded_before(file)
                if mine is not None:
                    return await self._attached(file, mine)
                if await self._may_still_come(file):
                    return None
            return await self._upload(file, await self._fetch(file))
        except LeftOut as why:
            return await self._leave_out(file, str(why))
        except Refused as refused:
            return await self._leave_out(file, f"QuickBooks did not take it: {refused.sentence}")
        except ReconnectNeeded:
            raise
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        except ProcoreError as trouble:
            return await self._later(file, f"Procore did not give it: {trouble.reason}")
        except (ValueError, TypeError, LookupError) as bug:
            activity.logger.exception("attaching a file of invoice %s failed: %s", self._bill.invoice_id, bug)
            return await self._later(file, OUR_FAULT)

    async def _later(self, file: FileToDo, why: str) -> FileState | None:
        """One file that trips us must not hold up the others: it is tried again later, and in the end left out."""
        if file.failure_count + 1 >= MOST_FAILURES:
            return await self._leave_out(file, why)
        async with self._database.company(self._company_id, self._actor) as session:
            await file_failed(session, file.id)
            await files_wait(session, self._bill.link_id, session.now + FIRST_PAUSE * 2**file.failure_count)
        return None

    async def _uploaded_before(self, file: FileToDo) -> Attachable | None:
        """The file as an earlier upload left it on the bill."""
        await self._take_place()
        hanging = attachments_of(self._bill.transaction_type, self._bill.quickbooks_id)
        page = await self._client.query(Attachable, hanging)
        return next((one for one in page.value.entities if one.note == self._note(file)), None)

    async def _may_still_come(self, file: FileToDo) -> bool:
        """Whether the earlier upload may still be under way; then the bill is looked at again once it cannot."""
        over_at = (file.sent_at or self._outside.clock.now()) + SURELY_OVER
        if over_at <= self._outside.clock.now():
            return False
        async with self._database.company(self._company_id, self._actor) as session:
            await files_wait(session, self._bill.link_id, over_at)
        return True

    async def _fetch(self, file: FileToDo) -> _File:
        """The file's bytes from where it lies. Raises LeftOut and ProcoreError."""
        if not may_be_attached(file.file_name):
            raise LeftOut(WRONG_TYPE)
        found = await (self._from_procore if file.origin is FileOrigin.PROCORE else self._from_upload)(file)
        if not found.content:
            raise LeftOut(EMPTY)
        return found

    async def _from_procore(self, file: FileToDo) -> _File:
        at = self._attachments.get(file.origin_id)
        if at is None:
            raise LeftOut(GONE)
        try:
            downloaded = await self._procore.download_attachment(at.url, max_bytes=MOST_BYTES)
        except ProcoreAttachmentTooLarge:
            raise LeftOut(TOO_LARGE) from None
        except (ProcoreNotFound, ProcoreForbidden, ProcoreUnreadable, ProcoreRejected):
            raise LeftOut(GONE) from None
        return _File(downloaded.content, at.content_type or downloaded.content_type or PDF)

    async def _from_upload(self, file: FileToDo) -> _File:
        async with self._database.company(self._company_id, self._actor) as session:
            documents = await documents_of(session, self._bill.invoice_id)
        document = next(one for one in documents if str(one.id) == file.origin_id)
        place = SecretPlace("document", "content", document.id)
        return _File(self._outside.secrets.open(document.content, place), document.content_type)

    async def _upload(self, file: FileToDo, found: _File) -> FileState:
        digest = sha256(found.content).hexdigest()
        await self._take_place(sent=(file.id, len(found.content), digest))
        to_attach = FileToAttach(
            entity=self._bill.transaction_type,
            entity_id=self._bill.quickbooks_id,
            file_name=file.file_name,
            content_type=found.content_type,
            note=self._note(file),
            content=found.content,
        )
        try:
            answer = await self._client.upload(to_attach, str(file.id))
        except (RequestNotSent, Postponed, ReconnectNeeded):
            # Surely not done: nothing has to be looked up before it goes again.
            async with self._database.company(self._company_id, self._actor) as session:
                await file_is_unsent(session, file.id)
            raise
        except OutcomeUnclear as unclear:
            raise quickbooks_failure(unclear) from None
        return await self._attached(file, answer.value)

    async def _take_place(self, sent: tuple[UUID, int, str] | None = None) -> None:
        pacing = RequestPacing(self._outside.settings, self._connection.id)
        async with self._database.company(self._company_id, self._actor) as session:
            wait = await pacing.reserve(session, is_batch=False)
            if sent is not None:
                await file_is_sent(session, *sent)
        await asyncio.sleep(wait.total_seconds())

    async def _attached(self, file: FileToDo, made: Attachable) -> FileState:
        async with self._database.company(self._company_id, self._actor) as session:
            await file_is_attached(session, self._bill, file, made.id)
        return FileState.ATTACHED

    async def _leave_out(self, file: FileToDo, why: str) -> FileState:
        async with self._database.company(self._company_id, self._actor) as session:
            await file_is_left_out(session, self._bill, file, why)
        return FileState.LEFT_OUT

    def _note(self, file: FileToDo) -> str:
        """What stands beside the file in QuickBooks, by which it is known again: one note a file."""
        where = "Procore" if file.origin is FileOrigin.PROCORE else "inBuild"
        return f"{file.file_name}, from {where} · {marker(self._bill.reference)} · {file.origin_id}"


def attachments_in(raw: str) -> list[Attachment]:
    """The attachments of a requisition as Procore told it, without those that cannot be read."""
    try:
        told = read_json(raw)
    except ValueError:
        return []
    listed = told.get("attachments") if isinstance(told, dict) else None
    read = [record_of(Attachment, one, raw) for one in listed] if isinstance(listed, list) else []
    return [one for one in read if isinstance(one, Attachment)]
