"""
What an order must look like.
"""

from __future__ import annotations

import pytest

from pipeyard.launcher.order import Order, checked_id
from pipeyard.launcher.refusal import Refusal, refusal_of


def _order(**changes: object) -> dict[str, object]:
    value: dict[str, object] = {
        "attempt_id": "0b1c.1",
        "command": "true",
        "environment": {},
        "code": None,
        "code_label": None,
        "folders": [],
        "inputs": [],
        "log": "/log",
        "timeout_seconds": None,
        "grace_seconds": 10.0,
        "log_bytes_max": 1 << 30,
    }
    return value | changes


def _input(**changes: object) -> dict[str, object]:
    return {"name": "in", "source": "/data", "label": "uri", "mode": "ro_mount", "path": "inputs/in"} | changes


def test_a_whole_order_is_read():
    """Every field arrives."""
    order = Order(_order(inputs=[_input()], timeout_seconds=3, folders=["outputs/a b", "wd/ü"]))

    assert (order.attempt_id, order.timeout_seconds, order.folders) == ("0b1c.1", 3, ["outputs/a b", "wd/ü"])
    assert [(item.name, item.source, item.path) for item in order.inputs] == [("in", "/data", "inputs/in")]


@pytest.mark.parametrize("path", ["", "/etc", "..", "a/../b", "a//b", "a/", "./a", "record.json", "guard.json/x"])
def test_a_target_that_is_not_plainly_below_the_folder_is_refused(path):
    """No spelling of a path leads out of the staging folder, or onto the launcher's own files."""
    with pytest.raises(Refusal, match="does not lie below"):
        Order(_order(inputs=[_input(path=path)]))
    with pytest.raises(Refusal, match="does not lie below"):
        Order(_order(folders=[path]))


@pytest.mark.parametrize("name", ["a..b", "...", " ", "a\nb", "$(id)", "-rf", "ü"])
def test_strange_names_are_names(name):
    """Only what means something to the system is refused."""
    assert Order(_order(inputs=[_input(path=f"inputs/{name}")])).inputs[0].path == f"inputs/{name}"


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt_id": 7},
        {"command": None},
        {"command": "a\0b"},
        {"environment": []},
        {"environment": {"A=B": "x"}},
        {"environment": {"": "x"}},
        {"environment": {"A": "x\0"}},
        {"environment": {"A": 1}},
        {"log": "relative"},
        {"code": "relative"},
        {"inputs": {}},
        {"inputs": ["text"]},
        {"inputs": [_input(mode="direct")]},
        {"folders": [1]},
        {"grace_seconds": -1},
        {"grace_seconds": float("nan")},
        {"grace_seconds": True},
        {"timeout_seconds": "soon"},
        {"log_bytes_max": None},
    ],
)
def test_a_field_of_the_wrong_kind_is_refused_as_a_bad_order(changes):
    """A broken message starts nothing."""
    with pytest.raises(Refusal) as caught:
        Order(_order(**changes))
    assert caught.value.code == "bad-order"


def test_an_order_that_is_no_object_is_refused():
    """The order itself has a form, too."""
    with pytest.raises(Refusal, match="an order is an object"):
        Order(None)


@pytest.mark.parametrize("text", ["a.1", "0b1c-2_x.12", "A" * 200])
def test_an_attempt_id_is_a_plain_file_name(text):
    """Letters, digits and a few signs."""
    assert checked_id(text) == text


@pytest.mark.parametrize(
    ("number", "code"), [(28, "disk-full"), (13, "no-permission"), (2, "missing-source"), (5, "staging-failed")]
)
def test_a_system_error_becomes_a_code_and_a_sentence(number, code):
    """Each refusal says what was tried, where, and what to do."""
    refusal = refusal_of(OSError(number, "words", "/a/b"), "copy the code")

    assert refusal.code == code
    assert refusal.message.startswith("could not copy the code at `/a/b`: ")


def test_a_refusal_always_fits_into_a_pipe():
    """However long a name is, the message is bounded."""
    assert len(Refusal("x", "y" * 100_000).message) <= 4000


def test_the_files_of_a_table_are_read_with_its_modes_only():
    """Other modes have none; the launcher's own names are no matter below an input."""
    files = [{"path": "a b/record.json", "source": "/data/x"}]
    order = Order(_order(inputs=[_input(mode="eval_mount", files=files), _input(mode="ro_mount")]))

    assert [item.files for item in order.inputs] == [[("a b/record.json", "/data/x")], []]


@pytest.mark.parametrize(
    "files",
    [
        None,
        [["a", "/x"]],
        [{"path": "../a", "source": "/x"}],
        [{"path": "/a", "source": "/x"}],
        [{"path": "a", "source": "x"}],
        [{"path": "a"}],
    ],
)
def test_files_that_make_no_sense_are_refused(files):
    """They stay below their input and come from a full path."""
    with pytest.raises(Refusal):
        Order(_order(inputs=[_input(mode="eval_download", files=files)]))


def test_an_older_server_binds_to_no_cpus():
    """The field may be missing; a newer one says numbers."""
    assert Order(_order()).cpus == []
    assert Order(_order(cpus=[0, 3])).cpus == [0, 3]


@pytest.mark.parametrize("cpus", [None, "0", [True], [-1], [1.5], ["0"]])
def test_cpus_are_numbers(cpus):
    """Anything else is no order."""
    with pytest.raises(Refusal):
        Order(_order(cpus=cpus))
