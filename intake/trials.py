"""The leads with which vendors let one try a connection, as they look in files and in messages: nobody is behind them.

What marks them is what each vendor writes: a flag beside the answers, or texts that nobody else writes. LinkedIn and
TikTok fill their tests with plausible answers: only their flag tells.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from intake.wording import squeeze, truth

WHOLE = frozenset(
    (
        *("FirstName LastName", "FirstName"),  # Google Ads
        *("an_account@example.com", "Lorem ipsum dolor"),  # Typeform
        *("emailmaria@hubspot.com", "bh@hubspot.com"),  # HubSpot: the contacts of a new portal
        "sample-value",  # HubSpot: the test of a subscription
        *("测试线索", "测试数据"),  # Feiyu
    )
)
# Meta, the testing tool; Google Ads, its ids; HubSpot, behind the names of the contacts of a new portal
PARTS = ("<test lead: dummy data", "TeSter-123-", "(Sample Contact)")
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
    if not WHOLE.isdisjoint(values):
        return True
    joined = "\n".join(values)
    return any(map(joined.__contains__, PARTS))  # asked of every row: a generator takes twice as long


def flagged(data: dict[str, Any]) -> bool | None:
    """What the flag of a message says; None where it has none."""
    said = [value for name, value in data.items() if squeeze(name) in FLAGS and isinstance(value, bool)]
    return any(said) if said else None
