"""Settings by environment, read once at start-up. What is wrong is said in one line that names the variable."""

import re
import sys
from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from foundation.secret_box import SecretBox, parse_key_ring

EXIT_WRONG_SETTINGS = 2
# What most processes cannot do without; the demo sets both itself.
Need = Literal["database_url", "temporal_address"]
LEAST_BATCHES = 6


def _base_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    # The value is not repeated: it may hold a password.
    wanted = ValueError("must read postgresql+psycopg://user:password@host:port/database")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise wanted from None
    if url.drivername != "postgresql+psycopg" or not url.database:
        raise wanted
    return value


def _host_and_port(value: str) -> str:
    if re.fullmatch(r"[^\s/]+:[0-9]{1,5}", value) is None:
        raise ValueError("must read host:port")
    return value


def _page_pattern(*parts: str) -> AfterValidator:
    """A web address with ``{parts}`` to be filled in."""

    def checked(value: str) -> str:
        try:
            filled = value.format(**dict.fromkeys(parts, ""))
        except (KeyError, IndexError, ValueError):
            named = ", ".join(f"{{{part}}}" for part in parts)
            raise ValueError(f"may hold {named} and nothing else in braces") from None
        _base_url(filled)
        return value

    return AfterValidator(checked)


def _key_ring(value: SecretStr) -> SecretStr:
    parse_key_ring(value.get_secret_value())
    return value


def _sender(value: str) -> str:
    if parseaddr(value)[1].count("@") != 1 or not value.isprintable():
        raise ValueError("must be an address, as alerts@example.com or inBuild Sync <alerts@example.com>")
    return value


def _batches(value: int) -> int:
    # A batch of invoices is two requests that go together: with fewer the second waits longer than an activity may.
    if 0 < value < LEAST_BATCHES:
        raise ValueError(f"must be at least {LEAST_BATCHES}, or 0 for no pacing")
    return value


BaseUrl = Annotated[str, AfterValidator(_base_url)]
KeyRing = Annotated[SecretStr, AfterValidator(_key_ring)]


class Settings(BaseSettings):
    """Every variable the product reads; `.env.example` lists them with their meaning."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: Annotated[str, AfterValidator(_database_url)] | None = None
    temporal_address: Annotated[str, AfterValidator(_host_and_port)] | None = None
    temporal_namespace: str = "default"
    temporal_tls: bool = False
    temporal_api_key: SecretStr | None = None
    temporal_ui_url: BaseUrl | None = None
    temporal_task_queue: str = "inbuild-sync"

    public_base_url: BaseUrl
    session_secret: SecretStr = Field(min_length=32)
    encryption_keys: KeyRing

    procore_environment: str = "production"
    procore_login_url: BaseUrl = "https://login.procore.com"
    procore_api_url: BaseUrl = "https://api.procore.com"
    procore_requisition_page: Annotated[str, _page_pattern("project_id", "requisition_id")] = (
        "https://app.procore.com/{project_id}/project/home"
    )
    procore_client_id: str
    procore_client_secret: SecretStr
    procore_hourly_allowance: int = Field(default=600, ge=60)
    procore_webhooks: bool = True

    intuit_environment: str = "production"
    intuit_authorize_url: BaseUrl = "https://appcenter.intuit.com/connect/oauth2"
    intuit_token_url: BaseUrl = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    intuit_revoke_url: BaseUrl = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
    intuit_api_url: BaseUrl = "https://quickbooks.api.intuit.com"
    intuit_bill_page: Annotated[str, _page_pattern("company_id", "bill_id")] = (
        "https://app.qbo.intuit.com/app/bill?txnId={bill_id}"
    )
    intuit_vendor_credit_page: Annotated[str, _page_pattern("company_id", "credit_id")] = (
        "https://app.qbo.intuit.com/app/vendorcredit?txnId={credit_id}"
    )
    intuit_client_id: str
    intuit_client_secret: SecretStr
    intuit_webhook_verifier: SecretStr | None = None

    intuit_requests_per_second: int = Field(default=10, ge=0)
    intuit_batches_per_minute: Annotated[int, Field(ge=0), AfterValidator(_batches)] = 40

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    mail_from: Annotated[str, AfterValidator(_sender)] = "inBuild Sync <alerts@localhost>"
    alert_collect_seconds: int = Field(default=300, ge=0)
    alert_webhooks_anywhere: bool = False

    # Of one QuickBooks company: the shortest time between two readings for payments, and the longest without news.
    payment_pull_seconds: int = Field(default=600, ge=1)
    payment_sweep_seconds: int = Field(default=86400, ge=1)

    look_interval_seconds: int = Field(default=300, ge=1)
    connecting_seconds: int = Field(default=900, ge=10)
    log_format: Literal["json", "text"] = "json"

    @property
    def mail_is_on(self) -> bool:
        """Whether there is a mail server: without one nothing is mailed, and the pages say so."""
        return bool(self.smtp_host)

    def secret_box(self) -> SecretBox:
        return SecretBox(parse_key_ring(self.encryption_keys.get_secret_value()))


def load_settings(*needs: Need) -> Settings:
    """The settings of this process, which needs these besides what all need. On a wrong or missing one: a line for each
    on stderr, and exit code 2.
    """
    try:
        settings = Settings()
    except ValidationError as wrong:
        for problem in wrong.errors():
            said = "is missing" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
            _complain("_".join(str(part) for part in problem["loc"]), said)
        raise SystemExit(EXIT_WRONG_SETTINGS) from None
    empty = [need for need in needs if getattr(settings, need) is None]
    for need in empty:
        _complain(need, "is empty; `make demo` starts an embedded server, nothing else does")
    if empty:
        raise SystemExit(EXIT_WRONG_SETTINGS)
    return settings


def _complain(name: str, said: str) -> None:
    print(f"settings: {name.upper()} {said} (see .env.example)", file=sys.stderr)  # noqa: T201 - before logging exists


__all__ = ["EXIT_WRONG_SETTINGS", "Need", "Settings", "load_settings"]
