"""The api-versions that a type has.

Microsoft.MachineLearningServices: the whole list, as azure-native's SDK 3.29 and azure-ai-ml 1.35 know it. Of the other
providers: the first one; any later date is taken, since their lists change faster than what is modelled of them.
"""

import re
from datetime import date

from localazure.arm.errors import ArmError, bad_request

FORM = re.compile(r"(\d{4}-\d{2}-\d{2})(-[a-z]+)?")
SERVICE = "microsoft.machinelearningservices"
SERVICE_VERSIONS = (
    "2021-03-01-preview 2021-10-01 2022-01-01-preview 2022-02-01-preview 2022-05-01 2022-06-01-preview 2022-10-01 "
    "2022-10-01-preview 2022-12-01-preview 2023-02-01-preview 2023-04-01 2023-04-01-preview 2023-06-01-preview "
    "2023-08-01-preview 2023-10-01 2024-01-01-preview 2024-04-01 2024-04-01-preview 2024-07-01-preview 2024-10-01 "
    "2024-10-01-preview 2025-01-01-preview 2025-04-01 2025-04-01-preview 2025-06-01 2025-07-01-preview 2025-09-01 "
    "2025-10-01-preview 2025-12-01 2026-01-15-preview 2026-03-01 2026-03-15-preview 2026-05-01 2026-05-15-preview"
)
OLD_WORKSPACE_VERSIONS = (
    "2018-11-19 2019-05-01 2019-06-01 2019-11-01 2020-01-01 2020-03-01 2020-04-01 2020-05-01-preview "
    "2020-05-15-preview 2020-06-01 2020-08-01 2020-09-01-preview 2021-01-01 2021-04-01 2021-07-01"
)
FIRST = {
    "microsoft.authorization": "2015-07-01",
    "microsoft.containerregistry": "2017-03-01",
    "microsoft.containerservice": "2017-07-01",
    "microsoft.insights": "2014-04-01",
    "microsoft.keyvault": "2015-06-01",
    "microsoft.kubernetesconfiguration": "2019-11-01-preview",
    "microsoft.managedidentity": "2015-08-31-preview",
    "microsoft.network": "2015-05-01-preview",
    "microsoft.operationalinsights": "2015-03-20",
    "microsoft.resources": "2014-04-01",
    "microsoft.storage": "2015-05-01-preview",
}


def check_version(version: str, type_name: str) -> None:
    """Raises ArmError 400 for an api-version that is missing, malformed, or none of the type's."""
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise bad_request("MissingApiVersionParameter", message)
    if (match := FORM.fullmatch(version)) is None or not _is_date(match[1]):
        message = f"The api-version '{version}' is invalid: expected YYYY-MM-DD, or YYYY-MM-DD-preview."
        raise bad_request("InvalidApiVersionParameter", message)
    provider = type_name.lower().split("/", 1)[0]
    if provider == SERVICE:
        known = SERVICE_VERSIONS.split()
        if type_name.lower() == f"{SERVICE}/workspaces":
            known = [*OLD_WORKSPACE_VERSIONS.split(), *known]
        if version not in known:
            raise _unknown(version, type_name, f"The supported api-versions are '{', '.join(known)}'.")
    elif version < (first := FIRST.get(provider, "")):
        raise _unknown(version, type_name, f"The supported api-versions begin with '{first}'.")


def _unknown(version: str, type_name: str, has: str) -> ArmError:
    message = f"No registered resource provider found for API version '{version}' for type '{type_name}'. {has}"
    return bad_request("NoRegisteredProviderFound", message)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
