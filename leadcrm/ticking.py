"""Celery beat as a ticker: it remembers nothing but when it last ticked, for its health check.

``python -m leadcrm.ticking`` ends with 0 when this machine's beat has ticked lately.
"""

import contextlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from celery.beat import Scheduler

LATE_S = 60.0


def mark(data_dir: Path) -> Path:
    return data_dir / f"beat-{socket.gethostname()}.tick"


class Ticker(Scheduler):
    """Celery's plain scheduler (no schedule file: nothing to corrupt), which leaves a mark as it ticks."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        from django.conf import settings

        with contextlib.suppress(OSError):
            mark(settings.DATA_DIR).touch()
        return float(super().tick(*args, **kwargs))


def late(data_dir: Path) -> bool:
    try:
        return time.time() - mark(data_dir).stat().st_mtime > LATE_S
    except FileNotFoundError:
        return True


if __name__ == "__main__":
    sys.exit(late(Path(os.environ.get("LEADCRM_DATA_DIR", ".data"))))
