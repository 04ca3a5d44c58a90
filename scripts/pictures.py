#!/usr/bin/env python3
"""
Make the pictures of the README and of docs/studio.md anew, from a real run on a scratch home.

  .venv/bin/python scripts/pictures.py        writes docs/terminal.svg, docs/job-light.png, docs/job-dark.png,
                                              and each page of `PAGES` in docs/studio/, light and dark

Needs the extra `examples` (`make setup` installs it) and a Chromium. Nothing is downloaded.
"""

import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
EXAMPLE = ROOT / "examples" / "regression"
COMMAND = [
    "pipeyard",
    "job",
    "create",
    "--file",
    "pipeline.yml",
    "--set",
    "inputs.alpha=0.1",
    "--name",
    "diabetes",
    "--stream",
]
COMMAND += ["--output", "none"]
COLUMNS, LINES = 96, 50
LINES_SHOWN = 34
WINDOW = "1180,{height}"
PAGE_HEIGHT = 940
REGISTERED = ROOT / "examples" / "registered-components"
# Pictures of docs/studio.md, by their names; smaller, for there are many.
PAGES = {
    "jobs": "/",
    "step": "/jobs/diabetes?step=train&tab=logs",
    "components": "/assets/components",
    "component": "/assets/components/fit_spring",
    "versions": "/assets/components/fit_spring?tab=versions&with=1",
    "data": "/assets/data/measurements?tab=preview",
    "environment": "/assets/environments/tools?tab=build",
    "compute": "/computes/cpu-cluster",
    "designer": "/designer/{draft}?yaml=true",
    "datastore": "/datastores/workspaceblobstore?path=LocalUpload",
}
SMALL_HEIGHT = 700
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Rich's own frame names a font on a server; ours takes what is there.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", Consolas, monospace;
 font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 16px; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Run the example and draw what there is to be seen."""
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pipeyard-pictures-") as folder:
        home = Path(folder) / "home"
        environment = {
            **os.environ,
            "PIPEYARD_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        environment.pop("NO_COLOR", None)
        run = lambda *words: subprocess.run(words, check=True, env=environment, capture_output=True)  # noqa: E731
        run("pipeyard", "server", "start")
        try:
            run("pipeyard", "compute", "create", "-n", "cpu-cluster", "--type", "amlcompute", "--max-instances", "2")
            # Once before: what is pictured is work, not how packages are installed.
            subprocess.run([*COMMAND[:5], "--stream"], check=True, env=environment, cwd=EXAMPLE, capture_output=True)
            printed = in_terminal(COMMAND, EXAMPLE, environment)
            draw(screen(printed), DOCS / "terminal.svg")
            register(run, Path(folder))
            draft = compose(run)
            (DOCS / "studio").mkdir(exist_ok=True)
            for scheme in ("light", "dark"):
                photograph(home, "/jobs/diabetes", scheme, DOCS / f"job-{scheme}.png")
                for name, path in PAGES.items():
                    picture = DOCS / "studio" / f"{name}-{scheme}.png"
                    photograph(home, path.format(draft=draft), scheme, picture, height=SMALL_HEIGHT, scale=1)
        finally:
            run("pipeyard", "server", "stop")


def register(run: Callable[..., object], folder: Path) -> None:
    """Register what the pages of assets show."""
    for name in ("fit", "apply", "judge"):
        run("pipeyard", "component", "create", "--file", str(REGISTERED / f"{name}.yml"))
    second = ("--version", "2", "--set", "display_name=Fit a spring, faster", "--set", "tags.stage=beta")
    run("pipeyard", "component", "create", "--file", str(REGISTERED / "fit.yml"), *second)
    table = str(next((REGISTERED / "data").glob("*.csv")))
    run("pipeyard", "data", "create", "--name", "measurements", "--type", "uri_file", "--path", table)
    packages = folder / "conda.yml"
    packages.write_text("name: tools\ndependencies: [pip, {pip: [six]}]\n", "utf-8")
    run("pipeyard", "environment", "create", "-n", "tools", "--image", "debian", "--conda-file", str(packages))
    run("pipeyard", "environment", "build", "tools")


def compose(run: Callable[..., subprocess.CompletedProcess[bytes]]) -> str:
    """Return the id of a draft of the example, which the picture of the Designer shows."""
    made = run("pipeyard", "draft", "create", "--template", "registered-components", "--output", "json")
    return str(json.loads(made.stdout)["id"])


def in_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Return what a command writes to a terminal."""
    pid, handle = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    printed = b""
    try:
        while piece := os.read(handle, 1 << 16):
            printed += piece
    except OSError:
        # Linux says so when the other end is closed.
        pass
    assert os.waitpid(pid, 0)[1] == 0, printed.decode()
    return printed.decode()


def screen(printed: str) -> list[str]:
    """Return the lines that are left to be seen: what was drawn anew is there once."""
    lines, row = [""], 0
    for token in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b", printed):
        moved = re.fullmatch(r"\x1b\[(\d*)A", token)
        if moved:
            row = max(0, row - int(moved[1] or 1))
        elif token == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif token.endswith(("K", "J")) and token.startswith("\x1b"):
            lines[row] = ""
        elif token != "\r" and not token.endswith(("h", "l")):
            lines[row] += token
    return lines


def draw(lines: list[str], target: Path) -> None:
    """Write a picture of the first and the last lines of a terminal."""
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > LINES_SHOWN:
        summary = next(number for number, line in enumerate(lines) if "Execution Summary" in line)
        tail = lines[summary - 1 :]
        lines = [*lines[: LINES_SHOWN - len(tail) - 1], "  ...", *tail]
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(Text("$ " + " ".join(COMMAND[:-2])))
    for line in lines:
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", crop=True)
    target.write_text(console.export_svg(title="pipeyard", code_format=FRAME, unique_id="terminal"), "utf-8")


def photograph(
    home: Path, path: str, scheme: str, target: Path, *, height: int = PAGE_HEIGHT, scale: float = 1.5
) -> None:
    """Write a picture of a page, as a browser shows it."""
    port = json.loads((home / "server.json").read_text())["port"]
    token = (home / "token").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/login-codes", b"{}", {"Authorization": f"Bearer {token}"}, method="POST"
    )
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        code = json.load(answer)["code"]
    browser = next(found for found in map(shutil.which, CHROMIUMS) if found)
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
                f"--window-size={WINDOW.format(height=height)}",
                f"--force-device-scale-factor={scale}",
                "--virtual-time-budget=4000",
                f"--screenshot={target}",
                f"http://127.0.0.1:{port}/login?{urlencode({'code': code, 'next': path})}",
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
