"""Reads a Compose file as Docker Compose would: variables filled in, then checked against the specification's rules.

There is no Docker here; these are the rules of the Compose specification that our file uses, written down by hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

VARIABLE = re.compile(r"\$(?:\$|(?P<plain>\w+)|\{(?P<name>\w+)(?:(?P<operator>:?[-?+])(?P<rest>[^}]*))?\})")
TOP_LEVEL = {"name", "services", "volumes", "networks", "configs", "secrets", "include"}
SERVICE_KEYS = {
    *("build", "image", "command", "entrypoint", "environment", "env_file", "ports", "expose", "volumes", "depends_on"),
    *("healthcheck", "restart", "networks", "user", "working_dir", "init", "stop_grace_period", "stop_signal"),
    *("labels", "logging", "deploy", "profiles", "read_only", "tmpfs"),
}
HEALTHCHECK_KEYS = {"test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"^(\d+(us|ms|s|m|h))+$")
PORT = re.compile(r"^(?:(?P<address>[\d.]+):)?(?P<published>\d+):(?P<target>\d+)(?:/(tcp|udp))?$")
IMAGE = re.compile(r"^[a-z0-9./_-]+:(?P<tag>[\w.-]+)$")
RESTART = re.compile(r"^(no|always|unless-stopped|on-failure(:\d+)?)$")


class MissingVariable(Exception):
    """A required variable is not set; the message is what Docker Compose would print."""


@dataclass(frozen=True)
class Use:
    """One place where the file asks for a variable."""

    name: str
    operator: str
    rest: str


def uses(text: str) -> list[Use]:
    without_comments = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [
        Use(found["name"] or found["plain"], found["operator"] or "", found["rest"] or "")
        for found in VARIABLE.finditer(without_comments)
        if found["name"] or found["plain"]
    ]


def interpolate(value: str, variables: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found["name"] or found["plain"]
        if name is None:
            return "$"
        given, operator, rest = variables.get(name), found["operator"] or "", found["rest"] or ""
        unset = given is None or (operator.startswith(":") and given == "")
        if operator.endswith("?") and unset:
            raise MissingVariable(f"required variable {name} is missing a value: {rest}")
        return rest if operator.endswith("-") and unset else (given or "")

    return VARIABLE.sub(fill, value)


def read_compose(text: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with its variables filled in. Raises MissingVariable as Docker Compose does."""
    filled: dict[str, Any] = _fill(yaml.safe_load(text), variables)
    return filled


def _fill(node: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return interpolate(node, variables)
    if isinstance(node, dict):
        return {key: _fill(value, variables) for key, value in node.items()}
    return [_fill(value, variables) for value in node] if isinstance(node, list) else node


def faults(compose: dict[str, Any]) -> list[str]:
    """What Docker Compose would refuse, or what would start in the wrong order; one sentence each."""
    unknown = [key for key in compose if key not in TOP_LEVEL and not key.startswith("x-")]
    found = [f"unknown top-level key {key}" for key in unknown]
    services: dict[str, Any] = compose.get("services") or {}
    if not services:
        found.append("no services")
    for name, service in services.items():
        found += [f"{name}: {fault}" for fault in _service_faults(service, services, compose)]
    return found


def _service_faults(service: dict[str, Any], services: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown key {key}" for key in set(service) - SERVICE_KEYS)
    if "image" not in service and "build" not in service:
        yield "neither image nor build"
    if "image" in service and not IMAGE.match(service["image"]):
        yield f"image {service['image']} names no tag"
    if not RESTART.match(str(service.get("restart", "no"))):
        yield f"restart {service['restart']} is unknown"
    if not all(isinstance(value, str | int) for value in service.get("environment", {}).values()):
        yield "an environment value is no text"
    for port in service.get("ports", []):
        if not PORT.match(str(port)):
            yield f"port {port} is not address:published:target"
    for volume in service.get("volumes", []):
        source = str(volume).split(":")[0]
        if not source.startswith((".", "/")) and source not in (compose.get("volumes") or {}):
            yield f"volume {source} is not declared"
    if "stop_grace_period" in service and not DURATION.match(service["stop_grace_period"]):
        yield "stop_grace_period is no duration"
    yield from _dependency_faults(service.get("depends_on", {}), services)
    yield from _healthcheck_faults(service.get("healthcheck"))


def _dependency_faults(depends_on: dict[str, Any], services: dict[str, Any]) -> Iterator[str]:
    for other, how in depends_on.items():
        condition = how.get("condition")
        if condition not in CONDITIONS:
            yield f"depends on {other} with the unknown condition {condition}"
        if other not in services:
            yield f"depends on {other}, which is no service"
            continue
        target = services[other]
        if condition == "service_healthy" and "healthcheck" not in target:
            yield f"waits for {other} to be healthy, which has no health check"
        if condition == "service_completed_successfully" and target.get("restart") in ("always", "unless-stopped"):
            yield f"waits for {other} to end, which never ends"


def _healthcheck_faults(check: dict[str, Any] | None) -> Iterator[str]:
    if check is None:
        return
    yield from (f"health check: unknown key {key}" for key in set(check) - HEALTHCHECK_KEYS)
    test = check.get("test")
    if not isinstance(test, list) or len(test) < 2 or test[0] not in ("CMD", "CMD-SHELL"):
        yield "health check: test is not [CMD, ...]"
    for key in ("interval", "timeout", "start_period"):
        if key in check and not DURATION.match(str(check[key])):
            yield f"health check: {key} is no duration"
    if not isinstance(check.get("retries", 1), int):
        yield "health check: retries is no number"
