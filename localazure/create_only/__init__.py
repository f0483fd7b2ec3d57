"""Properties that Azure fixes when a resource is made: the one table that the stand-in's Diff and the services use.

`CREATE_ONLY` is type token -> property path -> `Fixed(effect, source, may)`. A path is that of the SDK's inputs
(`networkProfile.podCidr`); `[*]` stands for any index. The effect is what becomes of an edit by `pulumi up`:

- `replaces`: the stock plugin deletes the resource and makes it anew. A PUT that changes it is refused by Azure.
- `refuses`: the plugin sends the change, and Azure answers 400 or 409.
- `ignores`: the plugin sends the change, Azure says 200 and keeps what it has.

`may` holds the changes (old, new) that Azure takes all the same. Path parameters replace too, of every type; they are
not in the table.
"""

from localazure.create_only.azure import AZURE
from localazure.create_only.fixed import Effect, Fixed
from localazure.create_only.plugin import LOCATION, PLUGIN

__all__ = ["CREATE_ONLY", "LOCATION", "Effect", "Fixed", "replacing"]

CREATE_ONLY: dict[str, dict[str, Fixed]] = {
    token: {**PLUGIN.get(token, {}), **AZURE.get(token, {})} for token in sorted({*PLUGIN, *AZURE})
}


def replacing(token: str) -> frozenset[str]:
    """The paths whose change makes the stock plugin replace a resource of the type; most types' location is one."""
    rows = {"location": LOCATION, **CREATE_ONLY.get(token, {})}
    return frozenset(path for path, row in rows.items() if row.effect == "replaces")
