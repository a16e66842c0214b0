"""Tags, people, touches and talks on any past day: neither what came later nor what was taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from leads.actions import add_contact, capture, drop_contact, log_follow_up, record_touches, tag, untag
from leads.actions.undo import belongings, keep_undo, take_back
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import FollowUp, LeadContact
from leads.past import PAST, look_back
from tests.cast import NOW
from workspaces.models import Member

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("workspace")


def arrive(day: int = 0, **facts: Any) -> UUID:
    item = incoming_from({"name": "Li Lei", "email": "li@acme.example"} | facts)
    return capture([item], source=Source("hand"), as_of=NOW + day * DAY, actor=None)[0].lead_id


def rows(pk: UUID, day: float, asked: str) -> list[Any]:
    look_back([(pk, NOW + day * DAY)])
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [row[0] for row in cursor.fetchall()]


def tags(pk: UUID, *days: float) -> list[list[str]]:
    asked = "SELECT t.name FROM past_tag x JOIN leads_tag t ON t.id = x.tag_id ORDER BY t.name"
    return [rows(pk, day, asked) for day in days]


def people(pk: UUID, *days: float) -> list[list[str]]:
    return [rows(pk, day, "SELECT role FROM past_contact ORDER BY role") for day in days]


def taken_back(pk: UUID, does: Any, actor: Member, at: datetime) -> None:
    before = belongings(pk)
    does()
    undo = keep_undo(pk, before, as_of=at, actor=actor)
    assert undo is not None
    take_back(undo.pk, as_of=at + timedelta(seconds=9), actor=actor)


def test_a_tag_put_on_and_taken_back_was_not_there(alice: Member) -> None:
    pk, at = arrive(), NOW + 2 * DAY
    taken_back(pk, lambda: tag([pk], ["Competitor"], as_of=at, actor=alice), alice, at)
    assert tags(pk, 1, 3, 9) == [[], [], []]


def test_a_tag_taken_off_and_back_was_there(alice: Member) -> None:
    pk, at = arrive(), NOW + 2 * DAY
    tag([pk], ["Fair"], as_of=NOW + DAY, actor=alice)
    taken_back(pk, lambda: untag([pk], ["Fair"], as_of=at, actor=alice), alice, at)
    untag([pk], ["Fair"], as_of=NOW + 5 * DAY, actor=alice)
    assert tags(pk, 0, 1, 3, 6) == [[], ["Fair"], ["Fair"], []]


def test_a_person_added_and_taken_back_took_no_part(alice: Member) -> None:
    pk, at = arrive(), NOW + 2 * DAY
    boss: dict[str, Any] = {"role": "decision_maker", "name": "Boss", "as_of": at, "actor": alice}
    taken_back(pk, lambda: add_contact(pk, **boss), alice, at)
    assert people(pk, 1, 3, 9) == [[], [], []]
    made = add_contact(pk, role="user", name="Ann", as_of=NOW + 3 * DAY, actor=alice)
    at = NOW + 4 * DAY
    taken_back(pk, lambda: drop_contact(made.pk, as_of=at, actor=alice), alice, at)
    drop_contact(LeadContact.objects.get(lead_id=pk).pk, as_of=NOW + 6 * DAY, actor=alice)
    assert people(pk, 2.5, 3, 5, 7) == [[], ["user"], ["user"], []]


def test_a_tag_that_a_second_arrival_brought_was_not_there_before_it() -> None:
    pk = arrive(tags=["Fair"])
    assert arrive(3, tags=["Fair", "Webinar"]) == pk
    untag([pk], ["Fair", "Webinar"], as_of=NOW + 6 * DAY, actor=None)
    assert tags(pk, 1, 4, 7) == [["Fair"], ["Fair", "Webinar"], []]


TOUCHES = f"SELECT x.kind FROM {PAST.tables['touch']}"
TALKS = f"SELECT x.channel FROM {PAST.tables['follow_up']}"


def test_what_is_written_down_afterwards_was_not_known(alice: Member) -> None:
    pk, late = arrive(), NOW + 12 * DAY
    record_touches([(pk, "webinar", NOW + 3 * DAY, {})], as_of=late, actor=alice)
    log_follow_up(pk, channel="call", summary="Talked", at=NOW + 5 * DAY, as_of=late, actor=alice)
    for asked, told in ((TOUCHES, ["webinar"]), (TALKS, ["call"])):
        assert [rows(pk, day, asked) for day in (4, 8, 12)] == [[], [], told]
    for column in ("last_follow_up_at", "first_response_at"):
        seen = [rows(pk, day, f"SELECT {column} FROM past_lead") for day in (4, 8, 12)]
        assert seen == [[None], [None], [NOW + 5 * DAY]]
    made = FollowUp.objects.get(lead_id=pk)
    assert (made.created_at, made.workspace_id, made.moved) == (late, alice.workspace_id, [])


def test_a_history_that_comes_with_the_lead_counts_by_its_own_dates() -> None:
    item = incoming_from({"name": "Li Lei", "email": "li@acme.example"})
    item.at = NOW - 100 * DAY
    [found] = capture([item], source=Source("import", touch="import"), as_of=NOW, actor=None)
    soon = NOW + timedelta(minutes=5)
    record_touches([(found.lead_id, "webinar", NOW - 50 * DAY, {})], as_of=soon, actor=None)
    assert rows(found.lead_id, -60, TOUCHES) == ["import"]
    assert sorted(rows(found.lead_id, -40, TOUCHES)) == ["import", "webinar"]
