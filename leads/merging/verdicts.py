"""The answers of two leads that become one: of each question the latest."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from leads.models import Answer

Latest = dict[
    str, tuple[datetime, datetime, str]
]  # by question: when it was learned, written down, the verdict


def latest_verdicts(leads: Iterable[UUID]) -> dict[UUID, Latest]:
    """The latest answer to each question, by lead. One statement."""
    rows = Answer.objects.filter(lead__in=leads).order_by("lead", "question", "-at", "-created_at")
    found: dict[UUID, Latest] = {}
    for one in rows.distinct("lead", "question").only("lead_id", "question", "at", "created_at", "verdict"):
        found.setdefault(one.lead_id, {})[one.question] = (one.at, one.created_at, one.verdict)
    return found


def united_verdicts(
    this: Mapping[str, str], other: Mapping[str, str], ours: Latest, theirs: Latest
) -> dict[str, str]:
    """``assessment`` of a lead that takes up another. What has no answer behind it is this lead's, if it says it."""
    latest = {**other, **this}
    for question in ours.keys() & theirs.keys():
        latest[question] = max(ours[question], theirs[question])[2]
    return {question: verdict for question, verdict in latest.items() if verdict}
