"""Which of conda's packages the package index has, and under which name. Data.

Most Python packages have one name in both; here are those that have not. `LEFT_OUT`: what an interpreter or a wheel
brings along (an exported environment lists it all). `NO_PYTHON`: programs and libraries that no index of Python
packages has. `PIP_ONLY`: what no conda channel has, so that Azure could not install it either.
"""

RENAMED = {
    "brotli-python": "brotli",
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "keras-gpu": "keras",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "numpy-base": "numpy",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "pytables": "tables",
    "python-annoy": "annoy",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "redis-py": "redis",
    "ruamel-yaml": "ruamel.yaml",
    "seaborn-base": "seaborn",
    "tensorflow-base": "tensorflow",
    "tensorflow-gpu": "tensorflow",
}
WITH_PYTHON = """
blas bzip2 ca-certificates cpuonly intel-openmp ld-impl-linux-64 libblas libcblas libexpat libffi libgcc libgcc-mutex
libgcc-ng libgfortran libgfortran-ng libgfortran5 libgomp liblapack liblzma libmpdec libnsl libopenblas libsqlite
libstdcxx libstdcxx-ng libuuid libxcrypt libzlib mkl mkl-service ncurses nomkl openmp-mutex openssl python-abi readline
sqlite tk xz zlib
"""
PROGRAMS = """
arrow-cpp bash boost boost-cpp c-compiler cmake compilers cudatoolkit cudnn curl cxx-compiler ffmpeg fortran-compiler
gcc gdal gfortran git glib go graphviz gxx hdf5 java jq julia make maven mpi mpich nccl nginx nodejs openjdk openmpi
perl poppler r redis redis-server ruby rust tesseract unixodbc unzip vim wget yarn zip
"""
LEFT_OUT = frozenset(WITH_PYTHON.split())
NO_PYTHON = frozenset(PROGRAMS.split())
NO_PYTHON_BEGIN = ("r-", "cuda-", "gcc-", "gxx-", "lib", "xorg-", "pytorch-cuda")
PYTHON_LIBS = frozenset({"libarchive-c", "libclang", "libcst", "libpysal", "librosa", "libsass", "libsvm", "libtmux"})
PIP_ONLY = ("azureml-", "inference-schema")


def has_no_python(name: str) -> bool:
    """Whether conda's package of this (normalised) name is no Python package."""
    return name in NO_PYTHON or (name.startswith(NO_PYTHON_BEGIN) and name not in PYTHON_LIBS)
