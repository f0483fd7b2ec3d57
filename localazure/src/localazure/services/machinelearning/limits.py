"""Limits of the service (facts, table of limits): each raises ArmError 400. Pure."""

import re
from collections.abc import Mapping

from localazure.services.machinelearning.errors import invalid_name, over_limit

NAME = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,30}[a-zA-Z0-9]")
NAME_RULE = "3 to 32 letters, digits and single dashes; it starts with a letter and ends with a letter or digit"
# Of models, codes and environments in azure-rest-api-specs: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]{0,254}$. The service takes dots
# too: the public registry has models such as Phi-3.5-mini-instruct, and versions are written as 1.0.
ASSET_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}")
ASSET_NAME_RULE = "1 to 255 letters, digits, dots, dashes and underscores; it starts with a letter or digit"
DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.ASCII)
UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
QUANTITY = re.compile(rf"(\d{{1,15}}(?:\.\d{{1,15}})?)({'|'.join(UNITS)})", re.ASCII)
INSTANCES = 50
DEPLOYMENTS = 20
ENDPOINTS = 100
SHORTEST_MS = 1_000
TIMEOUT_MS = {True: 180_000, False: 300_000}


def check_name(what: str, name: str) -> None:
    """Names of managed endpoints and deployments."""
    if NAME.fullmatch(name) is None:
        raise invalid_name(what, name, NAME_RULE)


def check_asset_name(what: str, name: str) -> None:
    """Names and versions of models, codes and environments."""
    if ASSET_NAME.fullmatch(name) is None:
        raise invalid_name(what, name[:300], ASSET_NAME_RULE)


def check_kubernetes_names(endpoint: str, deployment: str) -> None:
    """On Kubernetes both names together are 6 to 62 characters."""
    if not 6 <= len(endpoint) + len(deployment) <= 62:
        raise invalid_name("deployment", deployment, "with its endpoint's name it has to be 6 to 62 characters")


def check_instances(capacity: int) -> None:
    """1 to 50 instances."""
    if not 1 <= capacity <= INSTANCES:
        raise over_limit(f"sku.capacity must be 1 to {INSTANCES}, got {capacity}.")


def check_count(what: str, count: int, limit: int) -> None:
    """How many there may be, the new one counted."""
    if count > limit:
        raise over_limit(f"There can be {limit} {what} at most.")


def quantity(text: str, path: str) -> float:
    """A quantity as Kubernetes writes it: `0.5`, `500m`, `1Gi`, `200M`."""
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise over_limit(f"{path} must be a quantity such as 500m or 1Gi, got '{text}'.")
    return float(match[1]) * UNITS[match[2]]


def milliseconds(duration: str, path: str) -> int:
    """An ISO 8601 duration, e.g. `PT5S`, `PT0.5S`, `PT1M30S`."""
    match = DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        raise over_limit(f"{path} must be an ISO 8601 duration such as PT5S, got '{duration}'.")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return round(1000 * (((days * 24 + hours) * 60 + minutes) * 60 + seconds))


def check_probe(name: str, times: Mapping[str, str | None]) -> None:
    """A probe's times: `initialDelay`, `period`, `timeout`, each a second at least where it is said.

    Source: Microsoft's CLI (v2) YAML schema of managed online deployments, ProbeSettings.
    """
    for key, told in times.items():
        if told is not None and milliseconds(told, f"{name}.{key}") < SHORTEST_MS:
            raise over_limit(f"{name}.{key} must be a second or more, got '{told}'.")


def check_timeout(duration: str, managed: bool) -> None:
    """A request's time: at most 180 s (managed) or 300 s (Kubernetes)."""
    took, limit = milliseconds(duration, "requestSettings.requestTimeout"), TIMEOUT_MS[managed]
    if took > limit:
        raise over_limit(f"requestSettings.requestTimeout must be at most {limit} ms, got {took} ms.")
