"""What happens after what, on one page."""


def connect() -> None:
    """Tell the lower rooms what follows."""
