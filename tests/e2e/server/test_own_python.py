"""Steps that install packages, in an environment that others share."""

from __future__ import annotations

import zipfile

INSTALL = "pip install --quiet --no-index --no-deps --disable-pip-version-check"
READ = 'python -c "import pipeyard_test_greeting as g, click; print(g.VERSION)"'


def wheel(folder, version):
    """Write a package with nothing in it but its version; return its path."""
    name, info = "pipeyard_test_greeting", f"pipeyard_test_greeting-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = '{version}'\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_each_step_has_what_it_installed_and_nobody_else_has(running, words, tmp_path):
    """Two at once install different versions; a third that comes after them finds neither, and its environment as it was."""
    out = {"o": {"type": "uri_folder"}}
    jobs = {
        f"step{version}": words.step(
            f"{INSTALL} {wheel(tmp_path, version)} && {READ} > ${{{{outputs.o}}}}/v", outputs=out
        )
        for version in ("1", "2")
    }
    jobs["after"] = words.step(f"! {READ}", depends_on=["step1", "step2"])
    end = running.follow(running.submit(jobs))[-1]

    assert end["job"]["status"] == "Completed", end
    store = running.home / "workspaces/default/workspaceblobstore/azureml"
    steps = {step["key"]: step["name"] for step in end["steps"]}
    assert {(store / steps[f"step{version}"] / "o/v").read_text() for version in "12"} == {"1\n", "2\n"}
