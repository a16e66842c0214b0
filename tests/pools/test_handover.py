"""A colleague leaves: their leads go on with stage, tasks, history, and a summary for whoever gets them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from leads.actions import log_follow_up
from leads.models import Lead, Task
from notices.models import Notice
from notices.wording import told
from pools.actions import claim, hand_over
from pools.models import Handover
from pools.summaries import of_handover
from tests.cast import NOW
from tests.pools.cast import a_manager, a_rep, held_truly, some_leads
from workspaces.actions import change_member, deactivate_member
from workspaces.models import Member
from workspaces.refusals import Invalid, Refused

pytestmark = pytest.mark.django_db
Api = Callable[[Member], APIClient]
DAY = timedelta(days=1)


def test_tasks_go_along_and_the_new_holder_reads_a_summary(ming: Member) -> None:
    hong, bo = a_manager(), a_rep("Bo")
    lead, other = some_leads(2, stage="mql")
    claim(ming, [lead, other], as_of=NOW)
    talk = {"channel": "call", "summary": "Wants a demo", "next_action": "Send slots", "next_at": NOW + DAY}
    log_follow_up(lead, **talk, as_of=NOW, actor=ming)
    Task.objects.create(lead_id=lead, member=hong, title="Hong's own", due_at=NOW)
    done = hand_over(ming, [bo], "Ming leaves", as_of=NOW + DAY, actor=hong)
    assert set(done.given.values()) == {bo.pk}
    holders = dict(Task.objects.values_list("title", "member__name"))
    assert holders.pop("Hong's own") == "Hong"
    assert holders["Send slots"] == "Bo" and set(holders.values()) == {"Bo"}  # the stage's tasks, too
    told_ = {one.lead.pk: one for one in of_handover(done.record, as_of=NOW + DAY, holder=bo)}
    first, second = told_[lead], told_[other]
    assert first.talk is not None and first.talk.summary == "Wants a demo"
    assert (first.step, first.holder) == ("to_sql", bo)
    assert any("Pain" in one for one in first.lacks)
    assert second.talk is None and second.advice == "Call, or write by mail or WeCom"  # its stage asks for it
    (notice,) = Notice.objects.filter(member=bo)
    assert (notice.kind, notice.data["handover"]) == ("handover", str(done.record.pk))
    assert told([notice])[0][1].title == "2 leads were handed over to you"
    assert Lead.objects.filter(owner=bo, stage="mql").count() == 2
    held_truly()


def test_by_the_rules_without_the_one_who_leaves(ming: Member) -> None:
    hong, bo = a_manager(), a_rep("Bo")
    a_rep("Full", capacity=0)
    leads = some_leads(3, stage="sql")
    claim(ming, leads, as_of=NOW)
    Member.objects.filter(pk=bo.pk).update(capacity=2)
    done = hand_over(ming, [], "on leave", by_rule=True, as_of=NOW + DAY, actor=hong)
    assert set(done.given) == set(leads[:2]) and set(done.given.values()) == {bo.pk}
    assert list(done.left) == [leads[2]]
    ming.refresh_from_db()
    assert ming.takes_leads
    assert Handover.objects.get().moved == 2
    held_truly()


def test_what_can_not_be(alice: Member, ming: Member) -> None:
    bo = a_rep("Bo")
    more: dict[str, Any] = {"as_of": NOW, "actor": alice}
    with pytest.raises(Refused, match="holds none"):
        hand_over(ming, [bo], "x", **more)
    claim(ming, some_leads(1), as_of=NOW)
    for to, reason in (([], "x"), ([ming], "x"), ([bo], "  ")):
        with pytest.raises(Invalid):
            hand_over(ming, to, reason, **more)
    with pytest.raises(Invalid):
        hand_over(ming, [bo], "x", by_rule=True, **more)
    assert not Handover.objects.exists()


def test_nobody_leaves_while_they_hold_leads(alice: Member, ming: Member) -> None:
    claim(ming, some_leads(1), as_of=NOW)
    with pytest.raises(Refused, match="still holds 1 leads"):
        deactivate_member(ming, actor=alice, as_of=NOW)
    with pytest.raises(Refused, match="still holds"):
        change_member(ming, {"role": "viewer"}, actor=alice, as_of=NOW)
    hand_over(ming, [alice], "x", as_of=NOW, actor=alice)
    deactivate_member(ming, actor=alice, as_of=NOW)


def test_over_the_api(api: Api, alice: Member, ming: Member) -> None:
    bo = a_rep("Bo")
    leads = some_leads(3, industry="saas")
    claim(ming, leads, as_of=NOW)
    client = api(alice)
    body = {"from": str(ming.pk), "to": [str(bo.pk)], "reason": "on leave"}
    nothing = {"field": "industry", "op": "eq", "value": "retail"}
    assert client.post("/api/v1/handovers/", body | {"where": nothing}).status_code == 409
    made = client.post("/api/v1/handovers/", body).json()
    assert (made["moved"], len(made["shares"][0]["leads"]), made["left"]) == (3, 3, [])
    url = f"/api/v1/handovers/{made['id']}/"
    told = client.get(url).json()
    assert (told["from"], told["reason"], len(told["leads"])) == (str(ming.pk), "on leave", 3)
    assert told["leads"][0]["gate"] == "to_mql" and told["leads"][0]["next_step"]
    assert api(ming).get(url).json()["leads"] == []
    assert len(api(bo).get(url).json()["leads"]) == 3
    assert [one["id"] for one in client.get("/api/v1/handovers/").json()["results"]] == [made["id"]]
    assert api(ming).post("/api/v1/handovers/", body).status_code == 403
    assert len(api(a_rep("Heir")).get("/api/v1/handovers/").json()["results"]) == 0
    assert client.post("/api/v1/handovers/", body | {"to": [], "by_rule": True}).status_code == 409
