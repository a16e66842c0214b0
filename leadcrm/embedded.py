"""The embedded PostgreSQL and Redis-compatible server: files, addresses, start and stop."""

from pathlib import Path
import hashlib
import os
import secrets


def socket_dir(data_dir: Path) -> Path:
    run = data_dir / "run"
    if len(str(run)) < 80:
        return run
    return Path("/tmp") / (
        "leadcrm-" + hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    )


def database_url(data_dir: Path) -> str:
    return f"postgresql://postgres@/leadcrm?host={socket_dir(data_dir)}"


def redis_url(data_dir: Path) -> str:
    return f"unix://{socket_dir(data_dir)}/valkey.sock"


def secret_key(data_dir: Path) -> str:
    file = data_dir / "secret_key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as f:
            f.write(secrets.token_urlsafe(48))
    return file.read_text()
