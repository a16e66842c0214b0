"""A process that cannot outlive us: started below a guard, stopped in steps, swept up after a crash."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True)
class Identity:
    """Whom a command runs as: None = as ourselves. ``capability`` lets it read below closed directories."""

    uid: int | None = None
    gid: int | None = None
    capability: str = ""

    def arguments(self) -> list[str]:
        if self.uid is None:
            return ["-", "-", "-"]
        return [str(self.uid), str(self.gid), self.capability or "-"]


OURSELVES = Identity()


@dataclass
class Guarded:
    """One command below its guard. ``stop`` is the way down as guard.py describes it."""

    name: str
    command: Sequence[str]
    run_dir: Path
    stop: str = "TERM:4"
    identity: Identity = OURSELVES
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def pid_file(self) -> Path:
        return self.run_dir / f"{self.name}.pid"

    def start(self, output: int | IO[str]) -> None:
        """Start it; ``output`` takes what it prints (a file or subprocess.PIPE)."""
        guard = [sys.executable, "-I", "-S", str(GUARD), str(self.pid_file), self.stop]
        self.process = subprocess.Popen(
            [*guard, *self.identity.arguments(), "--", *self.command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **self.env},
            cwd=self.cwd,
            text=True,
            errors="replace",
        )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process and self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def wait(self, seconds: float = 30) -> int:
        """Wait for the end; its exit code. A killed guard leaves its group to be swept here."""
        code = 0
        if self.process:
            try:
                code = self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                code = self.process.wait()
        self.ask_to_stop()  # closes our end of the pipe
        sweep(self.pid_file, patience_s=0)
        return code


def sweep(pid_file: Path, patience_s: float = 15) -> None:
    """End what an earlier, killed program left running: its guard first gets ``patience_s`` to do it."""
    try:
        written = pid_file.stat().st_mtime
        pid, guard = (int(number) for number in pid_file.read_text().split())
    except (FileNotFoundError, ValueError):
        return
    until = time.monotonic() + patience_s
    while _ours(guard, written) and time.monotonic() < until:
        time.sleep(0.05)
    for number, seconds in ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0)):
        if _ours(pid, written):
            with contextlib.suppress(OSError):
                os.kill(pid, number)
            with contextlib.suppress(psutil.Error):
                psutil.Process(pid).wait(seconds)
    pid_file.unlink(missing_ok=True)


def _ours(pid: int, written: float) -> bool:
    """The process the file speaks of, and not another one that got its number later."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= written + 1
    except psutil.Error:
        return False


def capability_to_read() -> str:
    """A capability to reach files below closed directories, if this root can hand one on, else ''."""
    if sys.platform != "linux" or not shutil.which("setpriv"):
        return ""
    bounding = int(_status_line("CapEff"), 16) & int(_status_line("CapBnd"), 16)
    for name, bit in (("dac_read_search", 2), ("dac_override", 1)):
        if bounding >> bit & 1:
            return name
    return ""


def _status_line(name: str) -> str:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split()[1]
    return "0"
