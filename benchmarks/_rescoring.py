"""All leads rescored, workspace by workspace: ``python -m benchmarks._rescoring`` says ``began`` and each set done.

By a card of fifty rules that changes every score; rolled back at the end of each workspace. It goes round until
its input is closed.
"""

import sys
import threading


def main() -> None:
    from leadcrm.start import configure

    configure()
    import django

    django.setup()
    from benchmarks import database, many_rules
    from benchmarks.fifty import RULES
    from benchmarks.ground import WORKSPACES, Ground
    from leads.models import Lead
    from scoring.actions import activate, rescore
    from workspaces.models import Workspace

    database.point_at(database.NAME)
    found = list(Workspace.objects.filter(slug__startswith="bench-").order_by("slug"))[:WORKSPACES]
    ground = Ground(0, found)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    print("began", flush=True)
    while not over.is_set():
        for workspace in found:
            if over.is_set():
                return
            with ground.undone(workspace):
                card = many_rules.a_card(ground, [rule for rule, _by_hand in RULES])
                activate(card, as_of=ground.as_of, actor=None, follow=False)
                rescore(None, as_of=ground.as_of)
                print(Lead.objects.count(), flush=True)


if __name__ == "__main__":
    main()
