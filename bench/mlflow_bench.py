#!/usr/bin/env python3
"""
Measure MLflow's own client against Pipeyard's server, as ratios inside one run.

  make bench                        all of it
  bench/mlflow_bench.py --rounds 3  shorter

`log_metric`, one after the other: how many a second, of what the same client reaches against a server that answers
`{}` to everything and stores nothing. Wanted: at least 0.7. Every point that we answered for is on the disk.
`log_batch` of 1,000 metrics: how many times as many a second as MLflow's own server (SQLite). Wanted: at least 5.
`log_metric` by four processes at once, beside one: commits are shared.
Servers take turns, a round each, and each ratio is the median of the rounds. Nothing fails because of a time.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = sys.executable
PIPEYARD = str(Path(PYTHON).with_name("pipeyard"))
CLIENT = r"""
import json, sys, time
import mlflow
from mlflow.entities import Metric
from mlflow import MlflowClient
def run_of(client):
    return client.create_run("0").info.run_id
clients = {}
for line in sys.stdin:
    ask = json.loads(line)
    uri = ask["uri"]
    if uri not in clients:
        client = MlflowClient(tracking_uri=uri)
        clients[uri] = (client, ask.get("run") or run_of(client))
    client, run = clients[uri]
    begun = time.perf_counter()
    if ask["what"] == "metric":
        for step in range(ask["count"]):
            client.log_metric(run, "loss", 0.5, step=step)
    else:
        for number in range(ask["count"]):
            batch = [Metric(f"m{place % 10}", float(place), 1700000000000 + place, number * 100 + place // 10) for place in range(1000)]
            client.log_batch(run, metrics=batch)
    print(json.dumps(time.perf_counter() - begun), flush=True)
"""


class Bare:
    """A server that answers `{}` at once, in one write."""

    def __init__(self):
        self.port = free_port()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()

    async def _serve(self):
        class Protocol(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport, self.waiting = transport, b""
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def data_received(self, data):
                self.waiting += data
                while b"\r\n\r\n" in self.waiting:
                    head, _, rest = self.waiting.partition(b"\r\n\r\n")
                    size = next(
                        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")),
                        0,
                    )
                    if len(rest) < size:
                        return
                    self.waiting = rest[size:]
                    body = b"{}"
                    self.transport.write(
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                        % (len(body), body)
                    )

        server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", self.port)
        async with server:
            await server.serve_forever()


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


class Client:
    """A process with MLflow's client in it."""

    def __init__(self, env):
        self.process = subprocess.Popen(
            [PYTHON, "-W", "ignore", "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )

    def ask(self, uri, what, count, run=None):
        self.process.stdin.write(json.dumps({"uri": uri, "what": what, "count": count, "run": run}) + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def __call__(self, *args):
        self.ask(*args)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def mlflow_server(work, env):
    port = free_port()
    process = subprocess.Popen(
        [
            PYTHON,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            f"sqlite:///{work}/theirs.db",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
            "--artifacts-destination",
            f"{work}/theirs",
        ],
        env={**env, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
            return process, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    raise SystemExit("MLflow's own server did not start")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--metrics", type=int, default=200)
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--no-theirs", action="store_true", help="leave MLflow's own server out")
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="pipeyard-mlflow-bench-"))
    home = work / "home"
    env = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "PIPEYARD_"))}
    env |= {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PIPEYARD_HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    theirs = None
    try:
        subprocess.run(
            [PIPEYARD, "server", "start"], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ours = f"http://127.0.0.1:{(home / 'port').read_text().strip()}/mlflow/default"
        env["MLFLOW_TRACKING_TOKEN"] = (home / "token").read_text().strip()
        bare = f"http://127.0.0.1:{Bare().port}"
        client = Client(env)
        # Warm: connections, statements, runs.
        client(bare, "metric", 50, "a" * 32), client(ours, "metric", 50)
        single = []
        for _ in range(args.rounds):
            at_bare, at_ours = client(bare, "metric", args.metrics), client(ours, "metric", args.metrics)
            single.append((args.metrics / at_bare, args.metrics / at_ours))
        report("log_metric, of a server that answers {}", single, 0.7, "bare")
        print(
            f"{'  of that the disk: one fdatasync':45} {disk(work) * 1e3:6.2f} ms, {1e3 * statistics.median(1 / base for base, _ in single):.2f} ms a call at the bare server",
            flush=True,
        )
        crowd = [Client(env) for _ in range(4)]
        for one in crowd:
            one(ours, "metric", 20)
        together = []
        for _ in range(max(2, args.rounds // 2)):
            alone = client(ours, "metric", args.metrics)
            begun = time.perf_counter()
            for one in crowd:
                one.ask(ours, "metric", args.metrics)
            for one in crowd:
                one.answer()
            together.append((args.metrics / alone, 4 * args.metrics / (time.perf_counter() - begun)))
        report("log_metric by four, of one", together, None, "one")
        for one in crowd:
            one.close()
        if not args.no_theirs:
            theirs, address = mlflow_server(work, env)
            client(address, "batch", 1), client(ours, "batch", 1)
            batches = []
            for _ in range(max(3, args.rounds // 2)):
                at_theirs, at_ours = client(address, "batch", args.batches), client(ours, "batch", args.batches)
                batches.append((1000 * args.batches / at_theirs, 1000 * args.batches / at_ours))
            report("log_batch of 1,000, of MLflow's server", batches, 5, "theirs")
        client.close()
    finally:
        if theirs is not None:
            os.killpg(theirs.pid, signal.SIGTERM)
            theirs.wait()
        subprocess.run(
            [PIPEYARD, "server", "stop"], env=env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        shutil.rmtree(work, ignore_errors=True)


def disk(work):
    """Return how long this disk takes to keep two pages: what every durable answer waits for, whoever gives it."""
    times = []
    number = os.open(work / "page", os.O_CREAT | os.O_WRONLY)
    for place in range(100):
        os.pwrite(number, b"x" * 8192, 8192 * place)
        begun = time.perf_counter()
        os.fdatasync(number)
        times.append(time.perf_counter() - begun)
    os.close(number)
    return statistics.median(times)


def report(name, pairs, wanted, other):
    ratio = statistics.median(ours / base for base, ours in pairs)
    base, ours = (statistics.median(values) for values in zip(*pairs))
    asked = "" if wanted is None else f"  wanted at least {wanted}"
    print(f"{name:45} {ratio:6.2f}  ({ours:,.0f}/s; {other} {base:,.0f}/s){asked}", flush=True)


if __name__ == "__main__":
    main()
