"""
What a step runs in: a reference, a file, or a mapping (section 6).

In:       the value of `environment:`, or a whole environment file.
Out:      an `EnvironmentValue`.
Not here: reading the files it names (`spec/inline.py`), building it.
"""

from __future__ import annotations

from typing import Any

from pipeyard.model.assets import AssetKind, DataUri, LocalPath, LocalRole
from pipeyard.model.component import EnvironmentValue, InlineEnvironment
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.spec import legacy
from pipeyard.spec.binding import OPEN, Problem
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import is_file_like, parse_data_path, parse_reference

# The current interpreter.
WORDS = frozenset({"local"})

# Keys of a conda file that an environment does not have.
_CONDA_KEYS = frozenset({"dependencies", "channels", "prefix"})


def decode_environment_value(reading: Reading, value: Any, place: Place) -> EnvironmentValue | None:
    """Return what `environment:` says; None when nothing, or nothing usable, was written."""
    if value is None:
        return None
    if isinstance(value, str):
        return _decode_text(reading, value, place)
    if isinstance(value, list | bool | int | float):
        reading.wrong_type("environment", value, place, "a reference, a file or a mapping")
        return None
    fields = reading.fields(value, place, "environment")
    if fields is not None and reading.source_of(place) == reading.document.source:
        _ignore_name(reading, fields)
    return decode_environment_fields(reading, fields) if fields is not None else None


def decode_environment_fields(reading: Reading, fields: Fields) -> InlineEnvironment | None:
    """Return an environment that is written out."""
    legacy.rewrite_environment(reading, fields)
    if any(key in fields for key in _CONDA_KEYS) and not any(key in fields for key in ("image", "build", "conda_file")):
        reading.error(
            "conda-file-as-environment",
            "this is a conda file, not an environment",
            fields.place,
            expected="`image` or `build`, and the packages under `conda_file`",
            hint="write `environment: {image: <image>, conda_file: <this file>}`",
        )
        return None
    reading.check_fields(fields, "environment", severity=Severity.WARNING, where="an environment")
    image = reading.plain_text(fields, "image")
    build, dockerfile = _decode_build(reading, fields)
    _check_one_base(reading, fields)
    conda, conda_file = _decode_conda(reading, fields)
    return InlineEnvironment(
        fields.place,
        image=image,
        conda=conda,
        build=build,
        dockerfile=dockerfile,
        os_type=(reading.plain_text(fields, "os_type") or "linux").lower(),
        conda_file=conda_file,
    )


def _decode_text(reading: Reading, text: str, place: Place) -> EnvironmentValue | None:
    if text.strip().lower() in WORDS:
        return text.strip().lower()
    if OPEN in text:
        reading.error("expression-not-here", "`environment` cannot hold an expression", place, expected="a reference")
        return None
    found = parse_reference(text, AssetKind.ENVIRONMENT, reading.source_of(place))
    if isinstance(found, LocalPath) and not is_file_like(found.text):
        reading.error(
            "missing-prefix",
            f"`{text}` is neither a file nor a reference",
            place,
            expected="`azureml:<name>`, a path of a YAML file, or a mapping",
            hint=f"write `azureml:{text}` for a registered environment",
        )
        return None
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.ENVIRONMENT_FILE, found, place)
        return InlineEnvironment(place, file=found)
    return found


def _ignore_name(reading: Reading, fields: Fields) -> None:
    """Warn of what only registering would read; a file may have it, since it can also be registered."""
    for name in ("name", "version"):
        if fields.has(name):
            message = f"`{name}` has no effect in an environment that is written out where it is used"
            reading.warn("no-effect", message, fields.key_of(name), hint="remove it")


def _check_one_base(reading: Reading, fields: Fields) -> None:
    """Report an environment with both an image and a build, or with neither; Azure's client checks neither."""
    if fields.has("image") and fields.has("build"):
        reading.error(
            "environment-base",
            "an environment has either `image` or `build`, this has both",
            fields.place_of("build"),
            expected="exactly one of `image` and `build`",
            hint="remove one of the two",
        )
    elif not fields.has("image") and not fields.has("build"):
        reading.error(
            "environment-base",
            "an environment has either `image` or `build`, this has neither",
            fields.place,
            expected="exactly one of `image` and `build`",
            hint="add `image: <container image>`",
        )


def _decode_build(reading: Reading, fields: Fields) -> tuple[LocalPath | DataUri | None, str]:
    build = reading.mapping(fields, "build")
    if build is None:
        return None, "Dockerfile"
    reading.check_fields(build, "build", severity=Severity.WARNING, where="`build`")
    dockerfile = reading.plain_text(build, "dockerfile_path") or "Dockerfile"
    text, place = reading.plain_text(build, "path"), build.place_of("path")
    if text is None:
        if not build.has("path"):
            reading.missing("path", build.place, "`build`", hint="name the folder of the build context")
        return None, dockerfile
    found = parse_data_path(text, reading.source_of(place))
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None, dockerfile
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.BUILD, found, place)
        return found, dockerfile
    if isinstance(found, DataUri):
        return found, dockerfile
    reading.error("wrong-type", "`path` takes a folder, this is a reference", place, expected="a folder")
    return None, dockerfile


def _decode_conda(reading: Reading, fields: Fields) -> tuple[dict[str, Any] | None, LocalPath | None]:
    value, place = fields.get("conda_file"), fields.place_of("conda_file")
    if value is None:
        return None, None
    if isinstance(value, dict):
        _check_conda(reading, value, place)
        return value, None
    if not isinstance(value, str):
        reading.wrong_type("conda_file", value, place, "a path or a mapping")
        return None, None
    found = parse_data_path(value, reading.source_of(place))
    if isinstance(found, LocalPath):
        reading.note_local(LocalRole.CONDA_FILE, found, place)
        return None, found
    if isinstance(found, Problem):
        reading.report(found, place, value)
    else:
        reading.wrong_type("conda_file", value, place, "a path of a local file, or a mapping")
    return None, None


def _check_conda(reading: Reading, conda: dict[str, Any], place: Place) -> None:
    dependencies = conda.get("dependencies")
    if dependencies is not None and not isinstance(dependencies, list):
        reading.wrong_type("dependencies", dependencies, place.child("dependencies"), "a list of packages")
