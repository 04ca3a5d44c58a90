from __future__ import annotations

import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeyard.launch.command_line import render_command
from pipeyard.spec.binding import parse_command

# Each prints the path once, alone on its line, in another place of the shell's language.
COMMANDS = [
    "printf '%s\\n' ${{inputs.p}}",
    "printf '%s\\n' \"${{inputs.p}}\"",
    "printf '%s\\n' '${{inputs.p}}'",
    "printf '%s\\n' $'${{inputs.p}}'",
    "printf '%s\\n' \"$(printf %s ${{inputs.p}})\"",
    'printf \'%s\\n\' "$(printf %s "${{inputs.p}}")"',
    "printf '%s\\n' \"`printf %s ${{inputs.p}}`\"",
    'printf \'%s\\n\' "${NOTHING:-"${{inputs.p}}"}"',
    "# don't stop here\nprintf '%s\\n' ${{inputs.p}}",
    "x=${{inputs.p}} && printf '%s\\n' \"$x\"",
    "cat <<END\n${{inputs.p}}\nEND",
    "cat <<'END'\n${{inputs.p}}\nEND",
    "echo $((1 << 2)) > /dev/null; printf '%s\\n' ${{inputs.p}}",
]
# A path as somebody may have named it: everything but NUL, and no line breaks, at which `$(...)` ends.
paths = st.text(st.sampled_from("ab /.'\"\\$`!*?[]{}()<>|&;#~=%^\té€-"), min_size=1, max_size=12).map("/".__add__)


@pytest.mark.parametrize("text", COMMANDS)
@given(path=paths)
@settings(max_examples=15, deadline=None)
def test_bash_reads_back_exactly_the_path(text, path):
    """Whatever a folder is called and wherever its expression stands, the program gets that path and nothing else runs."""
    # Bash takes `<(` for a process substitution even between the quotes of a `${...}` between quotes,
    # and offers no spelling that it does not.
    assume("${NOTHING" not in text or not {"<(", ">("} & {path[at : at + 2] for at in range(len(path))})
    command, problems = parse_command(text)
    rendered = render_command(command, {"p": path}, {}, paths=("p",))
    done = subprocess.run(["/bin/bash", "-c", rendered], capture_output=True, check=False, timeout=60)

    assert problems == ()
    assert (done.stdout.decode(), done.stderr.decode()) == (path + "\n", "")
