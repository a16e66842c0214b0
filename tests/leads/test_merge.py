"""Two leads become one with all they had; undone, both stand again, and what changed since stays."""

from datetime import timedelta
from typing import Any

import pytest

from leads.actions import add_contact, capture, edit, log_follow_up, merge, record_touches, undo_merge
from leads.actions.merge import Pair, merge_all
from leads.facts import incoming_from
from leads.incoming import Source
from leads.models import FollowUp, Identity, Lead, LeadTag, Merge, TimelineEntry, Touch
from leads.timeline import entries_of
from pools.actions import claim
from pools.models import Assignment
from tests.cast import NOW, join
from workspaces.models import AuditEntry, Member, Role, Workspace
from workspaces.refusals import Invalid, NotAllowed, NotThere, Refused
from workspaces.tenancy import enter

LATER = NOW + timedelta(hours=1)


def enters(*facts: dict[str, Any]) -> list[Lead]:
    found = capture([incoming_from(one) for one in facts], source=Source("api"), as_of=NOW, actor=None)
    return [Lead.objects.get(pk=one.lead_id) for one in found]


def two() -> list[Lead]:
    return enters(
        {"name": "Li Lei", "email": "li@acme.test", "tags": ["fair", "hot"], "attributes": {}},
        {"name": "Lei Li", "phone": "+8613812345678", "company": "Acme Ltd", "tags": ["fair"], "pain": "x"},
    )


def seen(lead: Lead) -> dict[str, Any]:
    """Everything of a lead that a merge and its undoing must leave as it was."""
    row = Lead.objects.filter(pk=lead.pk).values().get()
    for name in ("version", "updated_at", "scored_at", "rescore_at"):
        row.pop(name)
    return row | {
        "tags": sorted(LeadTag.objects.filter(lead=lead).values_list("tag__name", flat=True)),
        "touches": sorted(Touch.objects.filter(lead=lead).values_list("kind", flat=True)),
        "identities": sorted(Identity.objects.filter(lead=lead).values_list("kind", "value")),
        "held": sorted(Assignment.objects.filter(lead=lead).values_list("member__email", "ended")),
        "follow_ups": FollowUp.objects.filter(lead=lead).count(),
        "people": lead.people.count(),
    }


def test_a_merge_unites_everything_and_undoing_it_gives_everything_back(alice: Member) -> None:
    a, b = two()
    record_touches([(b.pk, "download", None, {})], as_of=NOW, actor=alice)
    log_follow_up(b.pk, channel="call", summary="They like it", as_of=NOW, actor=alice)
    add_contact(b.pk, name="Wang", role="champion", as_of=NOW, actor=alice)
    before = seen(a), seen(b)

    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)

    assert not Lead.objects.filter(pk=b.pk).exists()
    one = Lead.objects.get(pk=a.pk)
    assert (one.name, one.phone_e164, one.pain) == ("Li Lei", "+8613812345678", "x")
    assert one.company is not None and one.company.name == "Acme Ltd"
    after = seen(one)
    assert (after["tags"], after["touches"], after["follow_ups"], after["people"]) == (
        ["fair", "hot"],
        ["download"],
        1,
        1,
    )
    assert len(after["identities"]) == 2
    told = set(entries_of(a.pk).values_list("kind", flat=True))
    assert {"captured", "touched", "followed_up", "contact_added", "merged"} <= told
    assert TimelineEntry.objects.filter(lead_id=b.pk, kind="followed_up").exists()
    assert AuditEntry.objects.filter(action="leads_merged", subject_id=a.pk).exists()

    found = undo_merge(made.pk, as_of=LATER, actor=alice)
    assert found.kept == []
    assert (seen(a), seen(Lead.objects.get(pk=b.pk))) == before
    assert "followed_up" not in set(entries_of(a.pk).values_list("kind", flat=True))


def test_field_by_field(alice: Member) -> None:
    a, b = two()
    merge(a.pk, b.pk, choose={"name": "other", "phone": "this"}, as_of=LATER, actor=alice)
    one = Lead.objects.get(pk=a.pk)
    assert (one.name, one.phone, one.email) == ("Lei Li", "", "li@acme.test")
    [same] = enters({"phone": "+8613812345678"})
    assert same.pk == a.pk  # by the other's phone it is known all the same
    with pytest.raises(Invalid):
        merge(a.pk, b.pk, choose={"stage": "other"}, as_of=LATER, actor=alice)


def test_what_changed_since_is_kept_and_listed(alice: Member) -> None:
    a, b = two()
    made = merge(a.pk, b.pk, as_of=NOW, actor=alice)
    edit(a.pk, {"pain": "Orders get lost"}, as_of=LATER, actor=alice)
    log_follow_up(a.pk, channel="call", summary="After", as_of=LATER, actor=alice)
    found = undo_merge(made.pk, as_of=LATER, actor=alice)
    assert {"what": "pain"} in found.kept
    assert {"what": "leads_followup", "count": 1} in found.kept
    assert Lead.objects.get(pk=a.pk).pain == "Orders get lost"
    assert Lead.objects.get(pk=b.pk).pain == "x"
    assert FollowUp.objects.get().lead_id == a.pk


def test_the_holder_goes_on_and_every_assignment_is_kept(alice: Member, ming: Member) -> None:
    a, b = two()
    claim(ming, [b.pk], as_of=NOW)
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=a.pk).owner_id == ming.pk
    assert Assignment.objects.get(lead_id=a.pk).ended_at is None
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=a.pk).owner_id is None
    assert Assignment.objects.get(lead_id=b.pk, ended_at=None).member_id == ming.pk


def test_of_two_holders_the_survivors_goes_on(alice: Member, ming: Member) -> None:
    a, b = two()
    lin = join("lin@acme.test", "Lin", Role.REP)
    claim(ming, [a.pk], as_of=NOW)
    claim(lin, [b.pk], as_of=NOW)
    with pytest.raises(NotAllowed):
        merge(a.pk, b.pk, as_of=LATER, actor=ming)
    made = merge(a.pk, b.pk, as_of=LATER, actor=alice)
    held = {one.member_id: one.ended for one in Assignment.objects.filter(lead_id=a.pk)}
    assert held == {ming.pk: "", lin.pk: "merged"}
    undo_merge(made.pk, as_of=LATER, actor=alice)
    assert Lead.objects.get(pk=b.pk).owner_id == lin.pk
    assert Assignment.objects.get(lead_id=b.pk).ended_at is None


def test_a_chain_is_undone_from_its_end(alice: Member) -> None:
    a, b = two()
    [c] = enters({"name": "Third", "wechat": "third"})
    first = merge(a.pk, b.pk, as_of=NOW, actor=alice)
    second = merge(c.pk, a.pk, as_of=NOW, actor=alice)
    assert entries_of(c.pk).filter(lead_id=b.pk).exists()
    with pytest.raises(Refused) as refusal:
        undo_merge(first.pk, as_of=LATER, actor=alice)
    assert (refusal.value.code, refusal.value.details["merge"]) == ("merged_again", str(second.pk))
    undo_merge(second.pk, as_of=LATER, actor=alice)
    undo_merge(first.pk, as_of=LATER, actor=alice)
    assert Lead.objects.count() == 3
    with pytest.raises(Refused, match="undone already"):
        undo_merge(first.pk, as_of=LATER, actor=alice)


@pytest.mark.parametrize("count", [1, 20])
def test_a_set_of_pairs_costs_a_fixed_number_of_statements(
    alice: Member, count: int, django_assert_max_num_queries: Any
) -> None:
    facts = [{"name": f"L{n}", "email": f"{n}@acme.test"} for n in range(2 * count)]
    leads = enters(*facts)
    pairs = [Pair(leads[2 * n].pk, leads[2 * n + 1].pk) for n in range(count)]
    with django_assert_max_num_queries(80):
        assert len(merge_all(pairs, as_of=NOW, actor=alice)) == count


def test_a_known_lead_that_was_merged_is_met_in_its_survivor(alice: Member) -> None:
    a, b = two()
    merge(a.pk, b.pk, as_of=NOW, actor=alice)
    [found] = capture(
        [incoming_from({"phone": "13812345678", "title": "CTO"})],
        source=Source("api"),
        as_of=LATER,
        actor=None,
    )
    assert (found.lead_id, found.status) == (a.pk, "merged")


def test_refusals(alice: Member, elsewhere: Workspace) -> None:
    a, _b = two()
    with pytest.raises(Invalid):
        merge(a.pk, a.pk, as_of=NOW, actor=alice)
    with enter(elsewhere):
        [theirs] = enters({"name": "Theirs", "email": "x@evil.test"})
    with pytest.raises(NotThere):
        merge(a.pk, theirs.pk, as_of=NOW, actor=alice)


def test_through_the_api(alice: Member, api: Any) -> None:
    a, b = two()
    client = api(alice)
    answer = client.post(f"/api/v1/leads/{a.pk}/merge/", {"other": str(b.pk)}, format="json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["lead"]["id"], body["absorbed"]) == (str(a.pk), str(b.pk))
    gone = client.get(f"/api/v1/leads/{b.pk}/")
    assert (gone.status_code, gone.json()["merged_into"]) == (404, str(a.pk))
    assert [one["id"] for one in client.get("/api/v1/leads/").json()["results"]] == [str(a.pk)]
    kinds = {one["kind"] for one in client.get(f"/api/v1/leads/{a.pk}/timeline/").json()["results"]}
    assert {"merged", "captured"} <= kinds
    assert client.get("/api/v1/merges/", {"lead": str(b.pk)}).json()["results"][0]["id"] == body["id"]
    assert client.get(f"/api/v1/merges/{body['id']}/").json()["undone_at"] is None
    undone = client.post(f"/api/v1/merges/{body['id']}/undo/", {}, format="json")
    assert undone.status_code == 200, undone.content
    assert undone.json()["restored"]["id"] == str(b.pk)
    assert client.get(f"/api/v1/leads/{b.pk}/").status_code == 200
    again = client.post(f"/api/v1/merges/{body['id']}/undo/", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "undone")
    assert Merge.objects.count() == 1
