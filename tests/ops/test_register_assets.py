"""Names and versions of assets, and registering each content once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.messages import UserError
from ops.register.assets import Asset, ensure, environment_asset, folder_asset
from ops.register.command import next_commands, register_sample
from ops.register.project import to_write

FILES = st.lists(st.binary(max_size=4), min_size=1, max_size=3)


class FakeStore:
    """A workspace's assets in memory."""

    def __init__(self) -> None:
        self.uploads: list[Asset] = []

    def has(self, asset: Asset) -> bool:
        """Whether this reference was put."""
        return any(asset.reference == put.reference and asset.kind == put.kind for put in self.uploads)

    def put(self, asset: Asset) -> None:
        """Keep it; its source must still be there."""
        assert asset.source.exists()
        self.uploads.append(asset)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two files."""
    (tmp_path / "code" / "sub").mkdir(parents=True)
    (tmp_path / "code" / "score.py").write_text("one")
    (tmp_path / "code" / "sub" / "b.txt").write_text("two")
    return tmp_path / "code"


def test_the_version_follows_the_content_and_not_the_place(folder: Path, tmp_path: Path) -> None:
    """The same files elsewhere have the same version, of 12 hexadecimal digits."""
    moved = folder_asset("code", "scoring-code", folder)
    folder.rename(tmp_path / "elsewhere")
    again = folder_asset("code", "scoring-code", tmp_path / "elsewhere")
    assert moved.version == again.version
    assert moved.reference == f"azureml:scoring-code:{moved.version}"
    assert len(moved.version) == 12
    assert set(moved.version) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "score.py").write_text("other"),
        lambda folder: (folder / "score.py").rename(folder / "run.py"),
        lambda folder: (folder / "new.py").write_text(""),
        lambda folder: (folder / "sub" / "b.txt").unlink(),
    ],
)
def test_any_change_of_content_is_another_version(folder: Path, change: Callable[[Path], object]) -> None:
    """A changed, renamed, added or removed file gives another version."""
    before = folder_asset("code", "scoring-code", folder).version
    change(folder)
    assert before != folder_asset("code", "scoring-code", folder).version


def test_byte_code_is_not_content(folder: Path) -> None:
    """Running the code locally does not change its version."""
    before = folder_asset("code", "scoring-code", folder).version
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "score.cpython-311.pyc").write_bytes(b"\0")
    assert before == folder_asset("code", "scoring-code", folder).version


@settings(deadline=None)
@given(
    one=st.lists(st.binary(max_size=4), min_size=1, max_size=3),
    other=st.lists(st.binary(max_size=4), min_size=1, max_size=3),
)
def test_versions_are_equal_exactly_when_contents_are(
    one: list[bytes], other: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bytes that move from one file to the next make another version."""
    versions = []
    for files in (one, other):
        folder = tmp_path_factory.mktemp("content")
        for index, data in enumerate(files):
            (folder / str(index)).write_bytes(data)
        versions.append(folder_asset("model", "m", folder).version)
    assert (one == other) == (versions[0] == versions[1])


def test_an_environment_is_its_conda_file_and_its_image(tmp_path: Path) -> None:
    """Another image or another conda file is another version of the environment."""
    conda = tmp_path / "conda.yaml"
    conda.write_text("name: a\n")
    first = environment_asset("scoring", conda, "image:1").version
    assert first == environment_asset("scoring", conda, "image:1").version
    assert first != environment_asset("scoring", conda, "image:2").version
    conda.write_text("name: b\n")
    assert first != environment_asset("scoring", conda, "image:1").version


@pytest.mark.parametrize("name", ["", "-x", "a b", "a/b", "a" * 256, "ü", "a:1", "x\n"])
def test_a_name_that_azure_does_not_take_is_refused(name: str, folder: Path) -> None:
    """A bad name is one message that says what a name may be."""
    with pytest.raises(UserError, match=r"W004 code name: .* expected 1 to 255 letters, digits"):
        folder_asset("code", name, folder)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: folder_asset("model", "m", path / "none"), "W001 .*none: no such file or folder"),
        (lambda path: folder_asset("code", "c", path / "file"), "W002 .*file: a file; expected a folder of code"),
        (lambda path: folder_asset("code", "c", path / "empty"), "W003 .*empty: an empty folder"),
        (lambda path: environment_asset("e", path / "empty", "image"), "W001 .*empty: no such file"),
    ],
)
def test_a_source_that_is_not_there_is_refused(make: Callable[[Path], Asset], message: str, tmp_path: Path) -> None:
    """A missing, empty or wrong source is one clear message, before anything is sent."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        make(tmp_path)


def test_the_same_content_is_uploaded_once(folder: Path) -> None:
    """Registering again finds the version and uploads nothing; changed content is uploaded beside it."""
    store = FakeStore()
    assert ensure(store, folder_asset("code", "scoring-code", folder))
    assert not ensure(store, folder_asset("code", "scoring-code", folder))
    (folder / "score.py").write_text("changed")
    assert ensure(store, folder_asset("code", "scoring-code", folder))
    assert len(store.uploads) == 2


def test_the_sample_is_two_models_an_environment_and_code() -> None:
    """The sample registers once; a second time finds everything and gives the same references."""
    store = FakeStore()
    told: list[bool] = []
    first = register_sample(store, lambda _, is_new: told.append(is_new))
    assert first == register_sample(store, lambda _, is_new: told.append(is_new))
    assert told == [True] * 4 + [False] * 4
    assert sorted(asset.kind for asset in store.uploads) == ["code", "environment", "model", "model"]
    assert sorted(first["models"]) == ["0.1", "1.0"]
    assert len(set(first["models"].values())) == 2


def test_the_next_commands_name_what_was_registered() -> None:
    """After the sample a person can paste what deploys its first model, and its second one beside it."""
    registered = {
        "models": {"1.0": "azureml:m:1", "0.1": "azureml:m:2"},
        "environment": "azureml:e:1",
        "code": "azureml:c:1",
    }
    said = next_commands(registered, "fraud", "mine", " --stack dev")
    assert said.count("pulumi config set-all --path --stack dev") == 2
    assert "--plaintext mine:endpoints.fraud.deployments.blue.model=azureml:m:1" in said
    assert "--plaintext mine:endpoints.fraud.deployments.green.model=azureml:m:2" in said
    assert said.count("\npulumi up --stack dev") == 3
    assert "rollout invoke fraud --stack dev" in said


def test_a_models_type_is_part_of_what_is_registered(folder: Path) -> None:
    """The same files as an MLflow model are another version; without the file MLmodel they are refused."""
    with pytest.raises(UserError, match=r"W030 .*no file MLmodel in it"):
        folder_asset("model", "iris", folder, type="mlflow_model")
    (folder / "MLmodel").write_text("flavors: {}")
    plain, mlflow = (folder_asset("model", "iris", folder, type=type) for type in ("custom_model", "mlflow_model"))
    assert plain.version != mlflow.version
    assert mlflow.type == "mlflow_model"


def test_the_versions_to_write_are_those_that_are_not_of_a_content() -> None:
    """What the stack file names by a made-up version is to be written anew; what may be live stays."""
    registered = {("model", "m"): Asset("model", "m", "0123456789ab", Path())}
    deployments = {"blue": {"model": "azureml:m:1"}, "green": {"model": "azureml:m:ba9876543210"}, "red": {"model": 3}}
    endpoints = {"x": {"defaults": {"code": "azureml:c:1"}, "deployments": deployments}, "y": None}
    wanted = {"endpoints.x.deployments.blue.model": "azureml:m:0123456789ab"}
    assert to_write(endpoints, registered) == wanted
    assert to_write(None, registered) == {}
