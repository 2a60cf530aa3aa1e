"""What the pages of one connection share: which connection it is, its state, and the tabs between them."""

from typing import Any
from uuid import UUID

from api.problems import not_found
from api.words import PRODUCTS, status_of
from models import connections
from models.company_zone import company_zone
from models.database import CompanySession

ROOT = "/settings/accounting-integrations"
TABS = (("", "Settings"), ("/mapping", "Data mapping"), ("/projects", "Projects"), ("/retainage", "Retainage"))


async def connection_frame(session: CompanySession, connection_id: UUID, here: str) -> dict[str, Any]:
    """The context of a page's frame; ``here`` is the tab's path below the connection. Raises Problem 404."""
    connection = await connections.connection_by_id(session, connection_id)
    if connection is None:
        raise not_found("connection")
    path = f"{ROOT}/{connection_id}"
    return {
        "connection": connection,
        "zone": await company_zone(session),
        "shown": status_of(connection),
        "product": PRODUCTS[connection.kind],
        "path": path,
        "tabs": [(path + below, text, below == here, None) for below, text in TABS],
    }
