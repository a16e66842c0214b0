"""Where the real input files lie: a folder `shared/data` beside this copy of the project or above it."""

from pathlib import Path

import pytest


def real(path: str) -> Path:
    """The file or folder of that name under shared/data; skips the test where there is none."""
    for folder in Path(__file__).resolve().parents:
        found = folder / "shared" / "data" / path
        if found.exists():
            return found
    pytest.skip(
        f"no shared/data/{path} beside or above this copy of the project",
        allow_module_level=True,
    )
