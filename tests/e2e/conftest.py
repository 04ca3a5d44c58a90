"""What several files of end-to-end tests share: large packages, brought once for all of them and kept between runs."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SPARK_NEEDS = ROOT / "examples" / "spark" / "conda.yml"
# Its name ends with what makes it another one.
SPARK_VENV = ROOT / f".venv-spark-{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def spark():
    """
    The variables by which uv has the pyspark of the example without fetching it, and by which `python` has it.

    It is hundreds of megabytes, and comes as something that a package is first made of.
    """
    (wanted,) = next(
        entry["pip"] for entry in yaml.safe_load(SPARK_NEEDS.read_text())["dependencies"] if "pip" in entry
    )
    SPARK_VENV.mkdir(exist_ok=True)
    done, wheels, programs = SPARK_VENV / "done.txt", SPARK_VENV / "wheels", SPARK_VENV / "bin"
    links = ",".join(filter(None, [str(wheels), os.environ.get("UV_FIND_LINKS")]))
    variables = {"UV_FIND_LINKS": links, "UV_CACHE_DIR": str(SPARK_VENV / "cache")}
    with (SPARK_VENV / "lock").open("w") as lock:
        # Other workers of this run may want it too.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(SPARK_VENV)], check=True, timeout=120)
            # With the user's own settings, which say where packages are.
            make = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), wanted]
            subprocess.run(make, check=True, timeout=900)
            uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet"]
            install = [*uv, "--python", str(programs / "python"), wanted]
            subprocess.run(install, env={**os.environ, **variables}, check=True, timeout=300)
            done.write_text(wanted)
    return {**variables, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
