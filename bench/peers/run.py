#!/usr/bin/env python3
"""Side-by-side benchmark of pipeline runners on one machine.

Each peer is a folder beside this file with
  run.sh       one whole run of the workload, from the shell, in the work directory   (timed)
  version.sh   the tool's cheapest command, for CLI cold start                        (timed)
  prepare.py   writes the pipeline file a user would have written by hand             (not timed)
  setup.sh     once per peer: what the tool wants done after install                  (not timed)
  serve.sh     a server that must be up during the run                                (not timed)
  warm.sh      once, when the server is up                                            (not timed)
  stop.sh      before the server is stopped                                           (not timed)
  install.sh   how to install the peer, instead of requirements.txt
  requirements.txt
  parse_only   (empty file) the peer can only read the pipeline here, not run it

  run.py --venvs DIR --work DIR [--install] [--peers a,b] [--workloads ...] [--reps 3] [--out FILE]

DIR/<peer> of --venvs is that peer's virtual environment.  Every run gets a fresh work directory and a
fresh copy of the peer's home directory; the order of peers is rotated between repetitions; the number
of commands really executed is counted from exec.log.  Wall clock, CPU seconds (user+system of the
whole waited-for tree) and the largest single process come from wait4, to which the CPU seconds that a
peer's server and its helpers spent during the run are added; the peak of the whole process tree (sum of
PSS) comes from a separate sampled run (--memory).
"""
import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STEPS = {"one": 1, "chain20": 20, "fan100": 102, "ind1000": 1000}
DEFAULT = ("bare make ninja doit pipeyard pipeyard:outside luigi kedro flytekit prefect snakemake kfp redun zenml dvc airflow metaflow "
           "dagster:inproc dagster azureml zenml:dynamic prefect:ephemeral kfp:venv").split()


def clean_env(a, peer, mode, home, work, workload, variant, port):
    venv = Path(a.venvs) / peer
    py = venv / "bin" / "python"
    e = {k: v for k, v in os.environ.items() if k in ("LANG", "LC_ALL", "TERM", "TMPDIR")}
    e.update(
        PATH=f"{venv}/bin:/usr/local/bin:/usr/bin:/bin", HOME=str(home), USER="bench", USERNAME="bench",
        PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="", HERE=str(HERE / peer),
        BENCH_BIN=str(venv / "bin"), BENCH_PYTHON=str(py if py.exists() else sys.executable),
        BENCH_WORK=str(work), BENCH_WORKLOAD=workload, BENCH_VARIANT=variant, BENCH_MODE=mode,
        BENCH_JOBS=str(a.jobs), BENCH_STEP_PY=a.step_python, BENCH_PORT=str(port),
        # nothing is to phone home: no network here, and a time-out would be counted against the peer
        DO_NOT_TRACK="1", KEDRO_DISABLE_TELEMETRY="1", ZENML_ANALYTICS_OPT_IN="false", DVC_NO_ANALYTICS="1",
        PREFECT_SERVER_ANALYTICS_ENABLED="false", AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
        SCARF_ANALYTICS="false", PREFECT_LOGGING_LEVEL="WARNING", ZENML_LOGGING_VERBOSITY="WARN",
        PREFECT_API_URL=f"http://127.0.0.1:{port}/api", PREFECT_HOME=f"{home}/prefect",
        ZENML_CONFIG_PATH=f"{home}/zenml", DAGSTER_HOME=f"{home}/dagster", AIRFLOW_HOME=f"{home}/airflow",
        AIRFLOW__CORE__LOAD_EXAMPLES="False", METAFLOW_USER="bench", METAFLOW_DATASTORE_SYSROOT_LOCAL=str(work),
        LUIGI_CONFIG_PATH="/dev/null", FLYTE_SDK_LOGGING_LEVEL="40",
        # One home for all runs of this peer: its server stays up between them.
        PIPEYARD_HOME=str(Path(a.work).resolve() / (f"{peer}-{mode}" if mode else peer) / "pipeyard"),
    )
    e.pop("PYTHONDONTWRITEBYTECODE")
    return e


def script(peer, name):
    return HERE / peer / name


def tree(pid):
    todo, seen = [pid], []
    while todo:
        p = todo.pop()
        seen.append(p)
        try:
            for t in os.listdir(f"/proc/{p}/task"):
                todo += [int(c) for c in open(f"/proc/{p}/task/{t}/children").read().split()]
        except OSError:
            pass
    return seen


def spent(pids):
    """CPU seconds of these processes and of the children that they waited for."""
    ticks = 0
    for pid in pids:
        try:
            ticks += sum(map(int, open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[11:15]))
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def pss(pid):
    try:
        for line in open(f"/proc/{pid}/smaps_rollup"):
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def timed(argv, env, cwd, limit, log, sample=None):
    """Run, wait, and return (wall, cpu, maxrss_kb, exit code or 'timeout', peak tree PSS kb, peak processes)."""
    with open(log, "ab") as out:
        t0 = time.monotonic()
        p = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                             start_new_session=True)
        hit = []
        timer = threading.Timer(limit, lambda: (hit.append(1), os.killpg(p.pid, signal.SIGKILL)))
        timer.start()
        peak, procs, stop = 0, 0, threading.Event()
        if sample:
            def loop():
                nonlocal peak, procs
                while not stop.is_set():
                    ps = tree(p.pid)
                    peak, procs = max(peak, sum(map(pss, ps))), max(procs, len(ps))
                    stop.wait(sample)
            th = threading.Thread(target=loop)
            th.start()
        _, status, ru = os.wait4(p.pid, 0)
        wall = time.monotonic() - t0
        p.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        stop.set()
        if sample:
            th.join()
    return wall, ru.ru_utime + ru.ru_stime, ru.ru_maxrss, "timeout" if hit else p.returncode, peak, procs


def count(work):
    try:
        return sum(1 for _ in open(work / "exec.log"))
    except OSError:
        return 0


class Peer:
    def __init__(self, a, spec):
        self.spec = spec
        self.name, _, self.mode = spec.partition(":")
        self.a = a
        self.base = Path(a.work).resolve() / spec.replace(":", "-")
        self.template = self.base / "home"
        self.server = None
        self.port = 0

    def setup(self):
        shutil.rmtree(self.base, ignore_errors=True)
        self.template.mkdir(parents=True)
        for d in ("dagster", "airflow", "prefect", "zenml"):
            (self.template / d).mkdir()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        env = clean_env(self.a, self.name, self.mode, self.template, self.base, "one", "sh", self.port)
        if script(self.name, "setup.sh").exists():
            subprocess.run(["/bin/sh", str(script(self.name, "setup.sh"))], env=env, cwd=self.template,
                           stdout=open(self.base / "setup.log", "wb"), stderr=subprocess.STDOUT, check=True, timeout=300)
        if script(self.name, "serve.sh").exists() and self.mode != "ephemeral":
            home = self.base / "server"
            shutil.copytree(self.template, home)
            env = clean_env(self.a, self.name, self.mode, home, self.base, "one", "sh", self.port)
            env.pop("PREFECT_API_URL")
            self.server = subprocess.Popen(["/bin/sh", str(script(self.name, "serve.sh"))], env=env, cwd=home,
                                           stdout=open(self.base / "server.log", "wb"), stderr=subprocess.STDOUT,
                                           start_new_session=True)
            for _ in range(600):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", self.port)) == 0:
                        break
                time.sleep(0.1)
            time.sleep(3)
        if script(self.name, "warm.sh").exists():
            subprocess.run(["/bin/sh", str(script(self.name, "warm.sh"))], env=env, cwd=self.template,
                           stdout=open(self.base / "warm.log", "wb"), stderr=subprocess.STDOUT, check=True, timeout=60)

    def residents(self):
        """The processes that stay up between runs: the server's tree, and helpers that it started apart."""
        if not self.server:
            return []
        pids = tree(self.server.pid)
        apart = self.base / "pipeyard" / "launcher" / "launcher.json"
        if apart.exists():
            pids += tree(json.loads(apart.read_text())["pid"])
        return pids

    def stop(self):
        if self.server:
            if script(self.name, "stop.sh").exists():
                env = clean_env(self.a, self.name, self.mode, self.base / "server", self.base, "one", "sh", self.port)
                subprocess.run(["/bin/sh", str(script(self.name, "stop.sh"))], env=env, cwd=self.base, timeout=60,
                               stdout=open(self.base / "stop.log", "wb"), stderr=subprocess.STDOUT)
            os.killpg(self.server.pid, signal.SIGTERM)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)

    def fresh(self, workload, variant, tag):
        d = self.base / "runs" / f"{workload}-{variant}-{tag}"
        shutil.rmtree(d, ignore_errors=True)
        work, home = d / "work", d / "home"
        work.mkdir(parents=True)
        shutil.copytree(self.template, home, symlinks=True)
        (work / "src.txt").write_text("hello\n")
        env = clean_env(self.a, self.name, self.mode, home, work, workload, variant, self.port)
        if self.template != home:                    # homes that keep absolute paths in their settings
            for f in home.rglob("*"):
                if f.suffix in (".cfg", ".yaml", ".ini") and f.stat().st_size < 1 << 20:
                    s = f.read_text(errors="replace")
                    if str(self.template) in s:
                        f.write_text(s.replace(str(self.template), str(home)))
        if script(self.name, "prepare.py").exists():
            subprocess.run([env["BENCH_PYTHON"], str(script(self.name, "prepare.py"))], env=env, cwd=work,
                           stdout=open(d / "prepare.log", "wb"), stderr=subprocess.STDOUT, check=True, timeout=120)
        return d, work, env

    def one_run(self, workload, variant, tag, rerun, sample=None, limit=None):
        d, work, env = self.fresh(workload, variant, tag)
        argv = ["/bin/sh", str(script(self.name, "run.sh"))]
        limit = limit or self.a.timeout
        before = spent(self.residents())
        wall, cpu, rss, rc, peak, procs = timed(argv, env, work, limit, d / "run.log", sample)
        cpu += spent(self.residents()) - before
        r = dict(peer=self.spec, workload=workload, variant=variant, kind="memory" if sample else "fresh", wall=wall,
                 cpu=cpu, rss_kb=rss, rc=rc, executed=count(work), peak_pss_kb=peak, peak_procs=procs)
        if sample and self.server:
            r["server_pss_kb"] = sum(map(pss, self.residents()))
        out = [r]
        if rerun and rc == 0 and r["executed"] == STEPS[workload]:
            time.sleep(1.1)                          # tools that compare whole-second times
            env["BENCH_RERUN"] = "1"
            before = spent(self.residents())
            wall, cpu, rss, rc, _, _ = timed(argv, env, work, limit, d / "rerun.log")
            cpu += spent(self.residents()) - before
            out.append(dict(peer=self.spec, workload=workload, variant=variant, kind="rerun", wall=wall, cpu=cpu,
                            rss_kb=rss, rc=rc, executed=count(work) - r["executed"]))
        if not self.a.keep and rc == 0:
            shutil.rmtree(d, ignore_errors=True)
        return out

    def version(self):
        home = self.base / "vhome"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.template, home, symlinks=True)
        env = clean_env(self.a, self.name, self.mode, home, self.base, "one", "sh", self.port)
        wall, cpu, rss, rc, _, _ = timed(["/bin/sh", str(script(self.name, "version.sh"))], env, home, 60,
                                         self.base / "version.log")
        return [dict(peer=self.spec, workload="version", variant="-", kind="version", wall=wall, cpu=cpu, rss_kb=rss,
                     rc=rc, executed=0)]


def install(a):
    for peer in sorted({s.partition(":")[0] for s in a.peers}):
        req, dest = HERE / peer / "requirements.txt", Path(a.venvs) / peer
        if script(peer, "install.sh").exists():
            print("install", peer, flush=True)
            env = dict(os.environ, HERE=str(HERE / peer), BENCH_VENV=str(dest), BENCH_BASE_PYTHON=sys.executable,
                       BENCH_UV=shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "uv")
            subprocess.run(["/bin/sh", str(script(peer, "install.sh"))], env=env, check=True)
        if req.exists() and not dest.exists():
            print("install", peer, flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(dest)], check=True)
            subprocess.run([str(dest / "bin" / "pip"), "install", "-q", "-r", str(req)], check=True)


def versions(a):
    out = {}
    for peer in sorted({s.partition(":")[0] for s in a.peers}):
        req = HERE / peer / "requirements.txt"
        if req.exists():
            name = req.read_text().split()[0].split("[")[0]
            py = Path(a.venvs) / peer / "bin" / "python"
            code = "import importlib.metadata as m,sys;print(m.version(sys.argv[1]))"
            out[peer] = subprocess.run([str(py), "-c", code, name], capture_output=True, text=True).stdout.strip()
    out["pipeyard"] = subprocess.run([str(Path(a.venvs) / "pipeyard" / "bin" / "pipeyard"), "--version"],
                                     capture_output=True, text=True).stdout.split()[-1] if "pipeyard" in a.peers else ""
    out["make"] = subprocess.run(["make", "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    out["python"] = platform.python_version()
    return out


def med(rows, key):
    v = [r[key] for r in rows]
    return statistics.median(v) if v else None


def report(results, a):
    """Markdown from the recorded rows."""
    rows, L = results["rows"], []
    only_parses = lambda p: script(p.partition(":")[0], "parse_only").exists()
    ok = lambda r: r["rc"] == 0 and (r["kind"] != "fresh" or r["executed"] == STEPS.get(r["workload"], 0) or only_parses(r["peer"]))
    get = lambda p, w, v, k: [r for r in rows if (r["peer"], r["workload"], r["variant"], r["kind"]) == (p, w, v, k)]
    peers = []
    for r in rows:
        if r["peer"] not in peers:
            peers.append(r["peer"])
    order = [p for p in DEFAULT if p in peers] + [p for p in peers if p not in DEFAULT]
    for v in sorted({r["variant"] for r in rows if r["variant"] != "-"}, reverse=True):
        ws = [w for w in STEPS if any(r["workload"] == w and r["variant"] == v for r in rows)]
        L += [f"\n### step variant `{v}`: median wall seconds (× bare), overhead per step over bare in ms, CPU ms per step\n"]
        L += ["| peer | " + " | ".join(f"{w}: s (×) | ms/step | CPU ms/step" for w in ws) + " |",
              "|---|" + "---:|---:|---:|" * len(ws)]
        for p in order:
            if not any(get(p, w, v, "fresh") for w in ws):
                continue
            cells = []
            for w in ws:
                g, b = [r for r in get(p, w, v, "fresh")], [r for r in get("bare", w, v, "fresh") if ok(r)]
                good = [r for r in g if ok(r)]
                if good and b:
                    m, mb = med(good, "wall"), med(b, "wall")
                    n = "" if len(good) >= 3 else f" (n={len(good)})"
                    cells.append(f"{m:.2f} (×{m / mb:.1f}){n} | {1000 * (m - mb) / STEPS[w]:.1f} | "
                                 f"{1000 * med(good, 'cpu') / STEPS[w]:.1f}")
                elif any(r["rc"] == "timeout" for r in g):
                    x = g[0]
                    cells.append(f">{x['wall']:.0f} s: {x['executed']} of {STEPS[w]} done | | "
                                 f"{1000 * x['cpu'] / max(1, x['executed']):.0f}")
                else:
                    cells.append(("failed" if g else "–") + " | | ")
            L.append(f"| {p} | " + " | ".join(cells) + " |")
    L += ["\n### nothing changed: second run of fan100 (variant sh)\n",
          "| peer | first s | re-run s | re-run / first | × make's re-run | commands executed again |", "|---|--:|--:|--:|--:|--:|"]
    mk = [r for r in get("make", "fan100", "sh", "rerun") if r["rc"] == 0]
    for p in order:
        f, r2 = [r for r in get(p, "fan100", "sh", "fresh") if ok(r)], [r for r in get(p, "fan100", "sh", "rerun") if r["rc"] == 0]
        if p == "azureml":
            continue
        if f and r2:
            a1, a2 = med(f, "wall"), med(r2, "wall")
            L.append(f"| {p} | {a1:.2f} | {a2:.3f} | {a2 / a1:.2f} | {a2 / med(mk, 'wall'):.0f} | {med(r2, 'executed'):.0f} of 102 |"
                     if mk else f"| {p} | {a1:.2f} | {a2:.3f} | {a2 / a1:.2f} | | {med(r2, 'executed'):.0f} |")
    L += ["\n### cold start, one-step run, memory\n",
          "| peer | version/help s | one step end to end s | marginal ms/step (ind1000 or fan100 less one) | largest process MiB | tree peak MiB (PSS, fan100) | peak processes | server MiB |",
          "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for p in order:
        ver, one = [r for r in get(p, "version", "-", "version") if r["rc"] == 0], [r for r in get(p, "one", "sh", "fresh") if ok(r)]
        big = next(((w, g) for w in ("ind1000", "fan100") if (g := [r for r in get(p, w, "sh", "fresh") if ok(r)])), None)
        mem = [r for r in get(p, "fan100", "sh", "memory")]
        fan = [r for r in get(p, "fan100", "sh", "fresh") if ok(r)]
        f = lambda x, s: "" if x is None else format(x, s)
        marg = 1000 * (med(big[1], "wall") - med(one, "wall")) / (STEPS[big[0]] - 1) if big and one else None
        L.append(f"| {p} | {f(med(ver, 'wall'), '.2f')} | {f(med(one, 'wall'), '.2f')} | {f(marg, '.1f')} | "
                 f"{f(med(fan, 'rss_kb') and med(fan, 'rss_kb') / 1024, '.0f')} | "
                 f"{f(mem[0]['peak_pss_kb'] / 1024 if mem else None, '.0f')} | {mem[0]['peak_procs'] if mem else ''} | "
                 f"{f(mem[0]['server_pss_kb'] / 1024 if mem and 'server_pss_kb' in mem[0] else None, '.0f')} |")
    return "\n".join(L) + "\n"


MARKS = "<!-- peers: written by peers/run.py --readme -->", "<!-- end of peers -->"


def publish(results, a):
    md = report(results, a)
    print(md)
    if a.readme:
        where, versions = results["machine"], ", ".join(f"{k} {v}" for k, v in results["versions"].items() if v)
        head = (f"{results.get('date', '')}: {where['cpus']} cores, {where.get('memory_gib', '?')} GiB, "
                f"{where.get('name', where['system'])}. Versions: {versions}.")
        text = Path(a.readme).read_text()
        before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
        Path(a.readme).write_text(f"{before}{MARKS[0]}\n\n{head}\n\n{md.strip()}\n\n{MARKS[1]}{after}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    env = os.environ.get
    ap.add_argument("--venvs", default=env("BENCH_VENVS", "venvs"))
    ap.add_argument("--work", default=env("BENCH_WORKDIR", "bench-work"))
    ap.add_argument("--out", default=env("BENCH_OUT", "results.json"))
    ap.add_argument("--peers", default=",".join(DEFAULT), type=lambda s: s.split(","))
    ap.add_argument("--workloads", default="one,chain20,fan100,ind1000", type=lambda s: s.split(","))
    ap.add_argument("--variants", default="sh,py", type=lambda s: s.split(","))
    ap.add_argument("--py-workloads", default="chain20,fan100", type=lambda s: s.split(","))
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--timeout", type=float, default=300)
    ap.add_argument("--slow", type=float, default=120, help="a run longer than this is not repeated")
    ap.add_argument("--step-python", default=env("BENCH_STEP_PY", os.path.realpath(sys.executable)))
    ap.add_argument("--install", action="store_true")
    ap.add_argument("--memory", action="store_true")
    ap.add_argument("--no-version", action="store_true")
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--report-only", action="store_true")
    ap.add_argument("--readme", help="put the report between the marks in this file")
    a = ap.parse_args()
    a.venvs = os.path.abspath(a.venvs)
    out = Path(a.out)
    results = json.loads(out.read_text()) if out.exists() else {"rows": []}
    if a.report_only:
        publish(results, a)
        return
    Path(a.venvs).mkdir(parents=True, exist_ok=True)
    if a.install:
        install(a)
    results["versions"] = {**results.get("versions", {}), **versions(a)}
    results["machine"] = {"cpus": os.cpu_count(), "system": platform.system(), "release": platform.release(),
                          "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)}
    try:
        results["machine"]["name"] = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        pass
    results["date"] = time.strftime("%Y-%m-%d", time.gmtime())
    live = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # so that 'finally' stops the servers
    try:
        for spec in a.peers:
            p = Peer(a, spec)
            try:
                p.setup()
                live.append(p)
                p.one_run("one", "sh", "warm", False)  # byte-compiles the peer's modules; not recorded
            except Exception as x:                    # report and go on without it
                print("setup failed", spec, x, flush=True)
                p.stop()

        def record(rs):
            for r in rs:
                results["rows"].append(r)
                print(f"{r['peer']:>16} {r['workload']:>8} {r['variant']:>2} {r['kind']:>7} wall {r['wall']:8.3f} cpu {r['cpu']:8.3f} "
                      f"rss {r['rss_kb'] / 1024:6.0f}M rc {r['rc']} executed {r['executed']}", flush=True)
            out.write_text(json.dumps(results, indent=1))

        skip = set()
        for rep in range(a.reps):
            turn = live[rep % len(live):] + live[:rep % len(live)]
            if not a.no_version:
                for p in turn:
                    record(p.version())
            for v in a.variants:
                for w in a.workloads if v == "sh" else [x for x in a.workloads if x in a.py_workloads]:
                    for p in turn:
                        if (p.spec, w, v) in skip:
                            continue
                        try:
                            rs = p.one_run(w, v, f"r{rep}", rerun=w == "fan100" and v == "sh")
                        except Exception as x:
                            print("failed", p.spec, w, v, repr(x)[:300], flush=True)
                            skip.add((p.spec, w, v))
                            continue
                        record(rs)
                        if rs[0]["rc"] != 0 or rs[0]["wall"] > a.slow:
                            skip.add((p.spec, w, v))
        if a.memory:
            for p in live:
                if (p.spec, "fan100", "sh") not in skip or any(
                        r["peer"] == p.spec and r["workload"] == "fan100" and r["rc"] == 0 for r in results["rows"]):
                    record(p.one_run("fan100", "sh", "mem", False, sample=0.1))
    finally:
        for p in live:
            p.stop()
    out.with_suffix(".md").write_text(report(results, a))
    publish(results, a)


if __name__ == "__main__":
    main()
