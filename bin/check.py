"""``make check``: every check runs, each by name, and the first failures do not hide the others."""

import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
# Whether the database has seen all migrations is /readyz's question; here no server runs.
MANAGE = [sys.executable, "-W", "ignore:Got an error checking a consistent migration history", "manage.py"]
CHECKS = {
    "formatting": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "import rules": [str(BIN / "lint-imports")],
    "missing migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "system checks": [*MANAGE, "check"],
    "untranslated strings": [*MANAGE, "messages", "--check"],
    "templates": [str(BIN / "djlint"), "--lint", "--quiet", "templates"],
}


def main() -> int:
    failed = []
    for name, command in CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        print(
            f"{'ok  ' if not done.returncode else 'FAIL'} {name} ({time.monotonic() - began:.1f} s)",
            flush=True,
        )
        if done.returncode:
            failed.append(name)
            print("     " + (done.stdout + done.stderr).strip().replace("\n", "\n     "), flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
