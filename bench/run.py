#!/usr/bin/env python3
"""
Measure Pipeyard against a bare loop, as ratios inside one run.

  make bench                      everything, five times each, interleaved
  bench/run.py --only chain20     one of them
  bench/run.py --record           also make this run the recorded result in bench/README.md

A wheel of this checkout is built, installed and byte-compiled in a scratch environment, and a server runs warm
on a scratch home. The bare loop (peers/bare/bare.py) starts the same commands with the same shell, two at a time,
and keeps no records. Nothing here ever fails because of a time: machines differ, and people read the table.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
PEERS = HERE / "peers"
README = HERE / "README.md"
STEPS = {"one": 1, "chain20": 20, "fan100": 102, "ind1000": 1000, "ind10000": 10_000}
PLAN_STEPS = 5000
VERSIONS = 10_000


@dataclass
class Row:
    """One line of the table: what is measured, against what, and how much is wanted at most."""

    name: str
    ours: Callable[[], tuple[float, float]]
    # None: judged by its seconds.
    bare: Callable[[], tuple[float, float]] | None
    wanted: float
    steps: int = 0


class Bench:
    def __init__(self, work: Path):
        self.work = work
        self.venv = work / "venv"
        self.home = work / "home"
        self.runs = 0
        # Of slot time in which a slot was empty while a step could have had it, one for each crowd.
        self.empty_shares: list[float] = []
        self.env = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "LC_ALL", "TERM", "TMPDIR")} | {
            "PATH": f"{self.venv}/bin:/usr/local/bin:/usr/bin:/bin",
            "PIPEYARD_HOME": str(self.home),
            "PYTHONPATH": str(PEERS),
            "BENCH_JOBS": "2",
            "BENCH_SHELL": "/bin/bash",  # What Pipeyard runs commands with; the same for the bare loop.
        }
        self.pipeyard = str(self.venv / "bin" / "pipeyard")
        self.python = str(self.venv / "bin" / "python")

    # --- setting up -------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """Build the wheel and install it with its locked dependencies, byte-compiled."""
        env = dict(os.environ, HERE=str(PEERS / "pipeyard"), BENCH_VENV=str(self.venv), UV_PYTHON_DOWNLOADS="never")
        env |= {"BENCH_BASE_PYTHON": sys.executable, "BENCH_UV": str(Path(sys.executable).parent / "uv")}
        subprocess.run(["/bin/sh", str(PEERS / "pipeyard" / "install.sh")], env=env, check=True)

    def start_server(self) -> None:
        self.run([self.pipeyard, "server", "start"])
        self.run([self.pipeyard, "compute", "create", "-n", "bench", "--type", "amlcompute", "--max-instances", "2"])

    def stop_server(self) -> None:
        subprocess.run([self.pipeyard, "server", "stop"], env=self.env, capture_output=True, timeout=60, check=False)

    def run(self, argv: list[str], cwd: Path | None = None, **env: str) -> None:
        done = subprocess.run(
            argv, env=self.env | env, cwd=cwd or self.work, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"bench: {' '.join(argv)} failed:\n{done.stdout}{done.stderr}")

    # --- measuring --------------------------------------------------------------------------------------------------

    def residents(self) -> list[int]:
        """The server, the launcher and all processes below them."""
        pids = [
            json.loads(path.read_text())["pid"]
            for name in ("server.json", "launcher/launcher.json")
            if (path := self.home / name).exists()
        ]
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                pids.extend(int(child) for child in task.read_text().split())
        return pids

    def timed(self, argv: list[str], cwd: Path | None = None, **env: str) -> tuple[float, float]:
        """Run a command; return its wall seconds, and the CPU seconds of it, the server and the launcher."""
        before = spent(self.residents())
        start = time.perf_counter()
        process = subprocess.Popen(
            argv,
            env=self.env | env,
            cwd=cwd or self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"bench: {' '.join(argv)} failed:\n{errors.decode(errors='replace')}")
        return wall, usage.ru_utime + usage.ru_stime + spent(self.residents()) - before

    def folder(self, workload: str, mode: str) -> tuple[Path, dict[str, str]]:
        """Make a fresh work folder for one run, with the pipeline's file in it."""
        self.runs += 1
        folder = self.work / "runs" / f"{workload}-{self.runs}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "src.txt").write_text("hello\n")
        env = {"BENCH_WORKLOAD": workload, "BENCH_WORK": str(folder), "BENCH_MODE": mode, "BENCH_VARIANT": "sh"}
        if mode != "bare":
            self.run([self.python, str(PEERS / "pipeyard" / "prepare.py")], folder, **env)
        return folder, env

    def workload(self, workload: str, mode: str) -> Callable[[], tuple[float, float]]:
        def once() -> tuple[float, float]:
            folder, env = self.folder(workload, mode)
            if mode == "bare":
                argv = [self.python, str(PEERS / "bare" / "bare.py")]
            else:
                argv = [self.pipeyard, "job", "create", "--file", "pipeline.yml", "--stream", "--output", "none"]
            result = self.timed(argv, folder, **env)
            ran = len((folder / "exec.log").read_text().splitlines())
            if ran != STEPS[workload]:
                sys.exit(f"bench: {workload} ({mode}) ran {ran} commands instead of {STEPS[workload]}")
            shutil.rmtree(folder)
            return result

        return once

    def again(self, workload: str, *more: str) -> Callable[[], tuple[float, float]]:
        """Run a workload once, and measure runs in which nothing has changed: all of it is reused."""
        folder: Path | None = None

        def once() -> tuple[float, float]:
            nonlocal folder
            argv = [self.pipeyard, "job", "create", "--file", "pipeline.yml", "--stream", "--output", "none"]
            if folder is None:
                folder, _ = self.folder(workload, "")
                self.timed(argv, folder)
                # The second run reads small outputs once more: they were written just before they were stored.
                self.timed(argv, folder)
            result = self.timed([*argv, *more], folder)
            ran = len((folder / "exec.log").read_text().splitlines())
            if ran != STEPS[workload]:
                sys.exit(f"bench: {workload} again ran {ran - STEPS[workload]} commands instead of none")
            return result

        return once

    def crowd(self) -> tuple[float, float]:
        """Run 100 jobs of 20 steps at once, and remember how often a slot was empty for nothing."""
        before = spent(self.residents())
        said = subprocess.run(
            [self.python, str(HERE / "crowd.py"), str(self.home)],
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(said.stdout)
        self.empty_shares.append(found["empty_share"])
        return found["seconds"], spent(self.residents()) - before

    def plan(self) -> Callable[[], tuple[float, float]]:
        folder = self.work / "plan"
        folder.mkdir(exist_ok=True)
        (folder / "src.txt").write_text("hello\n")
        env = {"BENCH_WORKLOAD": f"chain{PLAN_STEPS}", "BENCH_WORK": str(folder), "BENCH_MODE": ""}
        self.run([self.python, str(PEERS / "pipeyard" / "prepare.py")], folder, **env)
        return lambda: self.timed(
            [self.pipeyard, "job", "validate", "--file", "pipeline.yml", "--output", "none"], folder
        )

    def versions(self) -> Callable[[], tuple[float, float]]:
        self.run([self.python, str(HERE / "versions.py"), str(self.home), str(VERSIONS)])
        return lambda: self.timed(
            [self.pipeyard, "component", "list", "--name", "many", "-r", "50", "--output", "none"]
        )

    def memory(self) -> dict[str, float]:
        """Return the resident MiB (proportional share) of server and launcher."""
        found = {}
        for name, path in (("server", "server.json"), ("launcher", "launcher/launcher.json")):
            try:
                pid = json.loads((self.home / path).read_text())["pid"]
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                found[name] = int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) / 1024
            except (OSError, StopIteration):
                continue
        return found

    def rows(self) -> list[Row]:
        pass_ = lambda: self.timed([self.python, "-c", "pass"])  # noqa: E731
        rows = [
            Row("--version", lambda: self.timed([self.pipeyard, "--version"]), pass_, 1.5),
            Row("--help", lambda: self.timed([self.pipeyard, "--help"]), pass_, 5),
            Row("job list", lambda: self.timed([self.pipeyard, "job", "list"]), None, 0.15),
            Row(f"list {VERSIONS} versions", self.versions(), None, 0.3),
            Row("one step", self.workload("one", ""), None, 0.25, 1),
        ]
        for workload in ("chain20", "fan100", "ind1000"):
            bare = self.workload(workload, "bare")
            rows.append(Row(workload, self.workload(workload, ""), bare, 3, STEPS[workload]))
            rows.append(Row(f"{workload}, data outside", self.workload(workload, "outside"), bare, 3, STEPS[workload]))
        rows += [
            Row("fan100 again, all reused", self.again("fan100"), None, 0.2),
            Row("fan100 again, every byte verified", self.again("fan100", "--verify"), None, 0.2),
            Row("100 jobs of 20 steps", self.crowd, None, 60, 2000),
            Row("ind10000 again, all reused", self.again("ind10000"), None, 5),
        ]
        rows.append(Row(f"plan of {PLAN_STEPS} steps", self.plan(), None, 2))
        return rows


def spent(pids: list[int]) -> float:
    """Return the CPU seconds of these processes and of the children that they waited for."""
    ticks = 0
    for pid in pids:
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(rows: list[Row], times: int, long: float) -> dict[str, dict]:
    """Run everything in turn, *times* times over; what takes longer than *long* seconds only three times."""
    found = {row.name: {"ours": [], "bare": []} for row in rows}
    for row in rows:  # Warms caches on both sides; not counted.
        if row.steps <= STEPS["chain20"]:
            row.ours()
            if row.bare:
                row.bare()
    for turn in range(times):
        for row in rows[turn % len(rows) :] + rows[: turn % len(rows)]:
            seen = found[row.name]
            if turn >= 3 and seen["ours"][0][0] > long:
                continue
            seen["ours"].append(row.ours())
            if row.bare:
                seen["bare"].append(row.bare())
            print(f"  {turn + 1}/{times} {row.name}: {seen['ours'][-1][0]:.3f} s", file=sys.stderr, flush=True)
    return {row.name: summary(row, found[row.name]) for row in rows}


def summary(row: Row, seen: dict[str, list]) -> dict:
    median = lambda side, index: statistics.median(one[index] for one in seen[side])  # noqa: E731
    result = {"seconds": median("ours", 0), "wanted": row.wanted, "runs": len(seen["ours"])}
    if row.steps:
        result["cpu_ms_per_step"] = 1000 * median("ours", 1) / row.steps
    if row.bare:
        result["bare_seconds"] = median("bare", 0)
        # Each run is divided by the bare run right after it, so that a busy moment of the machine cancels out.
        result["ratio"] = statistics.median(a[0] / b[0] for a, b in zip(seen["ours"], seen["bare"], strict=True))
        if row.steps:
            result["bare_cpu_ms_per_step"] = 1000 * median("bare", 1) / row.steps
    return result


def table(result: dict, before: dict) -> str:
    lines = [
        "| what | seconds | bare loop | ratio | wanted | CPU ms/step (bare) | recorded |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in result["rows"].items():
        bare = f"{row['bare_seconds']:.3f}" if "ratio" in row else ""
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        wanted = f"{row['wanted']:g} x" if "ratio" in row else f"{row['wanted']:g} s"
        cpu = f"{row['cpu_ms_per_step']:.1f}" if "cpu_ms_per_step" in row else ""
        cpu += f" ({row['bare_cpu_ms_per_step']:.1f})" if "bare_cpu_ms_per_step" in row else ""
        old = before.get("rows", {}).get(name, {})
        then = f"{old['ratio']:.2f} x" if "ratio" in old else f"{old['seconds']:.3f} s" if old else ""
        lines.append(f"| {name} | {row['seconds']:.3f} | {bare} | {ratio} | {wanted} | {cpu} | {then} |")
    lines += ["", "Memory at the end, MiB: " + ", ".join(f"{name} {mib:.0f}" for name, mib in result["memory"].items())]
    return "\n".join(lines)


START, END = "<!-- recorded: written by bench/run.py --record", "<!-- end of recorded -->"


def recorded() -> dict:
    """Return the last recorded result, which README.md carries in a comment."""
    text = README.read_text() if README.exists() else ""
    if START not in text:
        return {}
    return json.loads(text.partition(START)[2].partition("-->")[0])


def record(result: dict) -> None:
    text = README.read_text()
    head, _, rest = text.partition(START)
    tail = rest.partition(END)[2]
    block = f"{START}\n{json.dumps(result)}\n-->\n\n{machine(result)}\n\n{table(result, {})}\n\n{END}"
    README.write_text(head + block + tail)


def machine(result: dict) -> str:
    where = result["machine"]
    return (
        f"{result['date']}, version {result['version']}: {where['cores']} cores, {where['memory_gib']} GiB, "
        f"{where['system']}, Python {where['python']}; medians of {result['times']} interleaved runs."
    )


def system_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", action="append", help="a row, by the start of its name; may be repeated")
    parser.add_argument("--long", type=float, default=60, help="what takes longer is run three times only")
    parser.add_argument("--work", type=Path, default=HERE / ".work")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that the server is stopped.

    bench = Bench(options.work.resolve())
    bench.stop_server() if Path(bench.pipeyard).exists() else None
    for name in ("home", "runs", "plan"):
        shutil.rmtree(bench.work / name, ignore_errors=True)
    bench.work.mkdir(parents=True, exist_ok=True)
    print("bench: building and installing a wheel", file=sys.stderr, flush=True)
    bench.install()
    try:
        bench.start_server()
        rows = [
            row for row in bench.rows() if not options.only or any(row.name.startswith(one) for one in options.only)
        ]
        measured = measure(rows, options.times, options.long)
        memory = bench.memory()
    finally:
        bench.stop_server()

    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    result = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "version": subprocess.run(
            [bench.pipeyard, "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1],
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(pages / 2**30),
            "system": system_name(),
            "python": platform.python_version(),
        },
        "times": options.times,
        "rows": measured,
        "memory": memory,
        "empty_share": statistics.median(bench.empty_shares) if bench.empty_shares else None,
    }
    if bench.empty_shares:
        print(f"100 jobs of 20 steps: a slot was empty for nothing in {result['empty_share']:.1%} of the slot time")
    print(machine(result), table(result, recorded()), sep="\n\n")
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    (results / f"{stamp}.json").write_text(json.dumps(result, indent=1) + "\n")
    if options.record:
        record(result)


if __name__ == "__main__":
    main()
