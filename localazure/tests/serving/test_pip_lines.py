"""Lines below `pip:` of a conda file, as people write them."""

import pytest

from localazure.serving.pip_lines import LineError, read


@pytest.mark.parametrize(
    "line",
    [
        "NumPy",
        "numpy==1.26.0 ; python_version<'3.12'",
        "numpy; sys_platform=='win32'",
        "inference-schema[numpy-support]>=1.5,<2",
        "torch===2.0.1+cpu",
        "numpy==1.26.0 --hash=sha256:abc",
        "git+https://github.com/a/b.git@v1#egg=b",
        "git+ssh://git@github.com/a/b.git",
        "b @ git+https://github.com/a/b.git",
        "https://host/a-1.0-py3-none-any.whl",
        "a @ https://host/a-1.0.zip",
        "--extra-index-url https://x/simple",
        "-i https://user:word@x/simple",
        "--find-links https://x/torch_stable.html",
        "-r https://x/requirements.txt",
        "-c https://x/constraints.txt",
        "--pre",
        "--prefer-binary",
        "--no-binary :all:",
        "--trusted-host x",
    ],
)
def test_what_pip_takes_is_kept(line: str) -> None:
    """Requirements, addresses and the options that a requirements file may have."""
    assert read(f"  {line} ").text == line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("numpy # as trained", "numpy"),
        ("# a comment", ""),
        ("--extra-index-url=https://x/simple", "--extra-index-url https://x/simple"),
        ("--find-links='https://x/whl'", "--find-links https://x/whl"),
        ("-fhttps://x/whl", "-f https://x/whl"),
        ("-e git+https://github.com/a/b.git#egg=b", "b @ git+https://github.com/a/b.git"),
        ("--editable git+https://github.com/a/b.git", "git+https://github.com/a/b.git"),
    ],
)
def test_what_is_written_otherwise(line: str, text: str) -> None:
    """Comments go, options have one form, and an editable source is installed, with a note."""
    found = read(line)
    assert (found.text, bool(found.note)) == (text, "git+" in line)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "-r requirements.txt",
            "-rrequirements.txt",
            "--requirement=r.txt",
            "-c constraints.txt",
            "-e .",
            "--editable .",
        ),
        *(".", "..", "./pkg", "../pkg", "/abs/pkg.whl", "~/pkg.whl", "pkg.whl", "numpy-1.0-py3-none-any.whl", "pkg/"),
        *("file:///a.whl", "file:a.whl", "FILE:///a", "pkg @ file:///a.whl", "pkg @ ./a.whl", "C:\\pkg.whl", "a\\b"),
        *("git+file:///etc", "b @ git+file:///etc", "--find-links ./wheels", "-f /wheels", "--find-links=file:///w"),
        *("-i /index", "--extra-index-url file:///index", "$HOME/x"),
    ],
)
def test_files_of_this_machine_are_not_azures(line: str) -> None:
    """Azure gets the conda file alone, so what it names must be on the network."""
    with pytest.raises(LineError, match="Azure gets no file but this one") as caught:
        read(line)
    assert caught.value.modelled


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("${HOME}", "no variable ${HOME} of yours"),
        ("--extra-index-url https://${TOKEN}@x/simple", "no variable ${TOKEN} of yours"),
        ("numpy\n-r /etc/passwd", "goes on in another line"),
        ("numpy\r-r x", "goes on in another line"),
        ("numpy\\", "goes on in another line"),
        ("numpy\x00", "goes on in another line"),
        ("--help", "'--help' is no option of a requirements file"),
        ("--python 3.8", "'--python' is no option"),
        ("--no-deps", "'--no-deps' is no option"),
        ("-U numpy", "is no option"),
        ("--", "is no option"),
        ("-r", "there is nothing after '-r'"),
        ("numpy --index-url https://x", "--index-url stands on a line of its own"),
        ("numpy=1.26", "pip writes two signs: =="),
        ("numpy 1.26", "is no requirement of pip"),
        ("numpy,pandas", "is no requirement of pip"),
        ("pip install numpy", "is no requirement of pip"),
        ("numpy;", "is no requirement of pip"),
        ("numpy=>1.0", "is no requirement of pip"),
    ],
)
def test_slips_are_told(line: str, says: str) -> None:
    """Each is refused as pip would refuse it, before anything is asked of the index."""
    with pytest.raises(LineError) as caught:
        read(line)
    assert says in str(caught.value)
    assert caught.value.modelled


@pytest.mark.parametrize(
    "line", ["hg+https://x/y", "y @ svn+https://x/y", "-e bzr+https://x/y", "numpy --config-settings a=b"]
)
def test_what_pip_could_and_uv_not(line: str) -> None:
    """It is a limit of the local Azure, and told as such."""
    with pytest.raises(LineError) as caught:
        read(line)
    assert not caught.value.modelled
