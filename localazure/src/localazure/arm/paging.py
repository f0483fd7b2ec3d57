"""Lists in pages: `$top` (or `count`) documents and a `nextLink`, whose token tells where to go on.

The token holds the last document's id, so that what is made or deleted meanwhile moves nothing.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from localazure.arm.errors import bad_request

PAGE = 100
TOKENS = ("$skiptoken", "$skip")


def page(body: Mapping[str, Any], url: str, query: Mapping[str, str]) -> dict[str, Any]:
    """One page of `{value: [all documents]}`; `query` has names in lower case. Raises ArmError 400."""
    documents = body["value"]
    size = _size(query)
    begin = _begin(next((query[name] for name in TOKENS if name in query), ""), documents)
    shown = documents[begin : begin + size]
    if begin + size >= len(documents):
        return {**body, "value": shown}
    again = {name: value for name, value in query.items() if name not in TOKENS}
    token = base64.urlsafe_b64encode(json.dumps([begin + size, shown[-1].get("id", "")]).encode()).decode()
    return {**body, "value": shown, "nextLink": f"{url}?{urlencode({**again, '$skipToken': token}, safe='$')}"}


def _size(query: Mapping[str, str]) -> int:
    text = query.get("$top", query.get("count", str(PAGE)))
    if not (text.isascii() and text.isdecimal()) or int(text) == 0:
        raise bad_request("InvalidQueryParameter", f"$top must be a whole number, 1 or more, got '{text}'.")
    return int(text)


def _begin(token: str, documents: list[Any]) -> int:
    if not token:
        return 0
    try:
        place, last = json.loads(base64.urlsafe_b64decode(token.encode()))
        after = [number for number, document in enumerate(documents, 1) if last and document.get("id") == last]
        return int(after[0] if after else place)
    except (binascii.Error, ValueError, TypeError):
        raise bad_request("InvalidSkipToken", f"The $skipToken '{token}' is none of this list's.") from None
