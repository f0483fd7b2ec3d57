"""What a project's `__main__.py` calls: the one name that stays, whatever the packages beneath are called."""

from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("settings", "rollout", "components")
_HERE = Path(__file__).resolve().parent.parent


def run() -> None:
    """Declare the stack of the Pulumi project that runs. Raises pulumi.RunError where the project hides a package."""
    import pulumi

    hidden = [name for name in _PACKAGES if not _is_ours(name)]
    if hidden:
        names = ", ".join(hidden)
        raise pulumi.RunError(
            f"N001 {names}: a file or folder of this project hides a package of safe-rollout; expected other names. "
            f"Rename it: Python takes the project's own first."
        )
    from components.program import main

    pulumi.run(main)


def _is_ours(name: str) -> bool:
    found = find_spec(name)
    folders = found.submodule_search_locations if found else None
    return bool(folders) and [Path(folder).resolve() for folder in folders or ()] == [_HERE / name]
