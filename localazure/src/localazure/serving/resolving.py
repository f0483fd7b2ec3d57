"""Whether a conda file's packages are there at all, told before anything is downloaded: a quick resolution with uv."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from localazure.serving.commands import run
from localazure.serving.conda import Wanted
from localazure.serving.contract import CondaError, ServingError
from localazure.serving.pythons import Python

TOLD_WITHIN = 20.0  # seconds, for each of the two lists; what takes longer is told by the build
# conda has these for a Python, or has them not; pip would compile them for many minutes, with what is not here.
COMPILED = (
    *("numpy", "scipy", "scikit-learn", "scikit-image", "pandas", "matplotlib", "statsmodels", "pyarrow", "h5py"),
    *("lightgbm", "xgboost", "catboost", "numba", "llvmlite", "shap", "tokenizers", "grpcio", "pillow"),
    *("opencv-python", "opencv-python-headless", "onnxruntime", "onnx", "torch", "tensorflow"),
)
NOTHING_FITS = "No solution found when resolving dependencies"
NO_SOLUTION = re.compile(rf"{NOTHING_FITS}|Couldn't parse|Unexpected '|Unsupported")
NOT_ASKED = "network was disabled"  # uv is offline: what it has not in its cache may be there all the same
NO_WHEEL = re.compile(r"(?P<name>[A-Za-z][\w.-]*)\S* has no (usable wheels|wheels with a matching)")


def options(interpreter: Path) -> tuple[str, ...]:
    """uv's options for a resolution and an installation: of several indexes the best version is taken, as pip does."""
    without_building = tuple(text for name in COMPILED for text in ("--only-binary", name))
    return ("--python", str(interpreter), "--index-strategy", "unsafe-best-match", *without_building)


async def check(uv: Path, python: Python, wanted: Wanted) -> None:
    """Raises CondaError where no set of packages fits; returns where one does, or where the index does not tell."""
    for requirements, by_pip in ((wanted.conda, False), (wanted.pip, True)):
        if (told := await _fault(uv, python.path, requirements)) is None:
            continue
        version = (await run(str(python.path), "-c", "import platform; print(platform.python_version())")).strip()
        compiled = NO_WHEEL.search(told) if by_pip else None
        why = f"The conda file's packages can't be had for Python {version}: {told}"
        if compiled is not None:
            why += f" The local Azure does not compile {compiled['name']}: name a version that has a wheel."
        if python.note:
            why += f" And {python.note}."
        raise CondaError(why, modelled=compiled is None and not python.is_another)


async def _fault(uv: Path, interpreter: Path, requirements: Sequence[str]) -> str | None:
    """Why the requirements can't be had, in uv's words; None where they can, or where that is not known."""
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(requirements) + "\n")
        resolve = (str(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate", *options(interpreter))
        try:
            await run(*resolve, str(listed), env={**os.environ, "UV_HTTP_RETRIES": "0"}, within=TOLD_WITHIN)
        except ServingError as error:
            told = error.log.replace(str(listed), "its list")
            found = NO_SOLUTION.search(told)
            return _sentence(told[found.start() :]) if found and NOT_ASKED not in told else None
    return None


def _sentence(told: str) -> str:
    """uv's causes in one line, without its hints: they name options, which nobody here can set."""
    causes, _, _ = told.partition("\nhint:")
    return " ".join(causes.removeprefix(NOTHING_FITS).split()).removeprefix("cause: ")
