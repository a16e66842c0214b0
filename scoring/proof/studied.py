"""Which leads a card's points were worked out from: what it says of them is no proof."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from scoring.learning.models import Review, Studied
from scoring.models import Scorecard

WIDTH = 16  # bytes of an id


def remember(
    leads: Sequence[UUID],
    until: datetime | None,
    *,
    card: Scorecard | None = None,
    review: Review | None = None,
) -> None:
    """Keep what a card, or the suggestions of a review, was worked out from, instead of what was kept before.

    ``until``: the moment of the last of them.
    """
    Studied.objects.filter(scorecard=card, review=review).delete()
    if leads and until is not None:
        kept = b"".join(lead.bytes for lead in leads)
        Studied.objects.create(scorecard=card, review=review, leads=kept, until=until)


def hand_on(review: Review, card: Scorecard) -> None:
    """The draft has seen what the review has seen, also when the review is written anew."""
    for one in Studied.objects.filter(review=review):
        Studied.objects.create(scorecard=card, leads=one.leads, until=one.until)


def studied(cards: Iterable[Scorecard]) -> tuple[set[UUID], datetime | None]:
    """The leads that any of the cards has seen, and the moment of the last; a card has seen what the versions it was
    made from have seen, however many lie between."""
    lines = {pk for card in cards for pk in line_of(card)}
    found: set[UUID] = set()
    until = []
    for one in Studied.objects.filter(scorecard__in=lines):
        kept = bytes(one.leads)
        found |= {UUID(bytes=kept[at : at + WIDTH]) for at in range(0, len(kept), WIDTH)}
        until.append(one.until)
    return found, max(until, default=None)


def line_of(card: Scorecard) -> list[UUID]:
    """The card and those it was made from, the newest first."""
    made_from = dict(Scorecard.objects.values_list("pk", "based_on"))
    line, pk = [card.pk], card.based_on
    while pk is not None and pk not in line:
        line.append(pk)
        pk = made_from.get(pk)
    return line
