"""The score of a lead as of a past moment, from the facts as they were known then."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from leads.conditions.moments import EACH
from leads.models import Lead
from leads.past import look_back
from scoring.cards import ReadCard, in_force, read
from scoring.engine import Engine
from scoring.explain import Tally, account, card_of, points_by_rule
from scoring.models import Scorecard
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace


def score_then(
    lead: Lead, moment: datetime, *, now: datetime, card: ReadCard | None = None
) -> dict[str, Any]:
    """The explanation of ``scoring.explain``, of the lead as it was known at a past moment.

    card: by which it is scored; the one that gave its present score unless said. Invalid when the lead was not
    there yet, or the moment has not come.
    """
    if moment > now:
        raise Invalid.field("as_of", _("This moment has not come yet."))
    if moment < lead.captured_at:
        raise Invalid.field("as_of", _("This lead was not there yet."))
    card = card or card_of(lead) or next(iter(in_force()), None)
    if card is None:
        raise Invalid.field("scorecard", _("There is no such scorecard."))
    card = replace(card, team=None, others=())
    past = look_back([(lead.pk, moment)])
    statement = Engine(card, current_workspace(), EACH, past).scored([lead.pk])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT score, grade, parts FROM ({statement.text}) found", statement.params)
        score, grade, parts = cursor.fetchone()
    tally = Tally(card, points_by_rule(parts.strip('"') if isinstance(parts, str) else parts))
    about = {"score": score, "grade": grade, "scored_at": moment}
    return about | account(lead.pk, tally, moment, past)


def moment_of(given: str, now: datetime) -> datetime:
    """A day means its end, where the workspace is, and today what is known by now; a time without a zone is there,
    too. Invalid when it is neither."""
    zone = current_workspace().tz
    try:
        day, moment = parse_date(given), parse_datetime(given.replace(" ", "+"))
    except ValueError:
        day = moment = None
    if isinstance(day, date) and len(given) == 10:
        end = datetime.combine(day, time.max, tzinfo=zone)
        return now if day == now.astimezone(zone).date() else end
    if moment is None:
        raise Invalid.field("as_of", _("Write a day as 2026-03-31."))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def card_named(given: str) -> ReadCard:
    """The scorecard of that id; Invalid when there is none."""
    try:
        found = Scorecard.objects.filter(pk=UUID(given)).first()
    except ValueError:
        found = None
    if found is None:
        raise Invalid.field("scorecard", _("There is no such scorecard."), "unknown_value")
    return read(found, others=())
