"""The files of a model or of code: what is uploaded, and what is refused before anything is."""

import os
import socket
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops.messages import UserError
from ops.register import files
from ops.register.assets import check_unchanged, folder_asset, version_of
from ops.register.files import LEFT_OUT, is_secret, list_files
from ops.register.ignored import Ignored
from ops.workspace import Target

NAMES = ["score.py", "a.tmp", "model.pkl", "notes.md", "b c", "#x", "[z"]
FOLDERS = ["", "lib/", "lib/deep/", "logs/", "lib/logs/"]
PATTERNS = [
    *("*.tmp", "*.pkl", "logs/", "logs", "/logs", "lib/deep", "lib/*", "**/deep/*", "!score.py", "!lib/a.tmp", "**"),
    *("*", "!*.py", "# a comment", "", "  *.md  ", "/", "*/", "lib/**/a.tmp", "\\#x", "b c", "?.tmp", "[ab].tmp"),
    *("[!a]*", "deep/", "**/logs/**", "./logs", "../x", "logs/*", "!logs/a.tmp", ".gitignore", ".amlignore"),
]


def azures_list(folder: Path) -> list[str]:
    """What azure-ai-ml itself would upload."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own libraries, while it is imported
        from azure.ai.ml._utils._asset_utils import get_ignore_file, get_upload_files_from_folder

    found = get_upload_files_from_folder(folder, ignore_file=get_ignore_file(folder))
    return sorted(name for _, name in found)


def ours(folder: Path) -> list[str]:
    """What this command would."""
    return [relative for relative, _ in list_files(folder).files]


def fill(folder: Path, *names: str) -> Path:
    """Files whose content is their name."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@settings(deadline=None, max_examples=150)
@example(found={("lib/", "a.tmp"), ("", "score.py")}, aml=None, git=["*.tmp", "!lib/a.tmp"], links=True)
@given(
    found=st.sets(st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)), min_size=1, max_size=8),
    aml=st.none() | st.lists(st.sampled_from(PATTERNS), max_size=5),
    git=st.none() | st.lists(st.sampled_from(PATTERNS), max_size=3),
    links=st.booleans(),
)
def test_it_is_azures_own_list(
    found: set[tuple[str, str]],
    aml: list[str] | None,
    git: list[str] | None,
    links: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever the folder and its ignore files: the same files as azure-ai-ml, with links inside the folder."""
    folder = fill(tmp_path_factory.mktemp("listed"), *(f"{place}{name}" for place, name in found))
    for name, lines in ((".amlignore", aml), (".gitignore", git)):
        if lines is not None:
            (folder / name).write_text("\n".join(lines))
    if links:
        first = sorted(path for path in folder.rglob("*") if path.is_file())[0]
        (folder / "to-a-file").symlink_to(first)
        if (folder / "lib").is_dir():
            (folder / "other").mkdir(exist_ok=True)
            (folder / "other" / "to-a-folder").symlink_to(Path("..", "lib"))
    theirs = azures_list(folder)
    if set(theirs) <= {".amlignore", ".gitignore"}:
        with pytest.raises(UserError, match="W003"):
            list_files(folder)
    else:
        assert ours(folder) == theirs


@pytest.mark.parametrize("line", ["[", "!", "\\", "a[", "!/", "[!"])
def test_a_line_that_is_no_pattern_is_refused(tmp_path: Path, line: str) -> None:
    """git and azure-ai-ml read it differently: the file and the line are named."""
    fill(tmp_path, "score.py")
    (tmp_path / ".amlignore").write_text(f"*.tmp\n{line}\n")
    with pytest.raises(UserError, match=r"W014 \.amlignore line 2"):
        list_files(tmp_path)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_bytes(b"\xff\xfe*")])
def test_an_ignore_file_that_can_not_be_read_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A folder of that name, or bytes that are no text."""
    fill(tmp_path, "score.py")
    make(tmp_path / ".gitignore")
    with pytest.raises(UserError, match=r"W014 .*\.gitignore"):
        list_files(tmp_path)


@pytest.mark.parametrize("kind", ["model", "code"])
def test_ignored_files_are_no_content(tmp_path: Path, kind: str) -> None:
    """A new line in a log that is ignored is no new version, of models as of code."""
    fill(tmp_path, "score.py", "logs/a.log")
    (tmp_path / ".amlignore").write_text("logs/")
    before = folder_asset(kind, "a", tmp_path)  # type: ignore[arg-type]
    fill(tmp_path, "logs/b.log")
    assert folder_asset(kind, "a", tmp_path) == before  # type: ignore[arg-type]
    assert [relative for relative, _ in before.files] == [".amlignore", "score.py"]


def test_linked_content_is_content(tmp_path: Path) -> None:
    """A file behind a linked folder is uploaded, so a change of it is another version."""
    fill(tmp_path, "shared/lib.py", "model/score.py")
    (tmp_path / "model" / "lib").symlink_to(Path("..", "shared"))
    before = folder_asset("model", "a", tmp_path)
    assert "model/lib/lib.py" in dict(before.files)
    (tmp_path / "shared" / "lib.py").write_text("changed")
    assert folder_asset("model", "a", tmp_path).version != before.version


def test_a_model_whose_files_are_all_ignored_is_refused(tmp_path: Path) -> None:
    """The ignore file alone is no model."""
    fill(tmp_path, "model.pkl")
    (tmp_path / ".gitignore").write_text("*.pkl\n")
    with pytest.raises(UserError, match=r"W003 .*no file but those that \.gitignore names"):
        folder_asset("model", "gi", tmp_path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(os.path.relpath(path))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "'odd' is a link that leaves the folder"),
        (lambda path: path.symlink_to("/etc"), "'odd' is a link that leaves the folder"),
        (lambda path: path.symlink_to(Path("..", "outside")), "'odd' is a link that leaves the folder"),
        (lambda path: path.symlink_to("nowhere"), "'odd' is a link to nothing"),
        (lambda path: path.symlink_to("odd"), "'odd' is a link to nothing"),
        (lambda path: path.symlink_to("."), "'odd' is a link to a folder that it is in"),
        (os.mkfifo, r"'odd' is no file \(a pipe"),
        (_socket, r"'odd' is no file \(a pipe"),
        (lambda path: path.with_name("a\nb").touch(), "has characters in its name that no text has"),
        (lambda path: os.close(os.open(bytes(path.parent) + b"/\xff", os.O_CREAT)), "has characters in its name"),
        (lambda path: path.with_name("a\\b").touch(), "has a backslash in its name"),
    ],
)
def test_what_is_no_file_of_the_folder_is_refused(
    tmp_path: Path, make: Callable[[Path], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, by its name, and for a model as for code; nothing is read from it."""
    monkeypatch.chdir(tmp_path)
    folder = fill(tmp_path / "folder", "score.py")
    fill(tmp_path / "outside", "secret.txt")
    make(folder / "odd")
    with pytest.raises(UserError, match=f"W015 .*{says}"):
        list_files(folder)


def test_what_is_ignored_may_be_odd(tmp_path: Path) -> None:
    """A link that leaves the folder, or a pipe, is no matter once an ignore file names it."""
    folder = fill(tmp_path / "folder", "score.py")
    (folder / "data").symlink_to("/etc")
    (folder / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / ".amlignore").write_text("data/\npasswd\npipe\n")
    assert ours(folder) == [".amlignore", "score.py"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """And no more than a person reads."""
    fill(tmp_path, "score.py")
    for number in range(8):
        (tmp_path / f"link{number}").symlink_to("/etc/passwd")
    fill(tmp_path, ".env")
    with pytest.raises(UserError, match=r"'link0' .*'link4' .* and 3 more") as caught:
        list_files(tmp_path)
    assert "link5" not in str(caught.value)
    assert "'.env': names that files with secrets" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *(".env", ".env.local", "prod.env", "sub/.ENV", "id_rsa", "id_ed25519", "server.pem", "tls.key", "a.pfx"),
        *(".aws/config", ".azure/azureProfile.json", ".ssh/known_hosts", ".netrc", ".npmrc", "credentials.json"),
    ],
)
def test_secrets_are_refused(tmp_path: Path, name: str) -> None:
    """By their usual names, also behind a link of another name; a line with `!` brings in what has to be there."""
    fill(tmp_path, "score.py", name)
    with pytest.raises(UserError, match="W016"):
        list_files(tmp_path)
    (tmp_path / "settings.txt").symlink_to(name)
    (tmp_path / ".amlignore").write_text(name)
    with pytest.raises(UserError, match=r"W016 .*settings\.txt"):
        list_files(tmp_path)
    (tmp_path / "settings.txt").unlink()
    assert ours(tmp_path) == [".amlignore", "score.py"]
    (tmp_path / ".amlignore").write_text(f"!{name}")
    assert ours(tmp_path) == sorted([".amlignore", "score.py", name])


@pytest.mark.parametrize("name", ["env.py", ".env.example", "keys.py", "environment.yml", "model.pkl", "monkey"])
def test_usual_files_are_no_secrets(name: str) -> None:
    """Their names are near those of secrets."""
    assert not is_secret(name)


def test_a_single_file_that_looks_like_a_secret_is_refused(tmp_path: Path) -> None:
    """So is one that is no file, before it is opened."""
    fill(tmp_path, "id_rsa")
    with pytest.raises(UserError, match="W016"):
        list_files(tmp_path / "id_rsa")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="W015"):
        list_files(tmp_path / "pipe")


def test_what_tools_leave_is_left_out_and_told(tmp_path: Path) -> None:
    """Unless an ignore file names it: then the person knows."""
    fill(tmp_path, "score.py", "my-env/pyvenv.cfg", "my-env/lib/x.py", *(f"{name}/x" for name in LEFT_OUT))
    listing = list_files(tmp_path)
    assert [relative for relative, _ in listing.files] == ["score.py"]
    assert set(listing.left_out) == {"my-env/", *(f"{name}/" for name in LEFT_OUT)}
    (tmp_path / ".amlignore").write_text("\n".join([*LEFT_OUT, "my-env/"]))
    assert list_files(tmp_path).left_out == ()


def test_the_client_uploads_what_the_version_was_made_of(tmp_path: Path) -> None:
    """azure-ai-ml is given a folder in which it finds the listed files and no others, with their content."""
    folder = fill(tmp_path / "model", "a.pkl", "lib/b.pkl", "drop/c.pkl", "__pycache__/x.pyc")
    (folder / "linked").symlink_to("lib")
    (folder / ".amlignore").write_text("/drop\n")
    (folder / ".gitignore").write_text("*\n")
    asset = folder_asset("model", "a", folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ops.register.azure_assets import staged
    with staged(asset) as place:
        assert place.name == "model"
        assert azures_list(place) == [".amlignore", ".gitignore", "a.pkl", "lib/b.pkl", "linked/b.pkl"]
        assert version_of((name, place / name) for name in azures_list(place)) == asset.version
    assert not place.exists()


def test_a_content_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    """Its version would not be that of what was uploaded."""
    asset = folder_asset("model", "a", fill(tmp_path, "a.pkl"))
    check_unchanged(asset)
    (tmp_path / "a.pkl").write_text("other")
    with pytest.raises(UserError, match="W017"):
        check_unchanged(asset)


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a?b", "a#b", "a b", "%2e%2e", "a\nb", "x" * 91])
def test_names_that_become_a_url_are_plain(name: str) -> None:
    """A workspace or a group of another form is refused before anything is asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ops.register.azure_assets import check_names
    check_names(Target("5a05c6d4-4ba9-454b-84ff-9e5b170f99c8", "rg_(ü).a", "ws-a"))
    for wrong in (Target("s", name, "ws"), Target("s", "rg", name), Target(name, "rg", "ws")):
        with pytest.raises(UserError, match="W018"):
            check_names(wrong)


def test_a_disk_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More files than any model has, or links that multiply, end in a refusal, not in a day's upload."""
    monkeypatch.setattr(files, "MOST", 200)
    for level in range(12):
        fill(tmp_path, f"a{level}/x")
        for name in ("l", "r"):
            (tmp_path / f"a{level}" / name).symlink_to(tmp_path / f"a{level + 1}")
    fill(tmp_path, "a12/x")
    with pytest.raises(UserError, match=r"W015 .*more than 200 files"):
        list_files(tmp_path)


def test_nothing_is_ignored_without_an_ignore_file(tmp_path: Path) -> None:
    """Azure's client reads one in the top folder only."""
    fill(tmp_path, "sub/score.py")
    (tmp_path / "sub" / ".amlignore").write_text("score.py")
    assert Ignored.of(tmp_path).says("sub/score.py") is None
    assert ours(tmp_path) == azures_list(tmp_path) == ["sub/.amlignore", "sub/score.py"]
