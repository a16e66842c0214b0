"""Runs one command and never lets it outlive the program that started it.

    python guard.py PIDFILE STOP UID GID CAPABILITY -- COMMAND...

The guard's standard input is a pipe whose other end only the starter holds. When the starter
ends, however it ends (``kill -9`` too), the pipe closes and the guard stops the command and the
whole process group below it. ``STOP`` is the way down, for example ``TERM:4,QUIT:2``: a signal,
the seconds it may take, the next signal; SIGKILL comes last. ``UID`` and ``GID`` are what the
command runs as (``-`` = unchanged). ``CAPABILITY`` is a capability kept for it (``-`` = none).

This file is run by path in an isolated interpreter: it imports nothing of the program.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    pid_file, stop, uid, gid, capability = arguments[:5]
    command = arguments[arguments.index("--") + 1 :]
    way_down = [
        (getattr(signal, "SIG" + step.split(":")[0]), float(step.split(":")[1])) for step in stop.split(",")
    ]
    bell, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    child = start(command, uid, gid, capability, way_down[0][0])
    note(pid_file, child.pid)
    try:
        if waits_for_child(child, bell):
            return child.returncode if child.returncode >= 0 else 128 - child.returncode
        return stopped(child, way_down, bell)
    finally:
        with contextlib.suppress(OSError):  # what the command left behind in its group goes with it
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.unlink(pid_file)


def start(
    command: list[str], uid: str, gid: str, capability: str, death_signal: signal.Signals
) -> subprocess.Popen[bytes]:
    """The command as leader of its own process group, under another user if one is given."""
    identity: dict = {}
    if uid != "-" and capability != "-":
        kept = f"+{capability}"
        switch = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--inh-caps", kept]
        # Without the securebit access(2) would ignore the capability, and PostgreSQL asks access(2).
        switch += ["--ambient-caps", kept, "--securebits", "+no_setuid_fixup"]
        switch += ["--pdeathsig", death_signal.name[3:]]
        command = [*switch, "--", *command]
    elif uid != "-":
        identity = {"user": int(uid), "group": int(gid), "extra_groups": []}
    guard = os.getpid()

    def die_with_guard() -> None:  # Linux: should the guard itself be killed
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != guard:
                os._exit(1)

    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=die_with_guard, **identity
    )


def note(pid_file: str, pid: int) -> None:
    """Leave the pids where the next start finds them, should even the guard be killed."""
    draft = f"{pid_file}.{os.getpid()}"
    with open(draft, "w") as file:
        file.write(f"{pid} {os.getpid()}\n")
    os.replace(draft, pid_file)


def waits_for_child(child: subprocess.Popen[bytes], bell: int) -> bool:
    """Wait until the command ends (True) or somebody wants it ended (False)."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    while True:
        if child.poll() is not None:
            return True
        if asked:
            return False
        ready, _, _ = select.select([0, bell], [], [])
        if bell in ready:
            os.read(bell, 512)
        if 0 in ready and not os.read(0, 512):
            return child.poll() is not None


def stopped(child: subprocess.Popen[bytes], way_down: list[tuple[signal.Signals, float]], bell: int) -> int:
    for number, seconds in way_down:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)
        for _ in ticks(seconds):
            if child.poll() is not None:
                return 0
            if select.select([bell], [], [], 0.1)[0]:
                os.read(bell, 512)
    child.kill()
    child.wait()
    return 0


def ticks(seconds: float) -> Iterator[int]:
    yield from range(max(1, int(seconds * 10)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
