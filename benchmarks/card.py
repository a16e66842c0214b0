"""The scorecard of the benchmark: twenty rules, five of them on touches."""

from typing import Any

TARGET = ["manufacturing", "technology", "software", "软件", "financial services", "pharma"]
DIMENSIONS = [
    ("fit", 20),
    ("need", 25),
    ("budget", 20),
    ("authority", 15),
    ("engagement", 20),
    ("exclusion", 0),
]
GRADES = {"A": 80, "B": 60, "C": 40}
THRESHOLD = 60


def leaf(field: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    found = {"field": field, "op": op, **more}
    return found if value is None else found | {"value": value}


# (dimension, points, label, condition)
RULES: list[tuple[str, int, str, dict[str, Any]]] = [
    ("fit", 15, "target industry", leaf("industry", "in", TARGET)),
    ("fit", 5, "large enough", leaf("employees", "gte", 50)),
    ("fit", 5, "served region", leaf("region", "in", ["beijing", "shanghai", "bavaria"])),
    ("need", 20, "pain written", leaf("pain", "is_set")),
    ("need", 15, "need clear", leaf("need_level", "eq", "clear")),
    ("need", 25, "need urgent", leaf("need_level", "eq", "urgent")),
    (
        "need",
        20,
        "qualified at the source",
        leaf("attributes.source_status", "in", ["pre qualified", "qualified"]),
    ),
    ("need", 5, "date known", leaf("timeline_date", "is_set")),
    ("budget", 20, "approved", leaf("budget_status", "eq", "approved")),
    ("budget", 15, "estimated", leaf("budget_status", "eq", "estimated")),
    ("budget", 10, "amount known", leaf("budget_amount", "is_set")),
    ("authority", 15, "decides", leaf("authority", "in", ["decision_maker", "economic_buyer"])),
    ("authority", 8, "influences", leaf("authority", "eq", "influencer")),
    (
        "authority",
        8,
        "senior title",
        {"any": [leaf("title", "contains", "director"), leaf("title", "in", ["ceo", "总监"])]},
    ),
    ("engagement", 10, "asked for a demo", leaf("touches.inquiry", "gte", 1, days=90)),
    ("engagement", 8, "looked at the price", leaf("touches.pricing_page", "gte", 1, days=30)),
    ("engagement", 5, "webinar", leaf("touches.webinar", "gte", 1, days=90)),
    ("engagement", 5, "download", leaf("touches.download", "gte", 1, days=90)),
    ("engagement", 4, "came back", leaf("touches.page_view", "gte", 3, days=30)),
    ("exclusion", -20, "junk at the source", leaf("attributes.source_status", "in", ["junk lead", "junk"])),
]
