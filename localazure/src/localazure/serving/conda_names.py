"""Which of conda's packages the package index has, and under which name. Data.

Most Python packages have one name in both; here are those that have not. `LEFT_OUT`: what an interpreter or a wheel
brings along; an exported environment lists it all, and some of it is another project's name in the index. `NO_PYTHON`:
programs and libraries that no index of Python packages has. `PIP_ONLY`: what no conda channel has, so that Azure could
not install it either.
"""

RENAMED = {
    "brotli-python": "brotli",
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "keras-base": "keras",
    "keras-gpu": "keras",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "numpy-base": "numpy",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "pytables": "tables",
    "pyqt": "pyqt5",
    "pysoundfile": "soundfile",
    "python-annoy": "annoy",
    "python-fastjsonschema": "fastjsonschema",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-kaleido": "kaleido",
    "python-lmdb": "lmdb",
    "python-tzdata": "tzdata",
    "python-xxhash": "xxhash",
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
abseil-cpp aom arrow-cpp atk aws-c-auth aws-c-cal aws-c-common aws-c-compression aws-c-event-stream aws-c-http aws-c-io
aws-c-mqtt aws-c-s3 aws-c-sdkutils aws-checksums aws-crt-cpp aws-sdk-cpp blas blosc brotli brotli-bin brunsli bzip2
c-ares c-blosc2 ca-certificates cairo cfitsio charls cpuonly cyrus-sasl dal dav1d dbus eigen expat fftw font-ttf-dejavu
font-ttf-ubuntu fontconfig fonts-anaconda fonts-conda-ecosystem fonts-conda-forge freetype freexl fribidi gdk-pixbuf
geos gettext gflags giflib glib glib-tools glog gmp graphite2 grpc-cpp gsl gst-plugins-base gstreamer harfbuzz hdf4 hdf5
icu imath intel-openmp isl jpeg jxrlib keyutils krb5 lame lcms2 ld-impl-linux-64 lerc libabseil libaec libarrow
libarrow-acero libarrow-dataset libarrow-flight libarrow-flight-sql libarrow-substrait libavif libblas libboost
libbrotlicommon libbrotlidec libbrotlienc libcblas libclang13 libcrc32c libcups libcurl libdeflate libdrm libedit
libegl libev libevent libexpat libffi libgcc libgcc-mutex libgcc-ng libgcrypt libgfortran libgfortran-ng libgfortran5
libgl libglib libglvnd libglx libgomp libgoogle-cloud libgpg-error libgrpc libhwloc libiconv libjpeg-turbo liblapack
liblapacke liblightgbm libllvm14 libllvm15 liblzma liblzma-devel libmpdec libnghttp2 libnsl libntlm libogg libopenblas
libopencv libopengl libopus libparquet libpciaccess libpng libprotobuf libre2-11 libsodium libsqlite libssh2 libstdcxx
libstdcxx-ng libthrift libtiff libtorch libutf8proc libuuid libuv libvorbis libvpx libwebp libwebp-base libxcb
libxcrypt libxgboost libxkbcommon libxml2 libxslt libzlib libzopfli llvm-openmp lz4-c lzo metis mkl mkl-fft mkl-random
mkl-service mpc mpfr mysql-common mysql-libs ncurses nettle nomkl nspr nss openblas openjpeg openmp-mutex openssl orc
p11-kit pango parquet-cpp pcre pcre2 pixman pthread-stubs py-xgboost-mutex python-abi pytorch-mutex qhull qt qt-main
qt-webengine qt6-main rdma-core re2 readline s2n snappy spdlog sqlite suitesparse tbb tflow-select thrift-cpp tk
tzdata ucx utf8proc xcb-util xkeyboard-config xz yaml zeromq zfp zlib zlib-ng zstd
"""
PROGRAMS = """
anaconda anaconda-depends bash boost boost-cpp c-compiler cmake compilers conda cuda cudatoolkit cudnn curl cxx-compiler
ffmpeg fortran-compiler gcc gdal gfortran git glib-networking glpk go graphviz gxx imagemagick ipopt java java-jdk jq
julia kernel-headers-linux-64 make maven mpi mpich mysql nccl nginx nodejs openjdk openmpi pandoc perl poppler
postgresql proj r redis redis-server ruby rust sysroot-linux-64 tesseract unixodbc unzip vim wget yarn zip
"""
WINDOWS = "msys2-conda-epoch pywin32 pywinpty ucrt vc vc14-runtime vs2015-runtime wincertstore"
OF_WINDOWS = frozenset(WINDOWS.split())  # Azure's images are of Linux
LEFT_OUT = frozenset(WITH_PYTHON.split())
NO_PYTHON = frozenset(PROGRAMS.split())
NO_PYTHON_BEGIN = ("r-", "cuda-", "gcc-", "gxx-", "lib", "pytorch-cuda", "spacy-model-")
PYTHON_LIBS = frozenset({"libarchive-c", "libclang", "libcst", "libpysal", "librosa", "libsass", "libsvm", "libtmux"})
PIP_ONLY = ("azureml-", "inference-schema")


def is_left_out(name: str) -> bool:
    """Whether conda's package of this (normalised) name comes with Python or with what needs it."""
    return name in LEFT_OUT or name.startswith("xorg-")


def has_no_python(name: str) -> bool:
    """Whether conda's package of this (normalised) name is no Python package."""
    return name in NO_PYTHON or (name.startswith(NO_PYTHON_BEGIN) and name not in PYTHON_LIBS)
