"""Who held a lead, in which pool it was, at which stage and how it was rated, on any past day."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from leads.actions import advance, capture, merge, undo_merge
from leads.actions.quality import rate_quality
from leads.actions.undo import belongings, keep_undo, take_back
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Lead
from leads.past import look_back
from pools.actions import give, release, warn_due
from tests.cast import NOW, join
from workspaces.models import Member, Role, Team

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("workspace")


def arrive(name: str = "Li Lei", at: datetime = NOW) -> UUID:
    item = incoming_from({"name": name, "email": f"{name.split()[0].lower()}@acme.example"})
    return capture([item], source=Source("hand"), as_of=at, actor=None)[0].lead_id


def then(pk: UUID, day: float, *columns: str) -> Any:
    look_back([(pk, NOW + day * DAY)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM past_lead")
        row = cursor.fetchone()
        return row[0] if len(columns) == 1 else row


@pytest.fixture
def bo(ming: Member) -> Member:
    return join("bo@acme.test", "Bo", Role.REP)


def hand(pk: UUID, to: Member, day: int) -> None:
    give([pk], to, "yours", as_of=NOW + day * DAY, actor=None)


def test_nobody_held_it_before_it_was_given(ming: Member, bo: Member) -> None:
    pk = arrive()
    hand(pk, ming, 3)
    warned = Lead.objects.get(pk=pk).warn_at
    assert warned is not None and warn_due(warned) == 1  # says who holds it, but begins nothing
    later = (warned - NOW) / DAY + 1
    hand(pk, bo, int(later) + 2)
    release([pk], "no time", as_of=NOW + (int(later) + 4) * DAY, actor=None)
    what = ("pool", "owner_id", "held_since", "pool_since")
    assert then(pk, 1, *what) == ("lead", None, None, NOW)
    assert then(pk, 4, *what) == ("sales", ming.pk, NOW + 3 * DAY, NOW + 3 * DAY)
    assert then(pk, later, *what) == ("sales", ming.pk, NOW + 3 * DAY, NOW + 3 * DAY)
    given, back = NOW + (int(later) + 2) * DAY, NOW + (int(later) + 4) * DAY
    assert then(pk, later + 2, *what) == ("sales", bo.pk, given, given)
    assert then(pk, later + 5, *what) == ("recycle", None, None, back)


def test_the_team_is_that_of_who_held_it(ming: Member, bo: Member) -> None:
    team = Team.objects.create(name="North")
    Member.objects.filter(pk=ming.pk).update(team=team)
    pk = arrive()
    hand(pk, Member.objects.get(pk=ming.pk), 3)
    hand(pk, bo, 5)
    assert [then(pk, day, "team_id") for day in (1, 4, 6)] == [None, team.pk, None]


def test_who_nobody_held_was_in_the_lead_pool_until_it_was_set_aside() -> None:
    pk = arrive()
    advance([pk], "disqualify", as_of=NOW + 3 * DAY, actor=None, details={"reason": "student"})
    advance([pk], "reopen", as_of=NOW + 5 * DAY, actor=None)
    assert [then(pk, day, "pool") for day in (1, 4, 6)] == ["lead", "recycle", "lead"]


def test_what_was_taken_back_leaves_the_holder_as_it_was(ming: Member, bo: Member, alice: Member) -> None:
    pk = arrive()
    hand(pk, ming, 1)
    before = belongings(pk)
    hand(pk, bo, 3)
    undo = keep_undo(pk, before, as_of=NOW + 3 * DAY, actor=alice)
    assert undo is not None
    take_back(undo.pk, as_of=NOW + 3 * DAY, actor=alice)
    release([pk], "no time", as_of=NOW + 6 * DAY, actor=None)
    assert [then(pk, day, "owner_id") for day in (0, 2, 4, 7)] == [None, ming.pk, ming.pk, None]


def test_a_merge_gives_the_holder_of_whose_pursuit_went_on(ming: Member) -> None:
    pk, other = arrive(), arrive("Han Mei")
    hand(other, ming, 1)
    made = merge(pk, other, as_of=NOW + 4 * DAY, actor=None)
    assert [then(pk, day, "pool", "owner_id") for day in (2, 5)] == [("lead", None), ("sales", ming.pk)]
    undo_merge(made.pk, as_of=NOW + 6 * DAY, actor=None)
    seen = [then(pk, day, "pool", "owner_id") for day in (2, 5, 7)]
    assert seen == [("lead", None), ("sales", ming.pk), ("lead", None)]


@pytest.mark.parametrize("pursuit", ["this", "other"])
def test_the_steps_of_a_merged_lead_are_not_the_survivors(pursuit: str) -> None:
    pk, other = arrive(), arrive("Han Mei")
    for step in ("to_mql", "to_sql"):
        advance([pk], step, as_of=NOW + DAY, actor=None, override="met them")
    advance([other], "to_mql", as_of=NOW + 5 * DAY, actor=None, override="met them")
    merge(pk, other, choose={"pursuit": pursuit}, as_of=NOW + 10 * DAY, actor=None)
    assert [then(pk, day, "stage") for day in (0, 3, 7)] == ["lead", "sql", "sql"]
    assert then(pk, 11, "stage") == ("sql" if pursuit == "this" else "mql")
    assert then(pk, 7, "stage_since") == NOW + DAY


def test_a_rating_is_known_from_when_it_was_given() -> None:
    pk = arrive()
    rate_quality([pk], "real", as_of=NOW + 2 * DAY, actor=None)
    advance([pk], "to_mql", as_of=NOW + 3 * DAY, actor=None, override="met them")
    rate_quality([pk], "student", as_of=NOW + 4 * DAY, actor=None)
    assert [then(pk, day, "quality") for day in (1, 2, 3, 5)] == ["", "real", "real", "student"]
