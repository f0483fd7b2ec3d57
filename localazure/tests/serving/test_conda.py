"""What is read from a conda file, and what is refused."""

import pytest
import yaml

from localazure.serving.conda import SEEDED, Wanted, for_mlflow, needs_server, notes_of, parse
from localazure.serving.contract import CondaError, ServingError

SERVER = "azureml-inference-server-http"


def conda(*dependencies: object, pip: object = (SERVER,)) -> str:
    """A conda file with these entries and pip packages."""
    lines = [*dependencies, {"pip": list(pip) if isinstance(pip, tuple) else pip}]
    return yaml.safe_dump({"name": "e", "channels": ["conda-forge"], "dependencies": lines})


def mapped(*dependencies: object) -> tuple[str, ...]:
    """What stands for conda's packages, without those of every environment."""
    return parse(conda(*dependencies)).conda[len(SEEDED) :]


@pytest.mark.parametrize(
    ("entry", "request_"),
    [
        ("python=3.11", "3.11"),
        ("python==3.11.7", "3.11.7"),
        ("python=3.11.*", "3.11"),
        ("python 3.11", "3.11"),
        ("python>=3.10,<3.12", ">=3.10,<3.12"),
        ("python[version='>=3.10']", ">=3.10"),
        ("python=3.7.11=h12debd9_0_cpython", "3.7.11"),
        ("conda-forge::python = 3.12", "3.12"),
        ("python", None),
    ],
)
def test_python_version_as_conda_writes_it(entry: str, request_: str | None) -> None:
    """Conda's spellings of a Python version become a request that uv reads."""
    assert parse(conda(entry, "pip")).python == request_


def test_pip_packages_keep_their_order_and_pins() -> None:
    """Every pip line is kept as it is written."""
    lines = ("scikit-learn==1.7", f"{SERVER}[x]==1.5.1 ; python_version > '3'", "--extra-index-url https://index/")
    assert parse(conda("python=3.11", pip=lines)).pip == lines


@pytest.mark.parametrize(
    ("entry", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.* py311_0", "numpy==1.26.*"),
        ("numpy=1.26.4=py311h64a7726_0", "numpy==1.26.4"),
        ("numpy >=1.24, <2", "numpy>=1.24,<2"),
        ("numpy~=1.26.0", "numpy~=1.26.0"),
        ("numpy!=1.25.*", "numpy!=1.25.*"),
        ("numpy=*", "numpy"),
        ("numpy[version='>=1.24,<2', build='*mkl*']", "numpy>=1.24,<2"),
        ("numpy[channel=conda-forge]", "numpy"),
        ("conda-forge::numpy=1.26", "numpy==1.26.*"),
        ("conda-forge/linux-64::numpy", "numpy"),
        ("Scikit_Learn=1.7.0  # as trained", "scikit-learn==1.7.0.*"),
        ("pytorch>=2.1", "torch>=2.1"),
        ("matplotlib-base", "matplotlib"),
        ("librosa", "librosa"),
    ],
)
def test_conda_packages_of_the_index(entry: str, requirement: str) -> None:
    """conda's match specification becomes the requirement that takes the same versions, under the index's name."""
    assert mapped(entry) == (requirement,)


def test_every_environment_has_what_conda_puts_in() -> None:
    """pip, setuptools and wheel are there, of the version that the file names."""
    assert parse(conda("python=3.11", "pip=23.0.1", "setuptools<81")).conda == (
        "pip==23.0.1.*",
        "setuptools<81",
        "wheel",
    )


def test_what_python_brings_along_is_left_out_and_said() -> None:
    """The lines of an exported environment that no index has are no reason to refuse it; the log says so."""
    wanted = parse(conda("python=3.11", "_libgcc_mutex=0.1=main", "openssl=3.0.13=h7f8727e_0", "numpy=1.26.4=py311_0"))
    told = notes_of(wanted)
    assert wanted.conda[len(SEEDED) :] == ("numpy==1.26.4",)
    assert "local Azure: openssl=3.0.13=h7f8727e_0 is left out" in told
    assert "local Azure: the build of numpy=1.26.4=py311_0 is not looked at." in told
    assert "conda packages come from the package index: numpy==1.26.4." in told


EXPORTED = """
name: base
channels:
  - defaults
dependencies:
  - _libgcc_mutex=0.1=main
  - _openmp_mutex=5.1=1_gnu
  - blas=1.0=mkl
  - bzip2=1.0.8=h5eee18b_6
  - ca-certificates=2024.9.24=h06a4308_0
  - intel-openmp=2023.1.0=hdb19cb5_46306
  - joblib=1.4.2=py311h06a4308_0
  - ld_impl_linux-64=2.40=h12ee557_0
  - libffi=3.4.4=h6a678d5_1
  - mkl=2023.1.0=h213fc3f_46344
  - mkl-service=2.4.0=py311h5eee18b_1
  - mkl_fft=1.3.10=py311h5eee18b_0
  - numpy=1.26.4=py311h08b1b3b_0
  - numpy-base=1.26.4=py311hf175353_0
  - openssl=1.1.1w=h7f8727e_0
  - pip=24.2=py311h06a4308_0
  - python=3.11.10=he870216_0
  - scikit-learn=1.5.1=py311ha02d727_0
  - setuptools=75.1.0=py311h06a4308_0
  - tk=8.6.14=h39e8969_0
  - tzdata=2024b=h04d1e81_0
  - wheel=0.44.0=py311h06a4308_0
  - xz=5.4.6=h5eee18b_1
  - zlib=1.2.13=h5eee18b_1
  - pip:
      - azureml-inference-server-http==1.3.2
prefix: /home/me/miniconda3
"""


def test_an_exported_environment_is_read_whole() -> None:
    """`conda env export` lists every package with its build; what the index has is asked for in that version."""
    wanted = parse(EXPORTED)
    assert wanted.python == "3.11.10"
    assert wanted.conda == (
        "pip==24.2",
        "setuptools==75.1.0",
        "wheel==0.44.0",
        "joblib==1.4.2",
        "numpy==1.26.4,==1.26.4",
        "scikit-learn==1.5.1",
    )


def test_a_file_that_is_done_as_it_says_has_no_notes() -> None:
    """Nothing is said where there is nothing to say."""
    assert notes_of(parse(conda("python=3.11", "pip"))) == ""


def test_packages_that_no_index_has_are_not_modelled() -> None:
    """Programs and libraries are named, all of them, and it is the local Azure that can't have them."""
    with pytest.raises(CondaError, match=r"not there: cudatoolkit=11\.3, r-base, libsndfile\.$") as caught:
        parse(conda("numpy=1.26", "cudatoolkit=11.3", "r-base", "libsndfile"))
    assert not caught.value.modelled


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (conda("python=3.11", pip=None), "dependencies[1].pip is empty; expected a list of packages"),
        (conda(pip=SERVER), f"dependencies[0].pip is '{SERVER}'; expected a list of packages"),
        (conda({"python": 3.1}), "dependencies[0] is a map; expected text such as 'python=3.1'"),
        (conda({"pip": [SERVER], "python": "3.11"}), "dependencies[0] is a map"),
        (conda("python=3.11", pip=(None, SERVER)), "dependencies[1].pip[0] is empty; expected a package"),
        (conda(pip=({"numpy": 1}, SERVER)), "dependencies[0].pip[0] is no text"),
        (conda(pip=(1.5, SERVER)), "dependencies[0].pip[0] is 1.5"),
        (conda(None, "numpy"), "dependencies[0] is empty"),
        (conda("-r requirements.txt"), "dependencies[0] is '-r requirements.txt': Azure gets no file but this one"),
        (conda(pip=("-r requirements.txt",)), "dependencies[0].pip[0] is '-r requirements.txt': Azure gets no file"),
        (conda(pip=("-e .",)), "dependencies[0].pip[0] is '-e .': Azure gets no file"),
        (conda(pip=("./wheels/a.whl",)), "dependencies[0].pip[0] is './wheels/a.whl'"),
        (
            conda("python=3.1"),
            "'python=3.1', asks for a Python that no channel has; write python=3.10",
        ),
        (conda("python=3.11", "python=3.12"), "dependencies[1], 'python=3.12', asks for another Python than a line"),
        (conda("vs2015_runtime=14=h1"), "is a package of Windows"),
        (conda("m2w64-gcc-libs"), "is a package of Windows"),
        (conda(["python=3.11", "numpy"]), "dependencies[0] is no text"),
        (conda({"Pip": [SERVER]}), "expected text such as 'python=3.11', or 'pip:' with a list alone"),
        (conda({"sel(linux)": "numpy"}), "dependencies[0] is a map"),
        (conda("numpy=1.0.2k"), "'numpy=1.0.2k', has the version '1.0.2k', which no package index has"),
        (conda("numpy 1 2 3"), "has more words than name, version and build"),
        (conda("dask[complete]"), "'dask[complete]', has brackets that conda does not read"),
        (conda("=3.11"), "has no package's name"),
        (conda(SERVER), f"dependencies[0], '{SERVER}', is in no conda channel: write it under 'pip:'"),
    ],
)
def test_slips_are_told_by_their_place(text: str, says: str) -> None:
    """What can't be read is named by its place, with what is expected there."""
    with pytest.raises(CondaError) as caught:
        parse(text)
    assert says in caught.value.message
    assert caught.value.modelled


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("numpy=1.25|1.26", "dependencies[0], 'numpy=1.25|1.26', has versions to choose from"),
        ("python=3.10|3.11", "has versions to choose from"),
        ("https://channel/linux-64/numpy-1.26.4.conda", "is a package's file"),
    ],
)
def test_what_conda_could_and_uv_not(entry: str, says: str) -> None:
    """It is a limit of the local Azure, and told as such."""
    with pytest.raises(CondaError) as caught:
        parse(conda(entry))
    assert (says in caught.value.message, caught.value.modelled) == (True, False)


LIBRARIES = """
icu=73 krb5 jpeg=9e=h5eee18b_1 openssl=1.1.1w=h7f8727e_0 tzdata=2024a=h04d1e81_0 libpng=1.6.39 freetype qt-main expat
zstd lz4-c snappy c-ares tbb grpc-cpp re2 geos gettext openblas blosc yaml gsl fontconfig _tflow_select=2.3.0=mkl
xorg-libx11 _py-xgboost-mutex pytorch-mutex=1.0=cpu mkl_fft=1.3.1=py39h6964271_1 libgcc _openmp_mutex=4.5=1_gnu
ld_impl_linux-64=2.38=h1181459_1 libstdcxx-ng=11.2.0
"""
PROGRAMS = """
cuda nvidia/label/cuda-11.8.0::cuda-toolkit pytorch-cuda=11.8 conda anaconda=2023.09 pandoc proj git openjdk=11
spacy-model-en_core_web_sm sysroot_linux-64=2.17 gcc_linux-64 tesseract
"""


@pytest.mark.parametrize("entry", LIBRARIES.split())
def test_libraries_of_an_exported_environment_are_not_taken_from_the_index(entry: str) -> None:
    """Wheels carry theirs, and of the same name the index often has another project."""
    assert mapped(entry) == ()


@pytest.mark.parametrize("entry", PROGRAMS.split())
def test_programs_are_not_modelled(entry: str) -> None:
    """Code may call them, so they are not left out."""
    with pytest.raises(CondaError, match="not there") as caught:
        parse(conda(entry))
    assert not caught.value.modelled


@pytest.mark.parametrize(
    ("text", "python", "pip"),
    [
        ("\ufeff" + conda("python=3.11"), "3.11", (SERVER,)),
        (conda("python=3.11").replace("\n", "\r\n"), "3.11", (SERVER,)),
        (conda("python=3.11") + "prefix: /home/me/envs/e\nvariables: {A: 1}\n", "3.11", (SERVER,)),
        (conda("python=3.11").replace("name: e", "name: null"), "3.11", (SERVER,)),
        (conda("python=3.11", "python>=3"), None, (SERVER,)),
        ('{"dependencies": ["python=3.11", {"pip": ["azureml-inference-server-http"]}]}', "3.11", (SERVER,)),
        ("x: &p [numpy]\ndependencies:\n- &v python=3.11\n- pip: *p\n- pip: [pandas]\n", "3.11", ("numpy", "pandas")),
        ("dependencies: [python=3.11, pip]\npip: [numpy]\n", "3.11", ()),
        (conda("python=3.11#pinned", "numpy=1.26.4#pinned"), "3.11", (SERVER,)),
        (conda("python==3.11,<3.12"), "==3.11,<3.12", (SERVER,)),
    ],
)
def test_files_as_people_write_them(text: str, python: str | None, pip: tuple[str, ...]) -> None:
    """Byte order marks, line ends, exports, anchors and comments change nothing."""
    if python is None:
        with pytest.raises(CondaError, match="another Python"):
            parse(text)
    else:
        wanted = parse(text)
        assert (wanted.python, wanted.pip) == (python, pip)


BOMB = "x0: &x0 {a: 1}\n" + "".join(f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 10)}]}}\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "too much is merged by '<<', in line 4"),
        (conda("python=3.11") + "dependencies: [numpy]\n", "the key 'dependencies' is given twice, in line"),
        (conda("python=3.11") + "---\n" + conda("numpy"), "found another document"),
        ("dependencies:\n\t- python=3.11\n", "in line 2, column 1"),
        (conda("python=3.11").encode("utf-16").decode("latin-1"), "special characters are not allowed"),
        ("dependencies: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("? [a]\n: b\n", "unhashable key"),
        ("dependencies: [2024-13-45]", "month must be in 1..12"),
        ("#" * 200_001, "200000 at most"),
        ("{a: " * 5_000, "nested too deeply"),
    ],
)
def test_hostile_texts_are_told_in_one_line(text: str, says: str) -> None:
    """At once, and without a piece of the text."""
    with pytest.raises(CondaError) as caught:
        parse(text)
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_all_slips_are_told_at_once() -> None:
    """One reading names every one of them."""
    with pytest.raises(CondaError, match=r"dependencies\[0\].*dependencies\[2\]\.pip\[1\]"):
        parse(conda(None, "numpy", pip=(SERVER, None)))


@pytest.mark.parametrize("server", ["azureml_inference_server_http>=1.4", "azureml-defaults"])
def test_the_server_goes_by_several_names(server: str) -> None:
    """The inference server is found under any spelling, and in the package that brings it."""
    needs_server(parse(conda("pip", pip=(server,))))


def test_a_missing_inference_server_is_said() -> None:
    """Without the inference server no scoring script is served."""
    with pytest.raises(ServingError, match=f"do not have {SERVER}"):
        needs_server(parse(conda("python=3.11", "pip", pip=("numpy",))))


def test_an_mlflow_model_gets_the_server_that_it_does_not_name() -> None:
    """It is added, and said; a model whose environment can't load it is refused."""
    wanted = for_mlflow(parse(conda("python=3.11", pip=("mlflow",))))
    assert wanted.pip == ("mlflow", SERVER)
    assert f"{SERVER} is added" in notes_of(wanted)
    both = parse(conda(pip=("mlflow", SERVER)))
    assert for_mlflow(both) == both
    with pytest.raises(CondaError, match="does not have mlflow"):
        for_mlflow(parse(conda("python=3.11")))


@pytest.mark.parametrize("text", ["", "- a", "name: e", "dependencies: python", "a: [b"])
def test_what_is_no_conda_file(text: str) -> None:
    """Text that is no conda file is refused in one sentence."""
    with pytest.raises(ServingError, match="conda file"):
        parse(text)


# The dependency lists of files in azureml-examples' folders `cli/endpoints/online` and `sdk/python/endpoints/online`.
EXAMPLES = {
    "python=3.12 numpy=2.3.1 pip=25.1.1 scikit-learn=1.7.0 scipy=1.16.0": ("azureml-defaults==1.60.0", "joblib==1.2.0"),
    "python=3.10 scikit-learn=1.2.2 numpy pandas": (f"{SERVER}==0.7.6", "inference-schema==1.4"),
    "python=3.7 numpy=1.21.2 pip=21.2.4 scikit-learn=0.24.2 scipy=1.7.1": ("azureml-defaults>=1.38.0", SERVER),
    "python=3.12.3 pip<=23.1.2": ("mlflow", "scikit-learn==1.6.1", SERVER),
    "python=3.10.12 pip<=22.3.1": ("mlflow", "jupyter", SERVER),
}


@pytest.mark.parametrize("entries", EXAMPLES)
def test_microsofts_examples_are_read(entries: str) -> None:
    """They are taken as they are: the server is found, and nothing is refused."""
    wanted = parse(conda(*entries.split(), pip=EXAMPLES[entries]))
    needs_server(wanted)
    assert wanted.pip == EXAMPLES[entries]
    assert isinstance(wanted, Wanted)
