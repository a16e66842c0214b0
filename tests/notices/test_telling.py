"""Who is told what happens: once, in words, and never of their own doing."""

from datetime import timedelta

import pytest
from django.utils import translation

from leadcrm.flow import run_due
from leads.actions import advance, capture, log_follow_up
from leads.actions.advance import decide
from leads.actions.tasks import add_task
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import Approval, Lead
from notices.actions import News, tell_late
from notices.models import Notice
from notices.wording import told
from pools.actions import assign, claim_one, give, reclaim_due
from pools.actions.respond import Late
from pools.models import PoolPolicy
from tests.cast import NOW, a_lead
from tests.pools.cast import a_manager, a_rep, some_leads
from workspaces.ids import uuid7
from workspaces.models import Member, Workspace

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def said(member: Member) -> list[tuple[str, str]]:
    """(kind, title) of what a member was told, the oldest first."""
    rows = Notice.objects.filter(member=member).select_related("lead").order_by("at", "id")
    return [(one.kind, words.title) for one, words in told(rows)]


def test_a_lead_assigned_by_a_rule(ming: Member) -> None:
    lead = a_lead(stage="mql")
    assign([lead.pk], as_of=NOW)
    assert said(ming) == [("assigned", "Li Lei is yours now")]
    one, words = told(Notice.objects.all())[0]
    assert (one.lead_id, one.actor_id, words.text) == (lead.pk, None, "Assigned by the rule “MQLs in turn”.")
    with translation.override("zh-hans"):
        assert "Li Lei" in told([one])[0][1].title != words.title


def test_many_leads_at_once_are_one_notice(ming: Member) -> None:
    assign(some_leads(30, stage="mql"), as_of=NOW)
    assert said(ming) == [("assigned", "30 leads are yours now")]
    assert len(Notice.objects.get().data["leads"]) == 20


def test_what_somebody_does_themselves_is_no_news(ming: Member) -> None:
    claim_one(ming, a_lead().pk, as_of=NOW)
    assert not Notice.objects.exists()


def test_handed_from_one_to_another(alice: Member, ming: Member) -> None:
    bo = a_rep("Bo")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    give([lead.pk], bo, "Ming is away", as_of=NOW + DAY, actor=alice)
    assert said(bo) == [("assigned", "Li Lei is yours now")]
    assert said(ming) == [("claimed_by_other", "Bo has Li Lei now")]
    texts = {one.member_id: words.text for one, words in told(Notice.objects.all())}
    assert texts[bo.pk] == "Given by Alice. Ming is away Held by Ming before."
    assert texts[ming.pk] == "Ming is away"


def test_warned_then_taken_back_then_claimed_by_a_colleague(workspace: Workspace, ming: Member) -> None:
    bo = a_rep("Bo")
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    run_due(workspace, NOW + timedelta(hours=20))
    run_due(workspace, NOW + timedelta(hours=20))
    assert said(ming) == [("reclaim_warning", "Li Lei goes back at 2026-03-03 09:00")]
    while reclaim_due(NOW + 2 * DAY):
        pass
    claim_one(bo, lead.pk, as_of=NOW + 3 * DAY)
    assert said(ming)[1:] == [
        ("reclaimed", "Li Lei was taken back"),
        ("claimed_by_other", "Bo has Li Lei now"),
    ]
    assert said(bo) == []


def test_of_many_leads_the_first_ones_time_is_said_to_be_that(ming: Member) -> None:
    due = {"due": NOW.isoformat(), "count": 14, "owner": str(ming.pk)}
    many = [
        News(ming.pk, kind, uuid7(), data=due | more)
        for kind in ("reclaim_warning", "response_due", "response_late")
        for more in ({}, {"missed": True})
    ]
    words = [words for _one, words in told([Notice(kind=one.kind, data=one.data) for one in many])]
    assert words[0].title == "14 leads go back, the first at 2026-03-02 09:00"
    assert words[2].title == "14 leads: get in touch, with the first by 2026-03-02 09:00"
    assert (words[3].title, words[3].text) == (
        "The responses to 14 leads are late",
        "The first was due at 2026-03-02 09:00.",
    )
    assert words[4].text == "The first is due at 2026-03-02 09:00."
    assert words[5].text == "The first was due at 2026-03-02 09:00."


def test_first_contacts_and_next_ones_are_told_apart(workspace: Workspace, ming: Member) -> None:
    leads = some_leads(3)
    late = [
        Late(lead, ming.pk, "remind", "12 hours", awaited, NOW, NOW + DAY, missed=False)
        for lead, awaited in zip(leads, ("first_contact", "follow_up", "follow_up"), strict=True)
    ]
    tell_late(leads, as_of=NOW, actor=None, late=late)
    found = {words.text: one.data.get("count", 1) for one, words in told(Notice.objects.all())}
    assert found == {"Nobody has spoken with them yet.": 1, "It has been quiet for long.": 2}


@pytest.mark.parametrize("by_rule", [True, False])
def test_who_lost_it_to_the_clock_hears_who_has_it_now_however_they_got_it(
    workspace: Workspace, alice: Member, ming: Member, by_rule: bool
) -> None:
    bo, lead = a_rep("Bo"), a_lead(stage="mql")
    PoolPolicy.objects.update(target="lead")
    claim_one(ming, lead.pk, as_of=NOW)
    reclaim_due(NOW + 2 * DAY)
    if by_rule:
        assign([lead.pk], as_of=NOW + 3 * DAY)
    else:
        give([lead.pk], bo, as_of=NOW + 3 * DAY, actor=alice)
    assert said(ming) == [("reclaimed", "Li Lei was taken back"), ("claimed_by_other", "Bo has Li Lei now")]
    give([lead.pk], ming, as_of=NOW + 4 * DAY, actor=alice)
    assert said(ming)[2:] == [("assigned", "Li Lei is yours now")]
    assert [kind for kind, _text in said(bo)] == ["assigned", "claimed_by_other"]


def test_a_known_lead_comes_again(alice: Member, ming: Member) -> None:
    item = {"name": "Li Lei", "email": "lei@x.example"}
    capture([incoming_from(item)], source=Source("form"), as_of=NOW, actor=None)
    lead = Lead.objects.get()
    give([lead.pk], ming, as_of=NOW, actor=alice)
    Notice.objects.all().delete()
    capture([incoming_from(item)], source=Source("form"), as_of=NOW + DAY, actor=None)
    assert said(ming) == [("came_again", "Li Lei came again")]


def test_a_mention(alice: Member, ming: Member) -> None:
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    log_follow_up(
        lead.pk, channel="call", summary="@alice please look; a@alice.example", as_of=NOW, actor=ming
    )
    assert said(alice) == [("mention", "Ming mentioned you at Li Lei")]
    log_follow_up(lead.pk, channel="call", summary="nobody@alice.example", as_of=NOW, actor=ming)
    assert len(said(alice)) == 1


def test_a_deferred_lead_is_back(workspace: Workspace, ming: Member) -> None:
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    details = {"reason": "No budget", "resume_at": "2026-03-20", "angle": "the new price"}
    advance([lead.pk], "defer", as_of=NOW, actor=ming, details=details)
    run_due(workspace, NOW + 30 * DAY)
    rows = Notice.objects.filter(kind="resumed")
    assert [words.text for _one, words in told(rows)] == [
        "Put aside because: No budget. Way back in: the new price."
    ]


def test_an_approval_is_wanted_and_decided(alice: Member, ming: Member) -> None:
    hong = a_manager()
    lead = a_lead(stage="sql", score=90, pain="x", budget_status="approved")
    claim_one(ming, lead.pk, as_of=NOW)
    from leads.models import Gate

    Gate.objects.filter(transition="to_opportunity").update(condition={}, approval_when={})
    advance([lead.pk], "to_opportunity", as_of=NOW, actor=ming)
    approval = Approval.objects.get()
    assert (
        said(hong)
        == said(alice)
        == [("approval_wanted", "Ming asks you to approve “to opportunity” for Li Lei")]
    )
    decide(approval, False, "Too early", as_of=NOW + DAY, actor=hong)
    assert said(ming) == [("approval_decided", "Hong did not approve “to opportunity” for Li Lei")]


def test_a_task_is_due_once_and_again_when_it_was_moved(workspace: Workspace, ming: Member) -> None:
    task = add_task(member_id=ming.pk, title="Call back", due_at=NOW + DAY, as_of=NOW, actor=ming)
    assert run_due(workspace, NOW)["tasks_told"] == 0
    assert run_due(workspace, NOW + DAY)["tasks_told"] == 1
    assert run_due(workspace, NOW + DAY)["tasks_told"] == 0
    task.due_at = NOW + 2 * DAY
    task.save()
    assert run_due(workspace, NOW + 2 * DAY)["tasks_told"] == 1
    assert said(ming) == [("task_due", "Due: Call back")] * 2


def test_who_has_left_is_told_nothing(alice: Member, ming: Member) -> None:
    lead = a_lead()
    claim_one(ming, lead.pk, as_of=NOW)
    Member.objects.filter(pk=ming.pk).update(is_active=False)
    give([lead.pk], alice, as_of=NOW + DAY, actor=None)
    assert said(ming) == []
