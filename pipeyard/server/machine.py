"""
What this machine has: CPUs, memory, GPUs.

Out:      a `Machine`.
Not here: what is made of it (`engine/shares.py`, `service/capacity.py`).

What the server itself was given counts, not the whole machine: CPUs that it is bound
to, the memory of its control group, the GPUs in CUDA_VISIBLE_DEVICES.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pipeyard.model.instance import Machine

_GIB = 1 << 30
_ASK_SECONDS_MAX = 5.0
_VISIBLE = "CUDA_VISIBLE_DEVICES"


def look_at_machine(
    environment: Mapping[str, str],
    *,
    driver: Path = Path("/proc/driver/nvidia/gpus"),
    groups: Path = Path("/sys/fs/cgroup"),
) -> Machine:
    """Return what there is."""
    return Machine(cpus=_cpus(), memory_gib=_memory_gib(groups), gpus=_gpus(environment, driver))


def _cpus() -> tuple[int, ...]:
    # Elsewhere than on Linux a process cannot be bound to CPUs.
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


def _memory_gib(groups: Path) -> float | None:
    found: list[int] = []
    with suppress(OSError, ValueError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        # `max`: no limit.
        with suppress(OSError, ValueError):
            found.append(int((groups / name).read_text("ascii")))
    return round(min(found) / _GIB, 2) if found else None


def _gpus(environment: Mapping[str, str], driver: Path) -> tuple[str, ...]:
    visible = environment.get(_VISIBLE)
    if visible is not None:
        names = [name.strip() for name in visible.split(",")]
        # What stands behind a -1 does not count, says NVIDIA.
        return tuple(names[: names.index("-1")] if "-1" in names else [name for name in names if name])
    with suppress(OSError):
        return tuple(str(number) for number, _ in enumerate(sorted(driver.iterdir())))
    return _asked_gpus()


def _asked_gpus() -> tuple[str, ...]:
    """Ask the driver's own program, where the driver shows nothing of itself."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        said = subprocess.run(
            [program, "-L"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS_MAX,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    found = [line for line in said.splitlines() if line.startswith("GPU ")]
    return tuple(str(number) for number, _ in enumerate(found))
