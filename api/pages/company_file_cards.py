"""What the card of a company file tells beside that of any connection: its PC, its line, how far it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounting.company_file import FileStanding, FileState
from accounting.connection_states import counts_as_active
from models.company_files import (
    CompanyFileNow,
    Place,
    company_files_now,
    lists_read,
    place_in_line,
    unread_others,
)
from models.database import CompanySession
from models.tables import Connection, QuickBooksKind

# While nothing can be written the pill says why, in place of Connected.
COLOURS = {FileState.REFUSED: "danger", FileState.TROUBLE: "danger", FileState.QUIET: "info"}


@dataclass(frozen=True)
class FileCard:
    """One company file's part of its card. ``line`` says what waits for it, ``reading`` what is being read at first,
    ``unread`` what could not be read, although posting goes on.
    """

    file: CompanyFileNow
    standing: FileStanding | None
    line: str
    reading: str | None
    unread: str | None

    @property
    def colour(self) -> str:
        return COLOURS.get(self.standing.state, "warning") if self.standing else "success"


async def file_cards(session: CompanySession, connections: Sequence[Connection]) -> dict[UUID, FileCard]:
    """The company files among these connections, by connection."""
    wanted = {one.id: one for one in connections if one.kind is QuickBooksKind.DESKTOP and counts_as_active(one.state)}
    told = {}
    unread = await unread_others(session, wanted)
    for connection_id, file in (await company_files_now(session, wanted)).items():
        reading = None
        if wanted[connection_id].transactions_read_at is None:
            done, of = await lists_read(session, connection_id)
            reading = f"Reading this company file: {done} of {of} lists." if of else "Waiting for the first reading."
        place = await place_in_line(session, file)
        line = line_sentence(file, place)
        told[connection_id] = FileCard(file, file.standing(session.now), line, reading, unread.get(connection_id))
    return told


def line_sentence(file: CompanyFileNow, last: Place | None) -> str:
    """How many bills wait, and when the last one is likely to be there."""
    if last is None:
        return "Nothing waits"
    bills = f"{last.of:,} {'bill' if last.of == 1 else 'bills'}"
    if last.expected_at is None:
        return f"{bills}, once the company file can be worked in"
    return f"{bills}, done about {clock(last.expected_at, file)}"


def place_sentence(file: CompanyFileNow, place: Place) -> str:
    """An invoice's place in its company file's line."""
    said = f"Place {place.place:,} of {place.of:,} in line for the company file"
    return f"{said}, expected about {clock(place.expected_at, file)}." if place.expected_at else f"{said}."


def clock(at: datetime, file: CompanyFileNow) -> str:
    """``17:48 EST`` by the company file's own clock."""
    local = at.astimezone(file.zone)
    return f"{local:%H:%M} {local.tzname()}"
