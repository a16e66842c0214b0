"""The embedded PostgreSQL and Redis-compatible server: files, addresses, start and stop.

Both come in Python wheels and serve whoever has set no ``DATABASE_URL`` / ``REDIS_URL``. They listen
on sockets in a private directory only, never on a port, so any number of copies run side by side.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from leadcrm import engines
from leadcrm.engines import CannotStart
from leadcrm.guarded import Guarded, sweep

LONGEST_SOCKET_DIR = 80  # a socket's whole path has about 104 bytes
START_S = 60.0
DATABASE = "leadcrm"


# --- addresses: pure functions of the data directory ---------------------------------------------


def socket_dir(data_dir: Path) -> Path:
    run = data_dir / "run"
    if len(os.fsencode(run)) < LONGEST_SOCKET_DIR:
        return run
    return Path("/tmp") / ("leadcrm-" + hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12])


def database_url(data_dir: Path, name: str = DATABASE) -> str:
    return f"postgresql://postgres@/{name}?host={quote(str(socket_dir(data_dir)))}&port=5432"


def redis_url(data_dir: Path, number: int = 0) -> str:
    address = f"unix://{quote(str(socket_dir(data_dir)))}/valkey.sock"
    return f"{address}?db={number}" if number else address


def secret_key(data_dir: Path) -> str:
    """The key of this data directory, made once: 64 random characters, readable by its owner only."""
    file = data_dir / "secret_key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=data_dir, prefix=".secret_key")
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # whoever links first wins; both then read the same
            os.link(draft, file)
        os.unlink(draft)
    return file.read_text()


# --- start and stop ------------------------------------------------------------------------------


class Servers:
    """The embedded servers of one data directory, for as long as this object has them started."""

    def __init__(
        self, data_dir: Path, *, durable: bool = True, postgres: bool = True, valkey: bool = True
    ) -> None:
        self.data_dir = data_dir
        self.durable = durable
        self.wanted = [name for name, on in (("postgres", postgres), ("valkey", valkey)) if on]
        self.cluster = data_dir / "postgres"
        self.run_dir = data_dir / "run"
        self._processes: list[Guarded] = []
        self._logs: list[IO[str]] = []

    def start(self) -> None:
        """Start what is wanted and wait until it answers; the caller holds the directory's lock."""
        self._prepare()
        try:
            for process in self._guarded():
                self._start(process)
            if "postgres" in self.wanted:
                self._wait_for(self._postgres_answers, "postgres")
            if "valkey" in self.wanted:
                self._wait_for(self._valkey_answers, "valkey")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for process in self._processes:
            process.ask_to_stop()
        for process in self._processes:
            process.wait()
        for log in self._logs:
            log.close()
        self._processes, self._logs = [], []
        if socket_dir(self.data_dir) != self.run_dir:
            with contextlib.suppress(OSError):
                socket_dir(self.data_dir).rmdir()

    def restart_dead(self) -> list[str]:
        """Start again what has died; the names of those."""
        dead = [process for process in self._processes if not process.alive()]
        for process in dead:
            process.wait()
            engines.forget_dead_postmaster(self.cluster, socket_dir(self.data_dir))
            process.start(self._log(process.name))
        return [process.name for process in dead]

    def answering(self) -> bool:
        """Do the wanted servers answer, whoever started them?"""
        checks = {"postgres": self._postgres_answers, "valkey": self._valkey_answers}
        return all(checks[name]() for name in self.wanted)

    def _prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        _private(self.run_dir)
        for name in ("postgres", "valkey"):
            sweep(self.run_dir / f"{name}.pid")
        engines.forget_dead_postmaster(self.cluster, socket_dir(self.data_dir))
        self.identity = engines.server_identity(self.data_dir)
        for folder in {self.run_dir, _private(socket_dir(self.data_dir)), _private(self.data_dir / "valkey")}:
            self._hand_over(folder)
        if "postgres" in self.wanted and not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()

    def _hand_over(self, folder: Path) -> None:
        if self.identity.uid is not None:
            os.chown(folder, self.identity.uid, self.identity.gid or -1)
        elif folder.stat().st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to another user: choose another --data-dir.")

    def _make_cluster(self) -> None:
        """initdb beside the final place and a rename: a start that was killed leaves no half cluster."""
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._hand_over(_private(draft))
        command = engines.initdb_command(draft, self.durable)
        maker = Guarded("initdb", command, self.run_dir, identity=self.identity, cwd=Path("/"))
        with self._log("postgres") as log:
            maker.start(log)
            code = maker.wait(START_S)
        if code:
            raise CannotStart(f"PostgreSQL could not make its files:\n{self._tail('postgres')}")
        draft.rename(self.cluster)

    def _guarded(self) -> Iterator[Guarded]:
        sockets = socket_dir(self.data_dir)
        if "postgres" in self.wanted:
            command = engines.postgres_command(self.cluster, sockets, self.durable)
            # INT = fast shutdown; QUIT = at once, the log is replayed at the next start.
            yield Guarded("postgres", command, self.run_dir, "INT:8,QUIT:3", self.identity, cwd=Path("/"))
        if "valkey" in self.wanted:
            command = engines.valkey_command(self.data_dir / "valkey", sockets, self.durable)
            yield Guarded("valkey", command, self.run_dir, "TERM:4", self.identity, cwd=Path("/"))

    def _start(self, process: Guarded) -> None:
        process.start(self._log(process.name))
        self._processes.append(process)

    def _log(self, name: str) -> IO[str]:
        folder = self.data_dir / "log"
        folder.mkdir(exist_ok=True)
        log = (folder / f"{name}.log").open("a")
        self._logs.append(log)
        return log

    def _tail(self, name: str) -> str:
        return "\n".join(
            (self.data_dir / "log" / f"{name}.log").read_text(errors="replace").splitlines()[-8:]
        )

    def _wait_for(self, answers: Callable[[], bool], name: str) -> None:
        until = time.monotonic() + START_S
        while not answers():
            if not all(process.alive() for process in self._processes):
                raise CannotStart(f"{name} stopped while starting:\n{self._tail(name)}")
            if time.monotonic() > until:
                raise CannotStart(f"{name} did not answer within {START_S:.0f} s:\n{self._tail(name)}")
            time.sleep(0.03)

    def _postgres_answers(self) -> bool:
        import psycopg2

        try:
            connection = psycopg2.connect(database_url(self.data_dir, "postgres"), connect_timeout=5)
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        return True

    def _valkey_answers(self) -> bool:
        import redis

        with contextlib.closing(redis.Redis.from_url(redis_url(self.data_dir))) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink():
        raise CannotStart(f"{folder} is a symbolic link: remove it.")
    return folder


# --- one starter per data directory; many may use what it started ----------------------------------


def take(data_dir: Path, who: str) -> IO[str] | None:
    """The directory's lock for this process (held until closed), or None when another has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = (data_dir / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(f"{os.getpid()} {who}\n")
    lock.flush()
    return lock


def holder(data_dir: Path) -> str:
    """Pid and purpose of whoever holds the directory, as written by ``take``."""
    with contextlib.suppress(OSError):
        return (data_dir / "lock").read_text().strip()
    return ""


@contextlib.contextmanager
def at_hand(
    data_dir: Path, *, durable: bool = True, postgres: bool = True, valkey: bool = True
) -> Iterator[bool]:
    """Use the directory's servers: those already running, else started now and stopped afterwards.

    Yields whether this call started them. Several processes may use the same ones; whoever started
    them waits for the others before stopping.
    """
    servers = Servers(data_dir, durable=durable, postgres=postgres, valkey=valkey)
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        lock = _take_or_join(servers)
        if lock is None:
            yield False
            return
        with lock:
            servers.start()
            try:
                yield True
            finally:
                fcntl.flock(users, fcntl.LOCK_UN)
                fcntl.flock(users, fcntl.LOCK_EX)
                servers.stop()


def _take_or_join(servers: Servers) -> IO[str] | None:
    """The lock, or None once the servers of whoever has it answer (they may be on their way up)."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        lock = take(servers.data_dir, "command")
        if lock or servers.answering():
            return lock
        time.sleep(0.1)
    raise CannotStart(
        f"{servers.data_dir} is in use ({holder(servers.data_dir)}), but its servers do not answer."
    )
