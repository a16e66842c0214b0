"""Beside a running program: ``python -m benchmarks._acting SECONDS MANY`` lets leads fall due and watches them.

``LEADCRM_DATA_DIR``: the program's. It says ``laid`` when the first is about to fall due, and ends with one line
of JSON: how many seconds after its moment each of them was in the recycle pool for everybody to see.
"""

import json
import sys
import time
from datetime import timedelta

LATEST_S = 120.0
HELD = timedelta(hours=24)  # the first contact is due after this, by the default policy


def main(seconds: float, many: int) -> None:
    from leadcrm.start import configure

    configure()
    import django

    django.setup()
    from django.utils import timezone

    from leads.models import Lead
    from pools.actions import claim
    from pools.models import ClaimPolicy
    from workspaces.actions import add_member, create_workspace
    from workspaces.models import Member, Role, Workspace
    from workspaces.tenancy import enter

    workspace = Workspace.objects.filter(slug="acting").first()
    if workspace is None:
        made = create_workspace("Acting", slug="acting", email="acting@bench.test", password="fast lane 2000")
        workspace = made.workspace
        with enter(workspace):
            ClaimPolicy.objects.update(daily_quota=many * 100, holding_capacity=many * 100, cooldown_days=0)
            add_member(
                email="rep.acting@bench.test", name="Rep", role=Role.REP, capacity=many * 100, actor=None,
                as_of=workspace.created_at,
            )  # fmt: skip
    with enter(workspace):
        rep = Member.objects.get(role=Role.REP)
        now = timezone.now()
        facts = {"captured_at": now - HELD, "stage_since": now - HELD, "pool_since": now - HELD}
        leads = [Lead.objects.create(name=f"Lead {n}", **facts).pk for n in range(many)]
        begins = timezone.now() + timedelta(seconds=5 + many * 0.1)
        due = {}
        for n, pk in enumerate(leads):
            due[pk] = begins + timedelta(seconds=seconds * n / many)
            assert claim(rep, [pk], as_of=due[pk] - HELD).claimed, "every lead is claimed"
    assert timezone.now() < begins, "the first fell due before all were claimed"
    while timezone.now() < begins:
        time.sleep(0.01)
    print("laid", flush=True)
    late: dict = {}
    until = begins + timedelta(seconds=seconds + LATEST_S)
    while len(late) < many and timezone.now() < until:
        try:
            with enter(workspace):
                back = set(Lead.objects.filter(pk__in=leads, pool="recycle").values_list("pk", flat=True))
        except Exception:  # the database itself may be what was lost
            django.db.connection.close()
            back = set()
        seen = timezone.now()
        late |= {pk: (seen - due[pk]).total_seconds() for pk in back if pk not in late}
        time.sleep(0.03)
    print(json.dumps({"late": sorted(late.values()), "never": many - len(late)}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
