"""The web application: JSON under /api/v1 for programs, pages for people, one set of intents behind both."""

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import APIRouter, FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.body_size import BodySizeCap, limit_of
from api.intents.receiving import Receiving
from api.live import News
from api.pages import (
    accounting_integrations,
    alerts,
    appearance,
    company_settings,
    connection_settings,
    data_mapping,
    home,
    invoice_decisions,
    live,
    mapping_history,
    mapping_suggestions,
    procore_settings,
    project_books,
    quickbooks_callback,
    recoding,
    sign_in,
    support,
    webhook_endpoints,
)
from api.pages import after_posting as after_posting_page
from api.pages import invoice as invoice_page
from api.pages import invoices as invoice_pages
from api.pages import mapping_sheet as mapping_sheet_page
from api.pages import month_end as month_end_page
from api.pages import reconciliation as reconciliation_page
from api.pages import retainage as retainage_page
from api.pages import taking_back as taking_back_pages
from api.pages import upload as upload_page
from api.pages import why as why_page
from api.pages.rendering import WEB
from api.problems import ErrorAnswer, Problem, add_handlers, answer_problem
from api.routes import (
    after_posting,
    company_files,
    connections,
    deciding,
    invoices,
    mappings,
    me,
    mirroring,
    month_end,
    moving_on,
    new_vendors,
    payments,
    procore_access,
    pushes,
    reconciliation,
    requisitions,
    retainage,
    taking_back,
    web_connector,
    webhooks,
    work,
)
from api.routes import alerts as alert_routes
from api.routes import company_settings as company_settings_routes
from api.routes import webhook_endpoints as webhook_endpoint_routes
from api.services import Services
from api.tracing import NATIVE, RequestSpans
from api.web_connector.sign_in import SignInThrottle
from foundation.settings import Settings

SESSION_COOKIE = "inbuild_session"
# A working day: a person who lost their rights or their laptop is out by the next morning.
SESSION_SECONDS = 12 * 60 * 60
PROBLEMS = {status: {"model": ErrorAnswer} for status in (401, 403, 404, 409, 413, 422, 500, 503)}

HEADERS = {
    # No inline script or style anywhere, and nothing from another host.
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


def create_app(services: Services) -> FastAPI:
    """The application over opened services; it opens and closes nothing itself."""
    app = build_app(services.settings)
    serve_from(app, services)
    return app


def serve_from(app: FastAPI, services: Services) -> None:
    """Let a built application answer from these services, which were opened for the settings it was built with."""
    app.state.services = services
    app.state.receiving = Receiving(services)
    app.state.news = News(services.database)
    app.state.sign_in_throttle = SignInThrottle(services.clock)


def build_app(settings: Settings) -> FastAPI:
    """Routes and middleware, with nothing behind them yet."""
    app = FastAPI(title="inBuild Sync", version="1", docs_url=None, redoc_url=None, telemetry=NATIVE)
    add_handlers(app)

    program = APIRouter(prefix="/api/v1", responses=PROBLEMS)  # type: ignore[arg-type]
    for routes in (
        me,
        company_settings_routes,
        connections,
        company_files,
        mirroring,
        moving_on,
        procore_access,
        requisitions,
        mappings,
        new_vendors,
        retainage,
        work,
        month_end,
        reconciliation,
        invoices,
        payments,
        deciding,
        after_posting,
        taking_back,
        pushes,
        alert_routes,
        webhook_endpoint_routes,
    ):
        program.include_router(routes.router)
    app.include_router(program)
    app.include_router(web_connector.router)
    app.include_router(webhooks.router, responses=PROBLEMS)  # type: ignore[arg-type]
    for pages in (
        sign_in,
        appearance,
        live,
        home,
        invoice_pages,
        upload_page,
        taking_back_pages,
        invoice_page,
        after_posting_page,
        reconciliation_page,
        invoice_decisions,
        recoding,
        month_end_page,
        why_page,
        company_settings,
        accounting_integrations,
        connection_settings,
        data_mapping,
        mapping_suggestions,
        mapping_sheet_page,
        mapping_history,
        retainage_page,
        project_books,
        procore_settings,
        quickbooks_callback,
        alerts,
        webhook_endpoints,
        support,
    ):
        app.include_router(pages.router, include_in_schema=False)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")

    app.add_middleware(
        SessionMiddleware,
        secret_key=settings.session_secret.get_secret_value(),
        session_cookie=SESSION_COOKIE,
        max_age=SESSION_SECONDS,
        same_site="lax",
        https_only=settings.public_base_url.startswith("https://"),
    )
    app.add_middleware(CrossOriginProtection, deny_app=_refuse_cross_origin)
    app.add_middleware(BodySizeCap, limit_of=limit_of)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestSpans)
    return app


async def _refuse_cross_origin(scope: Scope, receive: Receive, send: Send) -> None:
    problem = Problem(
        403, "cross_origin", "This request came from another site and was refused. Use inBuild's own pages."
    )
    await answer_problem(Request(scope, receive), problem)(scope, receive, send)


class SecurityHeaders:
    """Adds the headers every answer carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
