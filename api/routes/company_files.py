"""QuickBooks Desktop: connecting company files, their Web Connector files and passwords. Company admins only."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import company_files
from api.routes.connections import StartedAnswer
from api.services import Services
from models import web_connector
from models.tables import WebConnectorLogin

router = APIRouter(tags=["connections"])


class ConnectFileBody(BaseModel):
    """``connection_id`` names a company file that was connected earlier; without it a new file is connected."""

    model_config = ConfigDict(extra="forbid")

    connection_id: UUID | None = None


class StartedFileAnswer(StartedAnswer):
    """A begun Desktop attempt. The password is shown here and nowhere again."""

    user_name: str
    password: str
    web_connector_file: str


class EarlierFileAnswer(BaseModel):
    connection_id: UUID
    company_name: str
    company_file: str | None


class EarlierFilesAnswer(BaseModel):
    """Company files to offer first: choosing one finds its settings, mappings and bill links in place."""

    files: list[EarlierFileAnswer]


class PasswordAnswer(BaseModel):
    """A new password, shown here and nowhere again."""

    user_name: str
    password: str


@router.get("/company-files")
async def list_company_files(visitor: ReadingAdmin, services: ServicesNow) -> EarlierFilesAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await web_connector.earlier_files(session)
    return EarlierFilesAnswer(
        files=[
            EarlierFileAnswer(
                connection_id=one.connection_id, company_name=one.company_name, company_file=one.company_file
            )
            for one in found
        ]
    )


@router.post("/connections/desktop", status_code=201)
async def connect_desktop(
    visitor: ChangingAdmin, services: ServicesNow, body: ConnectFileBody | None = None
) -> StartedFileAnswer:
    begun = await company_files.start_company_file(services, visitor, body.connection_id if body else None)
    attempt_id = begun.started.attempt_id
    return StartedFileAnswer(
        attempt_id=attempt_id,
        deadline=begun.started.deadline,
        authorize_url=None,
        user_name=begun.user_name,
        password=begun.password,
        web_connector_file=f"/api/v1/connection-attempts/{attempt_id}/web-connector-file",
    )


@router.get("/connection-attempts/{attempt_id}/web-connector-file")
async def file_of_attempt(attempt_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> Response:
    return await _file(services, visitor, await company_files.login_of_attempt(services, visitor, attempt_id))


@router.post("/connection-attempts/{attempt_id}/password")
async def reset_password_of_attempt(attempt_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> PasswordAnswer:
    login = await company_files.login_of_attempt(services, visitor, attempt_id)
    password = await company_files.reset_password(services, visitor, login.id)
    return PasswordAnswer(user_name=login.user_name, password=password)


@router.get("/connections/{connection_id}/web-connector-file")
async def file_of_connection(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> Response:
    return await _file(services, visitor, await company_files.login_of_connection(services, visitor, connection_id))


@router.post("/connections/{connection_id}/password")
async def reset_password_of_connection(
    connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow
) -> PasswordAnswer:
    login = await company_files.login_of_connection(services, visitor, connection_id)
    password = await company_files.reset_password(services, visitor, login.id)
    return PasswordAnswer(user_name=login.user_name, password=password)


async def _file(services: Services, visitor: Visitor, login: WebConnectorLogin) -> Response:
    await company_files.note_download(services, visitor, login.id)
    return Response(
        company_files.web_connector_file(services, login, visitor.company.name),
        media_type="application/xml",
        headers={"content-disposition": f'attachment; filename="{login.user_name}.qwc"'},
    )
