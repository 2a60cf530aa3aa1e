"""docker-compose.temporal.yml and its Dockerfile: sound, pinned, without default passwords, naming only what exists."""

import copy
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.preparing import RETENTION
from demo.embedded import temporal_binary
from foundation.settings import Settings
from tests.compose_file import PORT, MissingVariable, faults, read_compose, uses
from tests.dotenv_example import ROOT, example_variables

TEXT = (ROOT / "docker-compose.temporal.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRETS = re.compile(r"PASSWORD|SECRET|KEYS|PWD|TOKEN$|API_KEY|VERIFIER")
REQUIRED = {use.name for use in uses(TEXT) if use.operator.endswith("?")}
FILLED = {name: f"value-of-{name.lower()}" for name in REQUIRED}
PRODUCT = ("set-up", "api", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose(TEXT, FILLED)


def test_it_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    assert faults(compose) == []


def _without_image(compose: dict[str, Any]) -> None:
    del compose["services"]["postgres"]["image"]


def _untagged(compose: dict[str, Any]) -> None:
    compose["services"]["temporal"]["image"] = "temporalio/server"


def _waiting_for_nobody(compose: dict[str, Any]) -> None:
    compose["services"]["api"]["depends_on"]["migrations"] = {"condition": "service_healthy"}


def _waiting_for_health_nobody_checks(compose: dict[str, Any]) -> None:
    del compose["services"]["temporal"]["healthcheck"]


def _waiting_for_an_end_that_never_comes(compose: dict[str, Any]) -> None:
    compose["services"]["set-up"]["restart"] = "unless-stopped"


def _misspelt(compose: dict[str, Any]) -> None:
    compose["services"]["api"]["health_check"] = {}


def _shapeless_health_check(compose: dict[str, Any]) -> None:
    compose["services"]["api"]["healthcheck"]["test"] = "python -m api"


def _undeclared_volume(compose: dict[str, Any]) -> None:
    compose["volumes"] = {}


@pytest.mark.parametrize(
    "spoil",
    [
        _without_image,
        _untagged,
        _waiting_for_nobody,
        _waiting_for_health_nobody_checks,
        _waiting_for_an_end_that_never_comes,
        _misspelt,
        _shapeless_health_check,
        _undeclared_volume,
    ],
)
def test_a_broken_file_is_found(compose: dict[str, Any], spoil: Callable[[dict[str, Any]], None]) -> None:
    broken = copy.deepcopy(compose)
    spoil(broken)
    assert faults(broken) != []


def test_everything_of_the_issue_is_there(compose: dict[str, Any]) -> None:
    images = {name: service.get("image", "") for name, service in compose["services"].items()}
    for image in ("postgres:", "temporalio/server:", "temporalio/ui:", "temporalio/admin-tools:"):
        assert any(named.startswith(image) for named in images.values())
    assert set(PRODUCT) <= set(images)
    for name, service in compose["services"].items():
        ends = service.get("restart", "no") == "no" or str(service["restart"]).startswith("on-failure")
        assert ends or "healthcheck" in service, f"{name} has no health check"


# --- variables


def test_every_variable_is_in_the_example() -> None:
    assert {use.name for use in uses(TEXT)} <= set(example_variables())


def test_the_product_is_given_every_setting(compose: dict[str, Any]) -> None:
    wanted = {name.upper() for name in Settings.model_fields}
    for name in PRODUCT:
        assert wanted <= set(compose["services"][name]["environment"]), name


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_missing_required_variable_is_named(name: str) -> None:
    for absent in ({}, {name: ""}):
        with pytest.raises(MissingVariable, match=f"set {name} in .env"):
            read_compose(TEXT, {key: value for key, value in FILLED.items() if key != name} | absent)


def test_what_the_product_requires_is_required_here_too() -> None:
    assert {name.upper() for name, field in Settings.model_fields.items() if field.is_required()} <= REQUIRED


def test_there_is_no_default_password() -> None:
    assert [use for use in uses(TEXT) if SECRETS.search(use.name) and use.operator.endswith("-") and use.rest] == []
    nothing_given = read_compose(TEXT, dict.fromkeys(REQUIRED, "\N{LOCK}"))
    for name, service in nothing_given["services"].items():
        for variable, value in service.get("environment", {}).items():
            if SECRETS.search(variable):
                assert value in ("", "\N{LOCK}"), f"{name}: {variable} has a value of its own"


# --- versions and ports


def test_the_server_and_its_ui_are_those_of_the_dev_server(compose: dict[str, Any]) -> None:
    binary = temporal_binary()
    assert binary is not None
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    versions = re.search(r"Server (\S+), UI (\S+)\)", said)
    assert versions is not None
    services = compose["services"]
    assert services["temporal"]["image"] == f"temporalio/server:{versions[1]}"
    assert services["temporal-schema"]["image"] == f"temporalio/admin-tools:{versions[1]}"
    assert services["temporal-ui"]["image"] == f"temporalio/ui:{versions[2]}"


def test_only_the_pages_have_ports_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert set(published) == {"api", "temporal-ui"}
    for ports in published.values():
        for port in ports:
            found = PORT.match(port)
            assert found is not None
            assert found["address"] == "127.0.0.1"


def test_each_part_is_found_where_the_others_look_for_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    api = services["api"]
    listening = api["command"][api["command"].index("--port") + 1]
    assert api["ports"][0].endswith(f":{listening}")
    assert f"127.0.0.1:{listening}/" in api["healthcheck"]["test"][-1]
    for environment in (services[name]["environment"] for name in PRODUCT):
        assert environment["TEMPORAL_ADDRESS"] == services["temporal-ui"]["environment"]["TEMPORAL_ADDRESS"]
        assert "@postgres:5432/" + services["postgres"]["environment"]["POSTGRES_DB"] in environment["DATABASE_URL"]
    assert services["temporal"]["environment"]["POSTGRES_SEEDS"] == "postgres"
    assert services["temporal-schema"]["environment"]["SQL_HOST"] == "postgres"


def test_the_path_of_the_health_check_answers(compose: dict[str, Any]) -> None:
    path = re.search(r"127\.0\.0\.1:\d+(/\w+)", compose["services"]["api"]["healthcheck"]["test"][-1])
    assert path is not None
    assert f'@app.get("{path[1]}"' in (ROOT / "api" / "app.py").read_text()


# --- commands and files


def test_every_command_of_ours_exists(compose: dict[str, Any]) -> None:
    for name in PRODUCT:
        service = compose["services"][name]
        for command in (service["command"], service.get("healthcheck", {}).get("test", ["CMD"])[1:]):
            if command[:2] == ["python", "-m"]:
                assert importlib.util.find_spec(command[2]) is not None, command
            elif command[:1] == ["inbuild-sync"]:
                _assert_subcommand_exists(command[1])
            else:
                assert command[:2] in ([], ["python", "-c"]), f"{name} runs {command}, which nobody checks"


def _assert_subcommand_exists(subcommand: str) -> None:
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]["inbuild-sync"]
    module, _, function = entry.partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    shown = subprocess.run(
        [Path(sys.executable).parent / "inbuild-sync", subcommand, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr


def test_the_namespace_keeps_thirty_days() -> None:
    assert RETENTION.days == 30


def _copied_into_the_image() -> set[str]:
    instructions = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return {source for words in instructions for source in words.split()[:-1]}


def test_every_file_the_image_is_made_of_exists(compose: dict[str, Any]) -> None:
    for name in PRODUCT:
        build = compose["services"][name]["build"]
        assert (ROOT / build["context"] / build["dockerfile"]).is_file()
    assert [source for source in _copied_into_the_image() if not (ROOT / source).exists()] == []


def test_the_image_carries_every_package_the_product_imports() -> None:
    carried = _copied_into_the_image()
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    product = set(contracts["root_packages"]) - {"benchmarks", "demo", "simulators"}
    assert product | {"docker", "worker.py", "alembic.ini", "migrations"} <= carried


def test_the_image_does_not_run_as_root_and_installs_by_hash() -> None:
    assert re.search(r"^USER (?!root)\w+", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes --constraint requirements.lock" in DOCKERFILE
    assert all(line.startswith("FROM python:3.11-slim") for line in DOCKERFILE.splitlines() if line.startswith("FROM"))


def test_the_build_is_given_no_secret_and_no_history() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".venv", ".run", "**/node_modules"} <= set(ignored)
