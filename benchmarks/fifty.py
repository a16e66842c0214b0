"""Fifty rules, ten of them on touches that fade, each beside what somebody would write by hand for it."""

from typing import Any

from benchmarks.card import leaf

Rules = list[tuple[dict[str, Any], str]]
INDUSTRIES = ["manufacturing", "technology", "software", "软件", "financial services", "pharma"]
REGIONS = ["beijing", "shanghai", "bavaria", "texas"]
TITLES = ["director", "ceo", "cto", "manager", "head", "总监"]
DIMENSIONS = [("fit", 40), ("need", 30), ("budget", 30), ("authority", 20), ("engagement", 40)]
GRADES = {"A": 80, "B": 60, "C": 40}
# (kind of touch, points, most, half-life in days)
FADING = [
    ("page_view", 2, 10, 14),
    ("page_view", 1, 15, 90),
    ("email_open", 1, 5, 7),
    ("pricing_page", 6, 18, 14),
    ("form_submit", 5, 15, 30),
    ("download", 4, 12, 30),
    ("webinar", 6, 12, 45),
    ("inquiry", 10, 20, 30),
    ("inquiry", 3, 9, 120),
    ("email_open", 1, 4, 60),
]


def texts(*values: str) -> str:
    return ", ".join(f"'{value}'" for value in values)


def fixed() -> Rules:
    """Forty rules on what stands in the lead's own row."""
    found: list[tuple[str, int, dict[str, Any], str]] = [
        *(("fit", 3, leaf("industry", "eq", one), f"lower(l.industry) = '{one}'") for one in INDUSTRIES),
        ("fit", 9, leaf("industry", "in", INDUSTRIES), f"lower(l.industry) IN ({texts(*INDUSTRIES)})"),
        *(("fit", 2, leaf("region", "eq", one), f"lower(l.region) = '{one}'") for one in REGIONS),
        *(("fit", 1, leaf("employees", "gte", one), f"l.employees >= {one}") for one in (10, 50, 200, 1000)),
        ("fit", -3, leaf("employees", "is_empty"), "l.employees IS NULL"),
        ("need", 9, leaf("pain", "is_set"), "l.pain <> ''"),
        *(
            ("need", points, leaf("need_level", "eq", level), f"l.need_level = '{level}'")
            for level, points in (("none", -9), ("vague", 2), ("clear", 9), ("urgent", 15))
        ),
        ("need", 5, leaf("timeline_date", "is_set"), "l.timeline_date IS NOT NULL"),
        (
            "need",
            8,
            leaf("attributes.source_status", "in", ["pre qualified", "qualified"]),
            "lower(l.attributes ->> 'source_status') IN ('pre qualified', 'qualified')",
        ),
        *(
            ("budget", points, leaf("budget_status", "eq", level), f"l.budget_status = '{level}'")
            for level, points in (("none", -5), ("estimated", 9), ("approved", 15))
        ),
        ("budget", 6, leaf("budget_amount", "is_set"), "l.budget_amount IS NOT NULL"),
        *(
            ("authority", points, leaf("authority", "eq", one), f"l.authority = '{one}'")
            for one, points in (("user", 1), ("influencer", 5), ("decision_maker", 9), ("economic_buyer", 9))
        ),
        *(
            ("authority", 2, leaf("title", "contains", one), f"strpos(lower(l.title), '{one}') > 0")
            for one in TITLES
        ),
        ("fit", 1, leaf("company", "is_set"), "l.company_id IS NOT NULL"),
        ("engagement", 1, leaf("email", "is_set"), "l.email_key <> ''"),
        ("engagement", 1, leaf("phone", "is_set"), "l.phone_e164 <> ''"),
    ]
    return [
        (
            {"dimension": key, "points": points, "label": "", "condition": condition},
            f"CASE WHEN {by_hand} THEN {points} ELSE 0 END",
        )
        for key, points, condition, by_hand in found
    ]


def fading() -> Rules:
    return [
        (
            {
                "dimension": "engagement",
                "points": points,
                "label": "",
                "condition": {},
                "kind": "per_unit",
                "measure": {"field": f"touches.{kind}"},
                "cap": most,
                "half_life": life,
            },
            f"LEAST({most}, floor(COALESCE(s.f{at}, 0) * {points} + 0.500001))::integer",
        )
        for at, (kind, points, most, life) in enumerate(FADING)
    ]


RULES: Rules = [*fixed(), *fading()]
assert len(RULES) == 50


def many(count: int) -> list[dict[str, Any]]:
    """The fifty, again and again with other points, up to so many."""
    return [
        {**RULES[at % 50][0], "points": RULES[at % 50][0]["points"] + at // 50 or 1} for at in range(count)
    ]


def statement() -> str:
    """One statement written for exactly these rules: it reads the same rows and writes the same columns."""
    sums = ",\n".join(
        f"sum(exp(0.69314718055994530942 / {life * 86400} * date_part('epoch', at - %(now)s::timestamptz)))"
        f" FILTER (WHERE kind = '{kind}' AND at >= %(now)s::timestamptz - interval '{40 * life} days') AS f{at}"
        for at, (kind, _points, _most, life) in enumerate(FADING)
    )
    points = ",\n".join(f"{by_hand} AS p{at}" for at, (_rule, by_hand) in enumerate(RULES))
    lost = ",\n".join(
        f"CASE WHEN s.f{at} * {points} >= 0.5 THEN %(now)s::timestamptz + make_interval(secs => GREATEST(0,"
        f" {life * 86400 / 0.6931471805599453} * ln(s.f{at} * {points}"
        f" / (LEAST({most}, floor(s.f{at} * {points} + 0.500001)) - 0.5)))) END"
        for at, (_kind, points, most, life) in enumerate(FADING)
    )
    sides = " + ".join(
        f"LEAST({cap}, {' + '.join(f'p{at}' for at, (rule, _hand) in enumerate(RULES) if rule['dimension'] == key)})"
        for key, cap in DIMENSIONS
    )
    parts = ", ".join(f"CASE WHEN p{at} <> 0 THEN '{at}:' || p{at} END" for at in range(50))
    kinds = texts(*dict.fromkeys(kind for kind, *_rest in FADING))
    return f"""
WITH seen AS (
    SELECT lead_id, {sums} FROM leads_touch
    WHERE workspace_id = %(workspace)s AND at <= %(now)s AND kind IN ({kinds}) GROUP BY lead_id
), pointed AS (
    SELECT l.id, l.grade AS was_grade, l.score AS was_score, l.scorecard_id AS was_card, l.score_parts AS was_parts,
        l.rescore_at AS was_next, to_timestamp(3600 * (1 + floor(date_part('epoch', LEAST({lost})) / 3600))) AS next,
        {points}
    FROM leads_lead l LEFT JOIN seen s ON s.lead_id = l.id WHERE l.workspace_id = %(workspace)s OFFSET 0
), summed AS (
    SELECT *, GREATEST(0, {sides}) AS score FROM pointed OFFSET 0
), scored AS (
    SELECT *, CASE WHEN score >= 80 THEN 'A' WHEN score >= 60 THEN 'B' WHEN score >= 40 THEN 'C' ELSE 'D' END AS grade,
        to_jsonb(concat_ws(' ', {parts})) AS parts
    FROM summed
), changed AS (
    UPDATE leads_lead l SET score = s.score, grade = s.grade, score_parts = s.parts, scorecard_id = %(card)s,
        scored_at = %(now)s, rescore_at = s.next
    FROM scored s
    WHERE l.workspace_id = %(workspace)s AND l.id = s.id
      AND (s.score <> s.was_score OR s.grade <> s.was_grade OR s.was_card IS DISTINCT FROM %(card)s
           OR s.next IS DISTINCT FROM s.was_next OR s.parts <> s.was_parts)
    RETURNING l.id, s.was_grade, l.grade, l.score
), told AS (
    INSERT INTO leads_timelineentry (id, created_at, updated_at, workspace_id, lead_id, at, kind, data)
    SELECT leadcrm_uuid7(), %(now)s, %(now)s, %(workspace)s, id, %(now)s, 'graded',
        jsonb_build_object('from', was_grade, 'to', grade, 'score', score)
    FROM changed WHERE grade <> was_grade
)
SELECT count(*) FROM changed
"""
