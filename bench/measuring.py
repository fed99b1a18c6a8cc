"""Measuring work in a process of its own: wall clock, processor time and peak memory.

Every measurement starts a fresh Python, so that nothing is warm in one contender that is cold in
another, and none inherits the memory of the one before. The time is that of the work itself,
without starting Python and importing; memory is that of the whole process and its children.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one contender.

    Attributes:
        seconds: wall clock of the work.
        cpu_seconds: processor time of the work, all threads and child processes.
        process_seconds: wall clock of the whole process, start-up and imports included.
        peak_bytes: the most memory (resident) that the process and its children held at once.
        found: what the contender says of its work.
    """

    seconds: float
    cpu_seconds: float
    process_seconds: float
    peak_bytes: int
    found: dict[str, Any]


class ContenderFailed(Exception):
    """A contender did not finish; the text ends with what it said."""


def run(command: list[str], *, environment: dict[str, str], folder: Path) -> Measured:
    """Run a contender and measure it.

    Args:
        command: a Python script and its arguments; the script calls :func:`report` at its end.
        environment: the variables of the process.
        folder: the folder it starts in.

    Raises:
        ContenderFailed: it ended with an error.
    """
    log = folder / "contender.log"
    started = time.monotonic()
    with log.open("wb") as output:
        # Only the scripts of this folder are run.
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=output,
        )
        sampled = 0
        try:
            while process.poll() is None:
                sampled = max(sampled, _resident(process.pid))
                try:
                    process.wait(_SAMPLE_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    elapsed = time.monotonic() - started
    assert process.stdout is not None
    lines = process.stdout.read().decode("utf-8", "replace").splitlines()
    process.stdout.close()
    if process.returncode != 0 or not lines:
        said = log.read_text("utf-8", "replace")[-2000:]
        raise ContenderFailed(f"{' '.join(command[:2])} ended with {process.returncode}: {said}")
    reported = json.loads(lines[-1])
    return Measured(
        reported["seconds"],
        reported["cpu_seconds"],
        elapsed,
        max(sampled, reported["peak_bytes"]),
        reported["found"],
    )


@dataclass(slots=True)
class Stopwatch:
    """The time of the work, filled in when it ends."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def work() -> Iterator[Stopwatch]:
    """Measure what happens inside, in the contender's own process."""
    watch = Stopwatch()
    cpu, started = _cpu_seconds(), time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - started
    watch.cpu_seconds = _cpu_seconds() - cpu


def report(watch: Stopwatch, found: dict[str, Any]) -> None:
    """Tell the measuring process what was measured, as the last line that is printed."""
    reported = {**asdict(watch), "peak_bytes": _peak(), "found": found}
    print(json.dumps(reported), flush=True)


def machine() -> dict[str, Any]:
    """Describe the machine, without its name."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def _resident(pid: int) -> int:
    """Return the memory of a process and its children, as far as they can still be asked."""
    total = 0
    try:
        parent = psutil.Process(pid)
        processes = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return int(total)


def _cpu_seconds() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak() -> int:
    """Return this process's own peak; the kernel's figure for children would hold its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
