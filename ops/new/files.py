"""Reading and writing a project's files."""

from collections.abc import Iterable
from pathlib import Path

from ops.messages import UserError
from ops.new.merge import Change


def apply(root: Path, done: Iterable[Change]) -> None:
    """Write and remove files; a folder that is empty then goes too."""
    for change in done:
        path = root / change.path
        if change.text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change.text, encoding="utf-8", newline="")
            if path.suffix == ".sh":
                path.chmod(0o755)
        elif change.what == "removed":
            path.unlink()
            remove_empty(path.parent, root)


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, up to the project's, as long as they are empty."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The files of these paths that are there, each with its line ends as they are. Raises UserError N008."""
    found = {}
    for path in paths:
        try:
            found[path] = (root / path).read_bytes().decode()
        except FileNotFoundError:
            continue
        except (UnicodeDecodeError, IsADirectoryError):
            raise UserError("N008", path, "no text in UTF-8", "a text file", "Move it away first.") from None
    return found
