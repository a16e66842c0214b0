"""A known lead that comes again comes back to life, where the workspace's rule says so."""

from datetime import timedelta
from typing import Any

import pytest

from leadcrm.flow import run_due
from leads.actions import advance, capture, set_rules
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Channel, Deferral, Lead, TimelineEntry, Touch
from leads.telling import told
from notices.models import Notice
from tests.cast import NOW, a_lead
from tests.intake.lists import bring_in
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

LATER = NOW + timedelta(days=3)


def again(source: Source, **facts: Any) -> Lead:
    [found] = capture([incoming_from(facts)], source=source, as_of=LATER, actor=None)
    assert found.status == "merged"
    return Lead.objects.get(pk=found.lead_id)


def lost(alice: Member, **facts: Any) -> Lead:
    [made] = capture([incoming_from(facts)], source=Source("api"), as_of=NOW, actor=alice)
    assert made.lead_id
    assert advance([made.lead_id], "lose", as_of=NOW, actor=alice, details={"reason": "price"}).moved
    return Lead.objects.get(pk=made.lead_id)


@pytest.mark.parametrize("kind", ["form", "webhook", "api", "hand"])
def test_a_lost_lead_is_reopened_whichever_way_it_comes(alice: Member, kind: str) -> None:
    lead = lost(alice, name="Ada", email="ada@x.io")
    assert (lead.stage, lead.pool) == ("lost", "recycle")
    channel = Channel.objects.get(name="Website")
    back = again(Source(kind, channel), email="ADA@x.io", pain="Slow")
    assert (back.pk, back.stage, back.pool, back.pain) == (lead.pk, "lead", "lead", "Slow")
    assert Touch.objects.filter(lead=lead, channel=channel).count() == 1
    [entry] = TimelineEntry.objects.filter(lead_id=lead.pk, kind="resumed")
    [said] = told([entry])
    assert "came in once more" in said["text"] and "Website" in said["text"] and "lost" in said["text"]
    assert entry.actor_id is None


def test_an_import_revives_too(alice: Member, workspace: Workspace) -> None:
    lead = lost(alice, name="Ada", email="ada@x.io")
    bring_in(workspace, b"Name,Email\nAda,ada@x.io\nBo,bo@x.io\n", name="spring.csv", actor=alice)
    lead.refresh_from_db()
    assert lead.stage == "lead"
    entry = TimelineEntry.objects.get(lead_id=lead.pk, kind="resumed")
    assert "spring.csv" in told([entry])[0]["text"]


def test_a_deferred_lead_goes_on_with_its_holder_who_is_told(ming: Member, workspace: Workspace) -> None:
    lead = a_lead(stage="sql", owner=ming, pool="sales", held_since=NOW, email="a@x.io", email_key="a@x.io")
    lead.identities.create(kind="email", value="a@x.io")
    details = {"reason_code": "budget_not_granted", "resume_at": "2026-09-01"}
    assert advance([lead.pk], "defer", as_of=NOW, actor=ming, details=details).moved
    back = again(Source("form"), email="a@x.io")
    assert (back.stage, back.owner_id, back.resume_at) == ("lead", ming.pk, None)
    assert Deferral.objects.get().ended_by == "again"
    kinds = set(Notice.objects.filter(member=ming).values_list("kind", flat=True))
    assert {"resumed", "came_again"} <= kinds
    [entry] = TimelineEntry.objects.filter(kind="resumed")
    assert "put aside earlier because: Budget not granted" in told([entry])[0]["text"]


def test_out_of_the_recycle_pool_into_the_lead_pool_and_to_somebody(
    ming: Member, workspace: Workspace
) -> None:
    lead = a_lead(stage="mql", pool="recycle", score=70, email="a@x.io", email_key="a@x.io")
    lead.identities.create(kind="email", value="a@x.io")
    back = again(Source("form", data={"form": "Ask us"}), email="a@x.io")
    assert (back.stage, back.pool, back.pool_since) == ("mql", "lead", LATER)
    [entry] = TimelineEntry.objects.filter(kind="brought_back")
    assert "form: Ask us" in told([entry])[0]["text"]
    run_due(workspace, LATER)


def test_the_rule_decides(alice: Member, api: Any, ming: Member) -> None:
    lead = lost(alice, name="Ada", email="ada@x.io")
    rules = "/api/v1/duplicates/rules/"
    assert api(alice).get(rules).json()["revive"] == ["deferred", "lost", "recycle"]
    assert api(ming).patch(rules, {"revive": []}).status_code == 403
    assert api(alice).patch(rules, {"revive": ["won"]}).status_code == 422
    assert api(alice).patch(rules, {"revive": []}).status_code == 200
    assert again(Source("form"), email="ada@x.io").stage == "lost"
    with pytest.raises(Invalid):
        set_rules({"revive": ["never"]}, as_of=NOW, actor=alice)
    set_rules({"revive": ["disqualified"]}, as_of=NOW, actor=alice)
    Lead.objects.filter(pk=lead.pk).update(stage="disqualified")
    assert again(Source("form"), email="ada@x.io").stage == "lead"


def test_a_message_that_is_read_once_more_revives_nobody(alice: Member) -> None:
    lost(alice, name="Ada", email="ada@x.io")
    assert again(Source("webhook", replay=True), email="ada@x.io").stage == "lost"
