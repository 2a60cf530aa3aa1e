"""Settings come from the environment; what is wrong with them is one line that names the variable, and exit code 2."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.settings import Need, Settings, load_settings
from tests.dotenv_example import ROOT, example_variables

KEY = base64.b64encode(b"k" * 32).decode()
REQUIRED = {
    "PUBLIC_BASE_URL": "https://sync.example.com",
    "SESSION_SECRET": "s" * 32,
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "PROCORE_CLIENT_ID": "procore-app",
    "PROCORE_CLIENT_SECRET": "procore-secret-of-the-test",
    "INTUIT_CLIENT_ID": "intuit-app",
    "INTUIT_CLIENT_SECRET": "intuit-secret-of-the-test",
}
# Read by others than the product itself: OpenTelemetry's own library, and docker-compose.temporal.yml.
NOT_OURS = {"OTEL_EXPORTER_OTLP_ENDPOINT", "POSTGRES_PASSWORD", "API_PORT", "TEMPORAL_UI_PORT"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Only the required variables, and no .env file."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def _complaint(capsys: pytest.CaptureFixture[str], *needs: Need) -> str:
    with pytest.raises(SystemExit) as ended:
        load_settings(*needs)
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_the_required_ones_are_enough(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.procore_api_url == "https://api.procore.com"
    assert settings.database_url is None
    assert settings.secret_box() is not None


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_one_is_named(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> None:
    environment.delenv(name)
    assert _complaint(capsys) == f"settings: {name} is missing (see .env.example)"


def test_an_empty_one_is_a_missing_one(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment.setenv("PROCORE_CLIENT_ID", "")
    assert _complaint(capsys) == "settings: PROCORE_CLIENT_ID is missing (see .env.example)"


WRONG = {
    "DATABASE_URL": ("postgresql://sync:pa55@db/sync", "must read postgresql+psycopg://"),
    "TEMPORAL_ADDRESS": ("https://temporal.example.com", "must read host:port"),
    "PUBLIC_BASE_URL": ("sync.example.com", "must start with http:// or https://"),
    "SESSION_SECRET": ("too-short", "at least 32"),
    "ENCRYPTION_KEYS": ("k1:not-base64!", "key 1 is not base64"),
    "PROCORE_API_URL": ("ftp://api.procore.com", "must start with http:// or https://"),
    "PROCORE_HOURLY_ALLOWANCE": ("many", "valid integer"),
    "INTUIT_BATCHES_PER_MINUTE": ("5", "must be at least 6, or 0 for no pacing"),
    "TEMPORAL_TLS": ("perhaps", "valid boolean"),
    "LOOK_INTERVAL_SECONDS": ("0", "greater than or equal to 1"),
    "CONNECTING_SECONDS": ("9", "greater than or equal to 10"),
    "LOG_FORMAT": ("pretty", "'json' or 'text'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_is_named_with_what_is_wrong(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    value, said = WRONG[name]
    environment.setenv(name, value)
    line = _complaint(capsys)
    assert line.startswith(f"settings: {name} ")
    assert said in line


@pytest.mark.parametrize(
    "url", ["localhost:5432/sync", "postgresql+psycopg://sync:pa55@db:port/sync", "postgresql+psycopg://sync:pa55@db"]
)
def test_a_wrong_database_is_told_without_telling_its_password(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    environment.setenv("DATABASE_URL", url)
    line = _complaint(capsys)
    assert line.startswith("settings: DATABASE_URL must read postgresql+psycopg://")
    assert "pa55" not in line


def test_what_a_process_needs_besides_is_named_as_well(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("DATABASE_URL", "postgresql+psycopg://sync:pa55@db:5432/sync")
    assert load_settings("database_url").database_url is not None
    line = _complaint(capsys, "database_url", "temporal_address")
    assert line.startswith("settings: TEMPORAL_ADDRESS is empty")


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        (f"k1:{KEY},k1:{KEY}", "the key id 'k1' stands twice"),
        (f"k1:{KEY},k2:{base64.b64encode(b'short').decode()}", "key 2 must read id:base64 with 32 bytes"),
        (KEY, "key 1 "),
        (" , ", "it holds no key"),
    ],
)
def test_a_wrong_key_ring_is_told_without_telling_a_key(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: str, said: str
) -> None:
    environment.setenv("ENCRYPTION_KEYS", ring)
    line = _complaint(capsys)
    assert said in line
    assert KEY not in line


def test_every_fault_has_its_line(environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    environment.delenv("PROCORE_CLIENT_ID")
    environment.setenv("TEMPORAL_TLS", "perhaps")
    with pytest.raises(SystemExit):
        load_settings()
    lines = capsys.readouterr().err.splitlines()
    assert {line.split()[1] for line in lines} == {"PROCORE_CLIENT_ID", "TEMPORAL_TLS"}


def test_no_secret_is_shown_by_printing_the_settings(environment: pytest.MonkeyPatch) -> None:
    shown = repr(load_settings())
    for name in ("SESSION_SECRET", "ENCRYPTION_KEYS", "PROCORE_CLIENT_SECRET", "INTUIT_CLIENT_SECRET"):
        assert REQUIRED[name] not in shown


def test_a_process_without_settings_ends_with_code_2(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from foundation.settings import load_settings; load_settings()"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert {line.split()[1] for line in ended.stderr.splitlines()} == set(REQUIRED)


# --- .env.example


def test_the_example_names_every_variable_and_no_other() -> None:
    ours = {name.upper() for name in Settings.model_fields}
    assert set(example_variables()) - NOT_OURS == ours
    assert set(example_variables()) >= NOT_OURS


def test_the_readmes_table_names_every_variable_and_no_other() -> None:
    table = (ROOT / "README.md").read_text().partition("\n## Configuration\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_shows_the_defaults() -> None:
    shown = example_variables()
    for name, field in Settings.model_fields.items():
        value = shown[name.upper()]
        if field.is_required() or field.default is None:
            assert value == "", f"{name.upper()} has no default to show"
        else:
            assert value in (str(field.default), str(field.default).lower()), (
                f"{name.upper()} shows another value than its default"
            )


def test_the_example_filled_in_is_a_working_configuration(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in REQUIRED:
        environment.delenv(name)
    filled = example_variables() | REQUIRED
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in filled.items()))
    settings = load_settings()
    assert settings.public_base_url == REQUIRED["PUBLIC_BASE_URL"]
    assert settings.temporal_address is None
    assert settings.look_interval_seconds == Settings.model_fields["look_interval_seconds"].default
