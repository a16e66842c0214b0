"""The leads with which vendors let one try a connection, as they look in files and in messages: nobody is behind them.

What marks them is what each vendor writes: a flag beside the answers, or texts that nobody else writes. LinkedIn and
TikTok fill their tests with plausible answers: only their flag tells.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from intake.wording import squeeze, truth

EDGE = "\x1f"  # between values: what stands between two is a whole one


def _whole(*values: str) -> tuple[str, ...]:
    return tuple(f"{EDGE}{value}{EDGE}" for value in values)


MARKS = (
    "<test lead: dummy data",  # Meta, the testing tool
    "TeSter-123-",  # Google Ads: ids
    *_whole("FirstName LastName", "FirstName"),
    *_whole("an_account@example.com", "Lorem ipsum dolor"),  # Typeform
    f"(Sample Contact){EDGE}",  # HubSpot: the contacts of a new portal, and the test of a subscription
    *_whole("emailmaria@hubspot.com", "bh@hubspot.com", "sample-value"),
    *_whole("测试线索", "测试数据"),  # Feiyu
)
# LinkedIn "testLead", Google Ads "is_test", others alike; as columns of files, too.
FLAGS = frozenset(("istest", "testlead", "istestlead", "测试线索", "是否测试", "是否测试线索"))


def flags_among(names: Sequence[str]) -> list[int]:
    """The places of the columns that say whether a row is a test."""
    return [at for at, name in enumerate(names) if squeeze(name) in FLAGS]


def is_trial(values: Sequence[str], flags: Iterable[int] = ()) -> bool:
    """Is this a test? A flag's word counts, yes or no; without one the marks do."""
    for at in flags:
        said = truth(values[at]) if at < len(values) else None
        if said is not None:
            return said
    joined = EDGE + EDGE.join(values) + EDGE
    return any(mark in joined for mark in MARKS)


def flagged(data: dict[str, Any]) -> bool | None:
    """What the flag of a message says; None where it has none."""
    said = [value for name, value in data.items() if squeeze(name) in FLAGS and isinstance(value, bool)]
    return any(said) if said else None
