"""Several programs as one: output labelled line by line, the dead started again, all stopped together."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from leadcrm.guarded import Guarded

COLOURS = {"leadcrm": "36", "web": "32", "worker": "33", "beat": "35", "postgres": "34", "valkey": "31"}
LONGEST_PAUSE_S = 30.0
STEADY_S = 30.0  # who ran this long had no trouble starting
_writing = threading.Lock()


def say(label: str, line: str) -> None:
    """One line of output under its label, coloured on a terminal."""
    tag = f"{label:<8} |"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        tag = f"\x1b[{COLOURS.get(label, '37')}m{tag}\x1b[0m"
    plain(f"{tag} {line}")


def plain(line: str) -> None:
    with _writing, contextlib.suppress(BrokenPipeError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@dataclass
class Member:
    """One program of the crew, and how its starts went."""

    program: Guarded
    pause_s: float = 1.0
    started_at: float = 0.0
    start_again_at: float | None = None

    def start(self) -> None:
        self.program.start(subprocess.PIPE)
        self.started_at = time.monotonic()
        self.start_again_at = None
        threading.Thread(target=self._relay, daemon=True).start()

    def _relay(self) -> None:
        process = self.program.process
        with contextlib.suppress(ValueError):  # closed below us at the end
            for line in (process and process.stdout) or ():
                if line.strip():
                    say(self.program.name, line.rstrip())

    def look_after(self) -> None:
        """Start it again if it has died, with a longer pause each time it dies young."""
        now = time.monotonic()
        if self.start_again_at is not None:
            if now >= self.start_again_at:
                self.start()
            return
        if self.program.alive():
            return
        code = self.program.wait()
        self.pause_s = 1.0 if now - self.started_at > STEADY_S else min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.start_again_at = now + self.pause_s
        again = f"starting it again in {self.pause_s:.0f} s"
        say("leadcrm", f"{self.program.name} ended (exit code {code}), {again}")


class Crew:
    """The programs that ``up`` runs beside the embedded servers."""

    def __init__(self, programs: list[Guarded]) -> None:
        self.members = [Member(program, pause_s=0.5) for program in programs]

    def start(self) -> None:
        for member in self.members:
            member.start()

    def run(self, until: Callable[[], bool], also: Callable[[], None] = lambda: None) -> None:
        """Look after everybody until told otherwise; ``also`` is done on every round."""
        while not until():
            for member in self.members:
                member.look_after()
            also()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask all at once, then wait for each."""
        for member in self.members:
            member.program.ask_to_stop()
        for member in self.members:
            member.program.wait()
