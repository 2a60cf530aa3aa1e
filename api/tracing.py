"""One span per request: what a click sets off is read from here on, over signals and activities to the providers.

FastAPI's own spans are switched off: they write the query down, which on Intuit's callback holds the code and the
state, and they take part in any trace a caller names.
"""

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation.telemetry import TRACER

# Request metrics are FastAPI's; they name the route only.
NATIVE = TelemetryConfig(tracing=False, logs=False, auto_configure=False)
# Asked all day long by machines, and nothing follows from them.
UNTOLD = ("/healthz", "/static/")


class RequestSpans:
    """Begins a trace with each request, named by method and route (OpenTelemetry's conventions for HTTP servers).

    Address, query, headers and the text of errors stay out. A trace that the caller names is not believed: a
    stranger's webhook could hang its calls on anybody's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTOLD):
            await self._app(scope, receive, send)
            return
        with TRACER.start_as_current_span(
            scope["method"], kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            span.set_attribute("http.request.method", scope["method"])

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _note_status(span, message["status"])
                await send(message)

            try:
                await self._app(scope, receive, noted)
            except BaseException:
                _note_status(span, 500)
                raise
            finally:
                _note_route(span, scope)


def _note_status(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def _note_route(span: Span, scope: Scope) -> None:
    if "endpoint" in scope:
        # Every parameter of ours is a whole segment; its name stands for it.
        names = {value: f"{{{name}}}" for name, value in scope["path_params"].items()}
        route = "/".join(names.get(segment, segment) for segment in scope["path"].split("/"))
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
