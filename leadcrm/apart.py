"""Work that stands apart: a part that fails keeps none of the others from being done, and is not swallowed."""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class Apart:
    """Does parts of ``what`` one by one. What a part raises is logged with its traceback at once; ``tell`` raises
    all of it, when the others are done. A part that has failed is not tried again."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.faults: dict[str, Exception] = {}

    def do[T](self, name: str, part: Callable[[], T], otherwise: T) -> T:
        if name in self.faults:
            return otherwise
        try:
            return part()
        except Exception as fault:
            log.exception("%s: “%s” failed; the others go on.", self.what, name)
            fault.add_note(f"{self.what}: {name}")
            self.faults[name] = fault
            return otherwise

    def tell(self) -> None:
        """Raises ExceptionGroup with what failed, if anything did."""
        if self.faults:
            raise ExceptionGroup(f"{self.what}: {', '.join(self.faults)} failed", list(self.faults.values()))
