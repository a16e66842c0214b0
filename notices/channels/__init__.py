"""The ways out of the program. Each sends and says how it went; none writes to the database."""


class NotSent(Exception):
    """It did not go out.

    ``down``: nothing else will get through there now either; ``again_s``: the receiver asked to wait so
    long; ``gone``: it wants no more (410).
    """

    def __init__(
        self, reason: str, *, down: bool = True, again_s: float | None = None, gone: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.down, self.again_s, self.gone = reason[:500], down, again_s, gone
