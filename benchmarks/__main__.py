"""Build the rows, run the benchmarks, print the table, write benchmarks/latest.json.

BENCH_LEADS sets the number of leads (default 1,000,000, in 10 workspaces); BENCH_ONLY names benchmarks,
separated by commas; BENCH_KEEP=1 uses the rows of the last run again when their number is right.
"""

import importlib
import json
import os
import pkgutil
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
LATEST = HERE / "latest.json"
OWN = ("ground", "database", "rows", "card", "machine", "rescoring_by_hand", "traces")
COLUMNS = "{:<46} {:>30} {:>10} {:>10} {:>7} {:>7}  {}"


def main() -> int:
    # Rows of its own: neither the demo's data directory nor the database of DATABASE_URL is touched.
    os.environ.setdefault("LEADCRM_DATA_DIR", str(HERE.parent / ".data" / "bench"))
    from leadcrm.start import configure

    configure()
    from leadcrm.at_hand import for_a_command

    with for_a_command(migrated=False):
        return run(int(os.environ.get("BENCH_LEADS", "1000000").replace("_", "").replace(",", "")))


def run(leads: int) -> int:
    import django

    django.setup()
    from benchmarks import database, registered
    from benchmarks.ground import prepare
    from benchmarks.machine import Watch, described
    from leadcrm.start import settle

    for module in pkgutil.iter_modules([str(HERE)]):
        if module.name not in OWN and not module.name.startswith("_"):
            importlib.import_module(f"benchmarks.{module.name}")
    database.use()
    settle()  # as every process of the web server does
    began = time.monotonic()
    ground = prepare(leads, keep=bool(os.environ.get("BENCH_KEEP")))
    say(f"{ground.leads:,} leads in {len(ground.workspaces)} workspaces ({time.monotonic() - began:.0f} s)")
    say(f"{described()}\n")
    say(COLUMNS.format("what", "work", "ours", "limit", "ratio", "at most", ""))
    only = [name for name in os.environ.get("BENCH_ONLY", "").split(",") if name]
    figures, broken, watch = [], [], Watch()
    for name, function in registered.items():
        if only and name not in only:
            continue
        try:
            for figure in function(ground):
                stolen = watch.stolen()
                figures.append(figure.as_json() | {"stolen": stolen and round(stolen, 3)})
                say(line(figure) + taken(stolen))
        except Exception:
            broken.append(name)
            say(f"{name} could not be measured:\n{traceback.format_exc()}")
    LATEST.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    missed = [figure["name"] for figure in figures if not figure["met"]]
    say(
        f"\n{len(figures) - len(missed)} met, {len(missed)} MISSED"
        + "".join(f"\n  MISSED {one}" for one in missed)
    )
    return 1 if broken else 0


def line(figure) -> str:  # type: ignore[no-untyped-def]
    met = "met" if figure.met else "MISSED"
    note = met if figure.limit == "hand-written SQL" else f"{met} (limit: {figure.limit})"
    return COLUMNS.format(
        figure.name,
        figure.work,
        amount(figure.ours_s, figure.unit),
        amount(figure.limit_s, figure.unit),
        f"{figure.ratio:.2f}",
        f"{figure.allowed:g}",
        note,
    )


def taken(stolen: float | None) -> str:
    """Said where the machine was not ours alone while a figure was measured."""
    return f"; the host took {stolen:.0%} of the machine" if stolen and stolen >= 0.02 else ""


def amount(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:,.0f} {unit}"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms"


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
