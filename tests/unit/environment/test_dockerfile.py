"""The line of a Dockerfile that a build failed at, from what the builder printed."""

from __future__ import annotations

import pytest

from pipeyard.environment.dockerfile import failed_instruction, instructions_of

TEXT = """\
# syntax=docker/dockerfile:1

FROM base AS one
ARG A=1
RUN apt-get update && \\
    # not an instruction
    apt-get install -y x
COPY <<EOF /x
RUN this is text
EOF
FROM one
RUN false
run echo $A
"""


def test_instructions_know_the_line_that_they_begin_on():
    """Continued lines, comments within them and documents brought along are no instructions."""
    assert [(one.line, one.text.split()[0]) for one in instructions_of(TEXT)] == [
        (3, "FROM"),
        (4, "ARG"),
        (5, "RUN"),
        (8, "COPY"),
        (11, "FROM"),
        (12, "RUN"),
        (13, "run"),
    ]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (["STEP 1/2: FROM one", "STEP 2/2: RUN false", "Error: building at STEP ..."], 12),
        (["[2/2] STEP 2/3: RUN false", "exit status 1"], 12),
        (["Step 5/6 : RUN false", "returned a non-zero code: 1"], 12),
        (["Dockerfile:12", "--------------------", ">>> RUN false"], 12),
        (['Error: build error: Unknown instruction: "COPI"'], None),
        (['dockerfile parse error on line 6: unknown instruction: "ARG"'], 4),
        (["nothing of use"], None),
    ],
)
def test_each_builder_names_the_place_in_its_own_way(said, line):
    """Podman, docker's older builder, and its newer one."""
    found = failed_instruction(TEXT, said)

    assert (found.line if found is not None else None) == line
