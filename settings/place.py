"""Where a project is: the folder of its Pulumi.yaml."""

from pathlib import Path


def project_file(folder: Path) -> Path | None:
    """The folder's Pulumi.yaml (or .json, or .yml, in the engine's order); None where it has none."""
    files = (folder / f"Pulumi{ending}" for ending in (".json", ".yaml", ".yml"))
    return next((file for file in files if file.is_file()), None)


def nearest_project_file(folder: Path) -> Path | None:
    """The same of the folder, or of the nearest folder above it."""
    return next(filter(None, map(project_file, (folder, *folder.parents))), None)
