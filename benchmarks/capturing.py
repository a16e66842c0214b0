"""Capture of one lead through the API, complete: matched, tagged, scored, qualified, told, committed, answered."""

import itertools
from collections.abc import Iterator

from django.test import Client

from benchmarks import Figure, benchmark
from benchmarks.ground import Ground, p95, timed
from benchmarks.traces import cleared
from leads.actions.rules import add_tag_rule
from workspaces.actions import new_api_key
from workspaces.models import Member
from workspaces.tenancy import enter

LEADS = 200
WARM = 20
LIMIT_S = 0.040
RULES = {
    "large": {"field": "employees", "op": "gte", "value": 500},
    "urgent": {
        "all": [{"field": "need_level", "op": "eq", "value": "urgent"}, {"field": "pain", "op": "is_set"}]
    },
    "asked": {"field": "touches.inquiry", "op": "gte", "value": 1, "days": 30},
}


@benchmark
def capturing(ground: Ground) -> Iterator[Figure]:
    workspace = ground.workspaces[1]
    with cleared(workspace):
        with enter(workspace):
            admin = Member.objects.filter(role="admin").first()
            assert admin is not None
            key = new_api_key(admin, "benchmark", actor=None, as_of=ground.as_of)
        client = Client(headers={"Authorization": f"Bearer {key}"})
        numbers = itertools.count()
        for _number in range(WARM):
            send(client, next(numbers))
        plain = [timed(lambda: send(client, next(numbers))) for _number in range(LEADS)]
        with enter(workspace):  # rules that most workspaces have; over nothing, so that none is run over all
            for name, condition in RULES.items():
                rule = add_tag_rule(name, condition, is_active=False, as_of=ground.as_of, actor=None)
                type(rule).objects.filter(pk=rule.pk).update(is_active=True)
        for _number in range(WARM):
            send(client, next(numbers))
        tagged = [timed(lambda: send(client, next(numbers))) for _number in range(LEADS)]
    more = {"median_s": round(sorted(tagged)[LEADS // 2], 4), "without_tag_rules_p95_s": round(p95(plain), 4)}
    yield Figure(
        "capture one lead through the API, p95",
        f"{LEADS} requests",
        p95(tagged),
        LIMIT_S,
        limit="40 ms",
        more=more,
    )
    ground.tidy("leads_lead", "leads_identity", "leads_timelineentry", "leads_touch")


def send(client: Client, number: int) -> None:
    lead = {
        "name": f"Newcomer {number}",
        "title": "Director of operations",
        "company": f"Newcomers {number % 50} Ltd",
        "email": f"newcomer{number}@new{number % 50}.example",
        "phone": f"+49 30 {9_000_000 + number}",
        "industry": "Manufacturing",
        "region": "Bavaria",
        "employees": 200 + number,
        "pain": "Orders are copied by hand",
        "need_level": "urgent",
        "budget_status": "approved",
        "authority": "decision_maker",
        "channel": "Website",
    }
    answer = client.post("/api/v1/leads/", lead, content_type="application/json")
    assert answer.status_code == 201, answer.content[:500]
