"""
Conda packages taken for pip packages, where a person allowed it.

In:       a conda file.
Out:      the same with pip's names, each substitution in words; or why it cannot be done.
Not here: whether it is allowed (`resolve.py`).

A name that is not in the table is refused rather than guessed: on the package index it
may be somebody else's.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeyard.environment.conda_file import CondaFile, split_spec

# Packages that are called the same in both worlds and are the same.
_SAME = frozenset(
    [
        "absl-py",
        "aiohttp",
        "azure-ai-ml",
        "azure-identity",
        "azure-storage-blob",
        "beautifulsoup4",
        "bokeh",
        "boto3",
        "click",
        "cloudpickle",
        "cython",
        "dask",
        "datasets",
        "distributed",
        "fastapi",
        "fastparquet",
        "flask",
        "fsspec",
        "gensim",
        "h5py",
        "holoviews",
        "imbalanced-learn",
        "ipykernel",
        "ipython",
        "jinja2",
        "joblib",
        "jsonschema",
        "jupyter",
        "jupyterlab",
        "keras",
        "lightgbm",
        "lxml",
        "matplotlib",
        "mlflow",
        "mlflow-skinny",
        "nltk",
        "notebook",
        "numba",
        "numpy",
        "onnx",
        "onnxruntime",
        "openpyxl",
        "packaging",
        "pandas",
        "patsy",
        "pillow",
        "pip",
        "plotly",
        "polars",
        "protobuf",
        "psutil",
        "pyarrow",
        "pydantic",
        "pyspark",
        "pytest",
        "python-dateutil",
        "pytz",
        "pyyaml",
        "requests",
        "rich",
        "s3fs",
        "scikit-image",
        "scikit-learn",
        "scipy",
        "seaborn",
        "sentencepiece",
        "shap",
        "six",
        "spacy",
        "sqlalchemy",
        "statsmodels",
        "sympy",
        "tabulate",
        "tensorboard",
        "tensorflow",
        "threadpoolctl",
        "tokenizers",
        "toolz",
        "torchaudio",
        "torchmetrics",
        "torchvision",
        "tqdm",
        "transformers",
        "typing-extensions",
        "ujson",
        "werkzeug",
        "xarray",
        "xgboost",
    ]
)
_OTHER = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-lightning": "pytorch-lightning",
    "lightning": "lightning",
    "py-xgboost": "xgboost",
    "matplotlib-base": "matplotlib",
    "pytables": "tables",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "dask-core": "dask",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-cpu": "tensorflow-cpu",
    "ruamel.yaml": "ruamel.yaml",
    "faiss-cpu": "faiss-cpu",
    "huggingface_hub": "huggingface-hub",
    "prompt_toolkit": "prompt-toolkit",
    "typing_extensions": "typing-extensions",
}
_VERSION = re.compile(r"(<=|>=|==|!=|~=|<|>)?[0-9][\w.*+!]*\Z")


def translate(file: CondaFile) -> tuple[CondaFile, tuple[str, ...], str | None]:
    """Return the file with pip packages only, `conda=1 -> pip==1.*` for each, and the problem if there is one."""
    requirements: list[str] = []
    substitutions: list[str] = []
    for entry in file.packages:
        channel, name, version = split_spec(entry)
        if channel:
            return file, (), f"`{entry}` is tied to a channel"
        wanted = name.lower()
        pip_name = wanted if wanted in _SAME else _OTHER.get(wanted)
        if pip_name is None:
            return file, (), f"`{name}` is not known to be on a package index"
        limits = _limits(version)
        if limits is None:
            return file, (), f"`{entry}` asks for a build, or in a way that pip does not know"
        requirements.append(f"{pip_name}{limits}")
        substitutions.append(f"{entry} -> {pip_name}{limits}")
    return (
        replace(file, packages=(), requirements=(*requirements, *file.requirements)),
        tuple(substitutions),
        None,
    )


def _limits(version: str) -> str | None:
    """Return limits as pip writes them; None when it cannot."""
    text = version.replace(" ", "")
    if text in ("", "*"):
        return ""
    if re.fullmatch(r"=?[0-9][\w.]*", text):
        # Conda's single sign means "begins with".
        return f"=={text.removeprefix('=')}.*"
    if re.fullmatch(r"==?[0-9][\w.]*\.\*", text) or re.fullmatch(r"[0-9][\w.]*\.\*", text):
        return f"=={text.lstrip('=')}"
    parts = text.split(",")
    if not all(_VERSION.match(part) for part in parts):
        return None
    return ",".join(part if part[0] in "<>=!~" else f"=={part}" for part in parts)
