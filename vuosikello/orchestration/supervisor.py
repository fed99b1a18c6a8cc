"""The process that ``vuosikello up`` leaves behind: it keeps Airflow's components running.

It imports no Airflow and costs next to nothing. It does not know what the components do; their
settings are in its environment, and they inherit it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from common.home import Home

COMPONENTS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
_LARGEST_LOG = 20 * 1024 * 1024
_RESTART_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


def run_folder(home: Path) -> Path:
    """Return the folder of the files by which ``up`` and the supervisor find each other."""
    folder = Home(home).airflow / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_file(home: Path, name: str) -> Path:
    """Return the log of a component, or of a step of starting."""
    folder = Home(home).airflow_logs
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def log_end(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, and where the rest is."""
    with contextlib.suppress(OSError):
        text = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([*text[-lines:], f"(more in {log})"])
    return f"(see {log})"


class Supervisor:
    """Keeps the components running until it is asked to stop.

    It imports no Airflow and costs next to nothing. A component that dies is started again, each
    time after a longer pause, so that one that cannot start does not burn the machine.
    """

    def __init__(self, home: Path) -> None:
        """Supervise the components of a home; nothing starts before :meth:`run`."""
        self._home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths = dict.fromkeys(COMPONENTS, 0)
        self._due = dict.fromkeys(COMPONENTS, 0.0)
        self._began = dict.fromkeys(COMPONENTS, 0.0)
        self._is_stopping = False

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then stop the components."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        checked_logs = 0.0
        while not self._is_stopping:
            now = time.monotonic()
            for name in COMPONENTS:
                self._keep_running(name, now)
            if now - checked_logs > 60:
                self._turn_logs()
                checked_logs = now
            time.sleep(0.5)
        self._stop_all()

    def _ask_to_stop(self, _signal: int, _frame: object) -> None:
        self._is_stopping = True

    def _keep_running(self, name: str, now: float) -> None:
        process = self._processes.get(name)
        if process is not None:
            code = process.poll()
            if code is None:
                return
            if now - self._began[name] > 300:
                self._deaths[name] = 0
            pause = _RESTART_PAUSES[min(self._deaths[name], len(_RESTART_PAUSES) - 1)]
            self._deaths[name] += 1
            self._due[name] = now + pause
            del self._processes[name]
            self._say(f"{name} ended with code {code}; it is started again in {pause:.0f} s")
        if now >= self._due[name]:
            self._start(name, now)

    def _start(self, name: str, now: float) -> None:
        with log_file(self._home, name).open("ab") as output:
            self._processes[name] = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-m", f"{__package__}.airflow_command", "component", name],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._began[name] = now
        self._say(f"{name} started, process {self._processes[name].pid}")

    def _stop_all(self) -> None:
        patience = 30.0
        with contextlib.suppress(OSError, ValueError):
            patience = float((run_folder(self._home) / "patience").read_text(encoding="utf-8"))
        running = list(self._processes.values())
        for process in running:
            with contextlib.suppress(OSError):
                process.terminate()
        deadline = time.monotonic() + patience
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
        self._say("stopped")

    def _turn_logs(self) -> None:
        """Keep two of each component's log, the older one aside.

        The components write at the file's end whatever its length, so it can be emptied in place.
        """
        for name in (*COMPONENTS, "supervisor"):
            log = log_file(self._home, name)
            with contextlib.suppress(OSError):
                if log.stat().st_size > _LARGEST_LOG:
                    shutil.copyfile(log, log.with_suffix(".log.1"))
                    os.truncate(log, 0)

    def _say(self, text: str) -> None:
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}", flush=True)


if __name__ == "__main__":
    Supervisor(Path(sys.argv[1])).run()
