"""How this product talks to Temporal: one data converter (where a codec can be switched on) and one way to connect."""

from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

from foundation.settings import Settings
from foundation.telemetry import is_tracing

DATA_CONVERTER: DataConverter = pydantic_data_converter


async def connect(settings: Settings) -> Client:
    """A client for the configured server. Raises RuntimeError when it does not answer."""
    if settings.temporal_address is None:
        raise RuntimeError("TEMPORAL_ADDRESS is empty; `make demo` starts an embedded server, nothing else does")
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        tls=settings.temporal_tls,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        data_converter=DATA_CONVERTER,
        interceptors=[TracingInterceptor()] if is_tracing() else [],
    )
