"""At which moment leads are looked at: nobody is told apart by having been watched for longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from leads.actions import advance, capture, edit, merge, record_touches
from leads.actions.fill_in import Found, fill_in
from leads.actions.quality import rate_quality
from leads.conditions import vocabulary
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import StageChange
from scoring.learning.candidates import candidates
from scoring.proof.backtest import backtest
from scoring.proof.outcomes import decided, outcome_of
from tests.cast import NOW
from tests.scoring.cards import in_force, rule
from tests.scoring.learning import DAY, come_in, fields
from workspaces.ids import uuid7
from workspaces.models import Workspace

SIGNED = {"field": "attributes.signed", "op": "eq", "value": True}
MQL = {"field": "stage", "op": "eq", "value": "mql"}


def views(leads: Sequence[UUID], until: int) -> None:
    """Everybody looks at a page every ten days."""
    for day in range(10, until + 1, 10):
        seen = [(pk, "page_view", None, {}) for pk in leads]
        record_touches(seen, as_of=NOW + day * DAY - DAY / 2, actor=None)


def moments(outcome: dict[str, Any], as_of: datetime) -> dict[UUID, tuple[bool, datetime]]:
    with decided(outcome_of(outcome), as_of), connection.cursor() as cursor:
        cursor.execute("SELECT lead_id, happened, moment FROM decided_lead")
        return {pk: (happened, moment) for pk, happened, moment in cursor.fetchall()}


@pytest.mark.parametrize("at_first", [{}, {"signed": False}])
def test_who_has_not_signed_is_looked_at_as_late_as_who_has(workspace: Workspace, at_first: dict) -> None:
    """A field that is ticked when it happens, blank or "no" until then."""
    fields(signed="boolean")
    card = in_force(rule("engagement", 5, "touches.page_view", "gte", 1, per_unit=True, cap=30))
    leads = come_in([at_first] * 40)
    views(leads, 60)
    for pk in leads[:20]:
        edit(pk, {"attributes": {"signed": True}}, as_of=NOW + 60 * DAY, actor=None)
    come_in([at_first] * 5, as_of=NOW + 40 * DAY)  # too young to tell
    found = backtest(card, outcome_of(SIGNED), as_of=NOW + 90 * DAY)
    assert (found["leads"], found["outcomes"], found["auc"]) == (40, 20, 0.5)


def test_who_was_lost_late_is_looked_at_when_the_others_got_there(workspace: Workspace) -> None:
    card = in_force(rule("engagement", 5, "touches.page_view", "gte", 1, per_unit=True, cap=30))
    leads = come_in([{}] * 40)
    views(leads, 60)
    advance(leads[:20], "to_mql", as_of=NOW + 30 * DAY, actor=None, override="met them")
    lost: dict[str, Any] = {"actor": None, "details": {"reason": "student"}}
    advance(leads[20:30], "disqualify", as_of=NOW + 60 * DAY, **lost)
    advance(leads[30:], "disqualify", as_of=NOW + 5 * DAY, **lost)
    found = backtest(card, outcome_of(MQL), as_of=NOW + 61 * DAY)
    assert (found["leads"], found["outcomes"]) == (40, 20)
    at = moments(MQL, NOW + 61 * DAY)
    assert {at[pk][1].date() for pk in leads[20:30]} == {at[leads[0]][1].date()}
    assert {at[pk][1].date() for pk in leads[30:]} == {(NOW + 5 * DAY).date()}


def test_an_imported_list_counts_from_the_day_it_came(workspace: Workspace) -> None:
    """That one of them was corrected later does not make the others wait."""
    fields(signed="boolean")
    leads = come_in([{"signed": at % 2 == 0} for at in range(40)])
    edit(leads[1], {"attributes": {"signed": True}}, as_of=NOW + 50 * DAY, actor=None)
    at = moments(SIGNED, NOW + 60 * DAY)
    assert len(at) == 40 and at.pop(leads[1])[1].date() == (NOW + 50 * DAY).date()
    assert {moment for _happened, moment in at.values()} == {NOW}


def test_a_field_counts_from_when_anybody_filled_it(workspace: Workspace) -> None:
    """By a service or by a merge as well as by hand."""
    kinds: list[dict[str, Any]] = [
        {"name": name, "email": f"{name}@{name}.example"} for name in ("ann", "bea")
    ]
    items = [incoming_from(facts) for facts in kinds]
    ann, bea = (one.lead_id for one in capture(items, source=Source("hand"), as_of=NOW, actor=None))
    item = incoming_from({"name": "b", "email": "b@other.example", "employees": 90})
    other = capture([item], source=Source("hand"), as_of=NOW, actor=None)[0].lead_id
    fill_in({ann: {"employees": 90}}, Found("x", uuid7(), "X"), as_of=NOW + 20 * DAY)
    merge(bea, other, as_of=NOW + 30 * DAY, actor=None)
    at = moments({"field": "employees", "op": "gte", "value": 50}, NOW + 60 * DAY)
    assert {pk: moment.date() for pk, (_happened, moment) in at.items()} == {
        ann: (NOW + 20 * DAY).date(),
        bea: (NOW + 30 * DAY).date(),
    }


def test_who_took_the_step_on_arrival_is_looked_at_before_it(workspace: Workspace) -> None:
    card = in_force(rule("fit", 20, "stage", "eq", "mql"))
    leads = come_in([{}] * 40)
    advance(leads[:20], "to_mql", as_of=NOW, actor=None, override="met them")
    advance(leads[20:], "disqualify", as_of=NOW + DAY, actor=None, details={"reason": "student"})
    assert StageChange.objects.filter(target="mql", at=NOW).count() == 20
    found = backtest(card, outcome_of(MQL), as_of=NOW + 5 * DAY)
    assert (found["leads"], found["outcomes"], found["auc"]) == (40, 20, 0.5)


def test_what_an_outcome_counts_is_no_proof_of_itself(workspace: Workspace) -> None:
    """Half came in with it; of the others some did it once, which is not enough."""
    card = in_force(rule("engagement", 20, "touches.inquiry", "gte", 1))
    leads = come_in([{}] * 40)
    record_touches([(pk, "inquiry", None, {}) for pk in leads[:20] for _twice in "12"], as_of=NOW, actor=None)
    record_touches([(pk, "inquiry", None, {}) for pk in leads[20:30]], as_of=NOW, actor=None)
    twice = {"field": "touches.inquiry", "op": "gte", "value": 2}
    found = backtest(card, outcome_of(twice), as_of=NOW + DAY)
    assert (found["leads"], found["outcomes"], found["auc"]) == (40, 20, 0.5)


def test_a_rating_proves_what_it_said_before_the_step_and_is_never_learned_from(workspace: Workspace) -> None:
    card = in_force(rule("fit", 20, "quality", "eq", "real"))
    leads = come_in([{}] * 40)
    rate_quality(leads[:20], "real", as_of=NOW + DAY, actor=None)
    advance(leads[:20], "to_mql", as_of=NOW + 2 * DAY, actor=None, override="met them")
    advance(leads[20:], "disqualify", as_of=NOW + 2 * DAY, actor=None, details={"reason": "student"})
    rate_quality(leads[20:], "real", as_of=NOW + 3 * DAY, actor=None)
    found = backtest(card, outcome_of(MQL), as_of=NOW + 5 * DAY)
    assert (found["leads"], found["auc"]) == (40, 1.0)
    with decided(outcome_of(MQL), NOW + 5 * DAY):
        asked = {one.name for one in candidates(vocabulary(workspace), outcome_of(MQL), set())}
    assert "industry" in asked and "quality" not in asked
