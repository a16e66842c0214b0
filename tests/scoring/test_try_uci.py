import pytest, time, json
from tests.scoring.learning import *
from tests.realdata import real
from scoring.models import Rule
def test_bank(workspace):
    rows = bank(real("scoring/uci_bank.csv"))
    fields(**{k: "number" if isinstance(v, int) else "text" for k, v in rows[0].items()})
    t0=time.time(); come_in(rows); print("in", time.time()-t0)
    t0=time.time()
    t = trained(workspace, {"field":"attributes.y","op":"eq","value":"yes"}, exclude=["duration"])
    print("train", time.time()-t0, t.status, t.verdict, t.last_error)
    print({k:v for k,v in t.found.items() if k!='deciles'})
    for d in t.found.get('deciles',[]): print(d)
    if t.scorecard:
        print(t.scorecard.grades, t.scorecard.threshold)
        for r in Rule.objects.filter(scorecard=t.scorecard).order_by("position"): print(r.points, r.label["en"], '|', r.label["zh-hans"], json.dumps(r.condition))
