"""Rules of traffic and mirror maps (facts T5, T6, T8, T10). Pure: maps in, a map or a 400 out."""

from collections.abc import Collection, Mapping

from localazure.services.machinelearning.errors import bad_traffic

MIRROR_LIMIT = 50


def canonical(weights: Mapping[str, int] | None) -> dict[str, int]:
    """Lower-case keys, no zeros: `{"Green": 100, "blue": 0}` is `{"green": 100}`. None is `{}` (open: T3)."""
    return {name.lower(): weight for name, weight in (weights or {}).items() if weight != 0}


def check_traffic(traffic: Mapping[str, int], ready: Collection[str]) -> None:
    """Weights of canonical `traffic` name deployments that are `ready` (lower case), and add up to 0 or 100."""
    for name, weight in traffic.items():
        if not 0 <= weight <= 100:
            raise bad_traffic(f"The traffic of deployment '{name}' must be 0 to 100, got {weight}.")
        if name not in ready:
            known = ", ".join(sorted(ready)) or "none"
            raise bad_traffic(f"The traffic names deployment '{name}', which this endpoint has not (ready: {known}).")
    if (total := sum(traffic.values())) not in (0, 100):
        raise bad_traffic(f"The traffic weights must add up to 0 or 100, got {total}.")


def check_mirror(mirror: Mapping[str, int], traffic: Mapping[str, int], ready: Collection[str], managed: bool) -> None:
    """At most one deployment, at most 50 percent, none that has live traffic, managed endpoints only."""
    if mirror and not managed:
        raise bad_traffic("Traffic can be mirrored on managed endpoints only.")
    if len(mirror) > 1:
        raise bad_traffic(f"Traffic can be mirrored to one deployment only, got {', '.join(sorted(mirror))}.")
    for name, share in mirror.items():
        if not 0 <= share <= MIRROR_LIMIT:
            raise bad_traffic(f"The mirror traffic of '{name}' must be 0 to {MIRROR_LIMIT} percent, got {share}.")
        if name not in ready:
            raise bad_traffic(f"The mirror traffic names deployment '{name}', which this endpoint has not.")
        if traffic.get(name):
            raise bad_traffic(
                f"Deployment '{name}' has live traffic ({traffic[name]}); it cannot be mirrored to as well."
            )
