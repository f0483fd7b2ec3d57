"""Shared access signatures of Azure Storage, made by hand: a blob client would cost 20 MB and a second of import.

Source: "Create a service SAS" and "Create an account SAS" of the Azure Storage documentation, version 2021-12-02.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

VERSION = "2021-12-02"
ORDER = "racwdxltmeopi"  # the service wants permissions in this order


def container_sas(account: str, key: str, container: str, permissions: str, expiry: datetime) -> str:
    """The query string of a service SAS for one container. `permissions`: letters of `ORDER`, in any order."""
    given = "".join(sorted(permissions, key=ORDER.index))
    resource = f"/blob/{account}/{container}"
    # start, identifier and IP range are empty; so are snapshot, encryption scope and the five response headers
    fields = [given, "", _time(expiry), resource, "", "", "https", VERSION, "c", "", "", "", "", "", "", ""]
    signed = {"sv": VERSION, "sr": "c", "sp": given, "se": _time(expiry), "spr": "https"}
    return urlencode({**signed, "sig": _sign(key, "\n".join(fields))})


def account_sas(account: str, key: str, expiry: datetime) -> str:
    """The query string of an account SAS that may do anything with blobs and containers."""
    fields = [account, "rwdlac", "b", "sco", "", _time(expiry), "", "https", VERSION, "", ""]
    signed = {"sv": VERSION, "ss": "b", "srt": "sco", "sp": "rwdlac", "se": _time(expiry), "spr": "https"}
    return urlencode({**signed, "sig": _sign(key, "\n".join(fields))})


def expires_in(minutes: float) -> datetime:
    """A moment from now by the wall clock, which is the one Azurite goes by."""
    return datetime.now(UTC) + timedelta(minutes=minutes)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)).decode()
