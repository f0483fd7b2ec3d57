"""Where mirrored requests are seen: in metrics, in logs. Documented so for both; which figures exactly is open."""

import json
from typing import Any

from localazure.store import Store

PLACES = ("metrics", "logs")
_NAME = "mirroredIn"


class Mirrored:
    """Switches that outlive a restart; at first both are on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def shown_in(self, place: str) -> bool:
        """Whether mirrored requests are seen there."""
        return self._store.setting(_NAME + place) != "no"

    def set(self, body: Any) -> dict[str, bool]:
        """`{"metrics": bool, "logs": bool}`, each optional; what holds then. Raises ValueError."""
        if not isinstance(body, dict) or set(body) - set(PLACES) or not {bool}.issuperset(map(type, body.values())):
            raise ValueError(
                f'expected {{"metrics": true or false, "logs": true or false}}, got {json.dumps(body)[:80]}'
            )
        for place, on in body.items():
            self._store.set_setting(_NAME + place, "yes" if on else "no")
        return {place: self.shown_in(place) for place in PLACES}
