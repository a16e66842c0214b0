"""Suggested pairs: how many of the true ones, how many false, on records that nobody here wrote."""

import csv
import sys
from itertools import combinations
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone

from leads.actions import capture, match_due, merge, search_all, set_rules, undo_merge
from leads.facts import incoming_from
from leads.incoming import Source
from leads.matching.evidence import gather, read
from leads.matching.levels import CLOSE, DIFFERENT, compare
from leads.models import CustomField, Duplicate, Lead, MatchRules, MatchWork
from tests.cast import NOW
from tests.realdata import real
from workspaces.models import Member, Workspace
from workspaces.refusals import Invalid

Pairs = set[frozenset[Any]]


def rows_of(name: str) -> list[dict[str, str]]:
    with real(f"dedupe/{name}").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        return [{key.strip(): (value or "").strip() for key, value in row.items()} for row in rows]


def febrl() -> tuple[list[dict[str, Any]], list[str]]:
    """Every column a field of the workspace's own; the record's number is how it is reached."""
    rows = rows_of("febrl1.csv")
    who = [row["rec_id"].split("-")[1] for row in rows]
    return [{"external_id": row.pop("rec_id"), "attributes": row} for row in rows], who


def fake(with_email: bool) -> tuple[list[dict[str, Any]], list[str]]:
    rows = rows_of("fake_1000.csv")
    who = [row.pop("cluster") for row in rows]
    leads = []
    for row in rows:
        fact: dict[str, Any] = {"external_id": row.pop("unique_id")}
        fact["name"] = f"{row.pop('first_name')} {row.pop('surname')}".strip()
        if with_email:
            fact["email"] = row.pop("email")
        leads.append(fact | {"attributes": row})
    return leads, who


def enter_all(facts: list[dict[str, Any]]) -> list[Any]:
    """Capture leads; the id of the lead that each record became."""
    keys = {key for fact in facts for key in fact.get("attributes", {})}
    for key in sorted(keys):
        CustomField.objects.get_or_create(key=key, defaults={"label": key})
    items = [incoming_from({k: v for k, v in fact.items() if v}) for fact in facts]
    return [one.lead_id for one in capture(items, source=Source("import"), as_of=NOW, actor=None)]


def true_pairs(who: list[str]) -> Pairs:
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(who):
        groups.setdefault(one, []).append(at)
    return {frozenset(pair) for rows in groups.values() for pair in combinations(rows, 2)}


def record_pairs(leads: list[Any], suggested: list[tuple[Any, Any]]) -> tuple[Pairs, Pairs]:
    """Pairs of records: (in one lead already, suggested to be)."""
    records: dict[Any, list[int]] = {}
    for at, lead in enumerate(leads):
        records.setdefault(lead, []).append(at)
    one = {frozenset(pair) for rows in records.values() for pair in combinations(rows, 2)}
    more = {frozenset((i, j)) for a, b in suggested for i in records[a] for j in records[b]}
    return one, more


def quality(found: Pairs, true: Pairs) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    right = len(found & true)
    precision, recall = right / max(len(found), 1), right / len(true)
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


@pytest.mark.parametrize(
    ("records", "least"),
    [(febrl, 0.98), (lambda: fake(True), 0.88), (lambda: fake(False), 0.88)],
    ids=["febrl1", "fake_1000", "fake_1000 without an address to reach them by"],
)
def test_suggestions_on_real_records(workspace: Workspace, records: Any, least: float) -> None:
    facts, who = records()
    leads = enter_all(facts)
    match_due(workspace, timezone.now())
    suggested = list(Duplicate.objects.filter(status="suggested").values_list("a_id", "b_id"))
    one, more = record_pairs(leads, suggested)
    true = true_pairs(who)
    precision, recall, f1 = quality(one | more, true)
    sys.stdout.write(f"suggested: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}\n")
    assert f1 >= least
    if one:
        assert quality(one, true)[0] >= 0.99


@pytest.mark.parametrize("records", [febrl, lambda: fake(True)], ids=["febrl1", "fake_1000"])
def test_what_merges_by_itself_on_real_records(workspace: Workspace, alice: Member, records: Any) -> None:
    set_rules({"merge_from": 0.99}, as_of=NOW, actor=alice)
    facts, who = records()
    leads = enter_all(facts)
    match_due(workspace, timezone.now())
    from leads.models import Merge

    into = dict(Merge.objects.values_list("absorbed", "survivor_id"))
    merged, _more = record_pairs([into.get(lead, lead) for lead in leads], [])
    precision, recall, _f1 = quality(merged, true_pairs(who))
    sys.stdout.write(
        f"merged by themselves: {len(merged)} pairs, precision {precision:.4f}, recall {recall:.4f}\n"
    )
    assert precision >= 0.99
    assert recall > 0.5


def test_a_new_lead_is_compared_with_those_that_are_there(workspace: Workspace) -> None:
    facts, _who = febrl()
    enter_all(facts)
    match_due(workspace, timezone.now())
    before = Duplicate.objects.count()
    told = dict(facts[0]["attributes"]) | {"surname": "wallar"}
    [new] = enter_all([{"external_id": "again", "attributes": told}])
    assert match_due(workspace, timezone.now()) == 1
    assert MatchWork.objects.filter(kind="new").count() == 0
    pair = Duplicate.objects.filter(
        a_id__in=Lead.objects.filter(external_id=facts[0]["external_id"]), b_id=new
    )
    assert pair.count() == 1
    found = pair.get()
    assert found.strength > 0.9
    assert {"soc_sec_id"} <= {one["field"].split(".")[-1] for one in found.reasons if one["level"] == "same"}
    assert Duplicate.objects.count() > before


def test_colleagues_are_not_suggested_and_one_person_twice_is(workspace: Workspace) -> None:
    [a, b, c] = enter_all(
        [
            {
                "name": "Li Lei",
                "company": "华为技术有限公司",
                "email": "li.lei@huawei.example",
                "region": "Shenzhen",
            },
            {
                "name": "Han Mei",
                "company": "華為技術",
                "email": "han.mei@huawei.example",
                "region": "Shenzhen",
            },
            {"name": "Lei LI", "company": "华为技术（深圳）有限公司", "phone": "+8613812345678"},
        ]
    )
    match_due(workspace, timezone.now())
    assert [{one.a_id, one.b_id} for one in Duplicate.objects.all()] == [{a, c}]
    assert b


@pytest.mark.parametrize(
    ("name", "one", "other", "level"),
    [
        ("email", "noah.haddad@granite.example", "olivia.haddad@granite.example", DIFFERENT),  # colleagues
        ("email", "info@granite.example", "info@maple.example", DIFFERENT),
        ("email", "noah.haddad@granite.example", "noah.haddad@gmail.com", CLOSE),
        ("email", "noah.haddad@granite.example", "noah.hadad@granite.example", CLOSE),
        ("name", "王建华", "马建华", DIFFERENT),
        ("name", "张建华", "章建华", CLOSE),  # the same sound
        ("company", "金石科技", "金山科技", DIFFERENT),
        ("name", "meyer anna", "meier anna", CLOSE),
    ],
)
def test_how_well_two_texts_agree(name: str, one: str, other: str, level: int) -> None:
    both, row = gather([uuid4(), uuid4()], [{name: one}, {name: other}]), np.array([0])
    assert compare(both, row, both, row + 1, name)[0] == level


def test_a_valid_credit_code_speaks_for_one_company_and_an_invalid_one_is_a_text(
    workspace: Workspace,
) -> None:
    good, bad = "91440300708461136T", "914403007084611361"
    facts = [{"external_id": code, "attributes": {"code": code}} for code in (good, bad)]
    first, second = (read([pk]) for pk in enter_all(facts))
    assert (first.fields, second.fields) == (["credit_code"], ["attributes.code"])


def test_not_the_same_is_remembered_and_an_undone_merge_is_one(
    workspace: Workspace, alice: Member, api: Any
) -> None:
    facts = [
        {"name": "Li Lei", "company": "Acme", "email": "li@a.example"},
        {"name": "Li Lei", "company": "Acme", "phone": "+8613812345678"},
    ]
    a, b = enter_all(facts)
    match_due(workspace, timezone.now())
    client = api(alice)
    [pair] = client.get("/api/v1/duplicates/").json()["results"]
    assert {pair["a"], pair["b"]} == {str(a), str(b)}
    assert {"same name", "same company"} <= {one["text"] for one in pair["reasons"]}
    assert client.get(f"/api/v1/duplicates/{pair['id']}/").status_code == 200
    assert client.post(f"/api/v1/duplicates/{pair['id']}/dismissal/").json()["status"] == "dismissed"
    assert client.get("/api/v1/duplicates/").json()["results"] == []
    search = client.post("/api/v1/duplicates/search/")
    assert (search.status_code, search.json()["status"]) == (202, "queued")
    match_due(workspace, timezone.now())
    done = client.get(f"/api/v1/duplicates/search/{search.json()['id']}/").json()
    assert (done["status"], done["processed"], done["total"]) == ("done", 2, 2)
    assert client.get("/api/v1/duplicates/search/").json()["results"][0]["id"] == search.json()["id"]
    assert client.get("/api/v1/duplicates/").json()["results"] == []
    assert client.delete(f"/api/v1/duplicates/{pair['id']}/dismissal/").status_code == 204
    assert len(client.get("/api/v1/duplicates/", {"lead": str(a)}).json()["results"]) == 1
    made = merge(a, b, as_of=NOW, actor=alice)
    assert not Duplicate.objects.exists()
    undo_merge(made.pk, as_of=NOW, actor=alice)
    assert Duplicate.objects.get().status == "dismissed"


def test_rules_of_the_workspace(workspace: Workspace, alice: Member, ming: Member, api: Any) -> None:
    client = api(alice)
    assert client.get("/api/v1/duplicates/rules/").json()["merge_from"] is None
    changed = client.put("/api/v1/duplicates/rules/", {"merge_from": 0.995, "ignore": ["title"]})
    assert changed.json()["merge_from"] == 0.995
    assert client.patch("/api/v1/duplicates/rules/", {"merge_from": 0.9}).status_code == 422
    assert api(ming).put("/api/v1/duplicates/rules/", {}).status_code == 403
    assert MatchRules.objects.get().ignore == ["title"]
    with pytest.raises(Invalid):
        set_rules({"suggest_from": 0.0}, as_of=NOW, actor=alice)
    assert search_all(as_of=NOW, actor=alice).pk == search_all(as_of=NOW, actor=alice).pk
