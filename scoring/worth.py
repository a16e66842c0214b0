"""What a rule is worth once its condition holds, as SQL: a whole number for each lead, never null, never an error."""

from datetime import datetime
from math import log

from leads.conditions import Sources, Sql, number_sql
from leads.conditions.fragments import comma, put
from leads.conditions.moments import AsOf, Later
from scoring.bands import steps
from scoring.cards import Measure, ReadRule
from scoring.formula import Reading, formula_sql
from scoring.models import RuleKind

MOST_POINTS = 30_000  # of one rule: a sum of any number of them stays an integer
HAIR = 0.000001  # added before rounding, so that sums in another order don't round differently
DAY_S = 86_400


def worth(rule: ReadRule, as_of: AsOf, sources: Sources) -> Sql:
    """The points of a rule whose condition holds. ``sources``: collected for ``rule.numbers`` and ``rule.fading``."""
    if rule.fading:
        return faded(rule, sources)
    match rule.kind:
        case RuleKind.PER_UNIT:
            return per_unit(rule, as_of, sources)
        case RuleKind.BANDS:
            return by_bands(rule, as_of, sources)
        case RuleKind.FORMULA:
            return by_formula(rule, as_of, sources)
    return Sql(str(int(rule.points)))


def varies(rule: ReadRule) -> bool:
    """May it give different points to different leads?"""
    return bool(rule.fading) or rule.kind in (RuleKind.PER_UNIT, RuleKind.BANDS, RuleKind.FORMULA)


def measured(measure: Measure, as_of: AsOf, sources: Sources) -> Sql:
    field, days = measure
    return number_sql(field, as_of=as_of, days=days, lead="l", sources=sources)


def most_of(rule: ReadRule) -> int:
    return MOST_POINTS if rule.limit is None else min(rule.limit, MOST_POINTS)


def per_unit(rule: ReadRule, as_of: AsOf, sources: Sources) -> Sql:
    if rule.counted is None:
        return Sql("0")
    most = most_of(rule)
    count = measured(rule.counted, as_of, sources)
    return put(f"GREATEST({-most}, LEAST({most}, {{}} * {int(rule.points)}))::integer", count)


def by_bands(rule: ReadRule, as_of: AsOf, sources: Sources) -> Sql:
    """One look-up in the sorted beginnings of the bands, whatever their number."""
    below, found, unknown = steps(rule.bands)
    if rule.measure is None:
        return Sql(str(int(unknown)))
    value = put("{}::numeric", measured(rule.measure, as_of, sources))
    if not found:
        return put(f"CASE WHEN {{}} IS NULL THEN {int(unknown)} ELSE {int(below)} END", value)
    given = ", ".join(str(int(points)) for points in (below, *(points for _start, points in found)))
    starts = ", ".join(f"{start:f}" for start, _points in found)
    return put(
        f"COALESCE((ARRAY[{given}])[1 + width_bucket({{}}, ARRAY[{starts}]::numeric[])], {int(unknown)})",
        value,
    )


def formula_value(rule: ReadRule, as_of: AsOf, sources: Sources | None, lead: str = "l") -> Sql:
    """What the formula comes to; null when it can't be worked out."""
    assert rule.formula is not None

    def read(one: Reading) -> Sql:
        return number_sql(one.field, as_of=as_of, days=one.days, lead=lead, sources=sources)

    return formula_sql(rule.formula, read)


def by_formula(rule: ReadRule, as_of: AsOf, sources: Sources) -> Sql:
    """Rounded to nine places first, so that a third of three is one; nothing when it can't be worked out."""
    most = most_of(rule)
    value = formula_value(rule, as_of, sources)
    return put(f"GREATEST({-most}, LEAST({most}, round(round(COALESCE({{}}, 0), 9))))::integer", value)


# --- fading --------------------------------------------------------------------------------------


def worn(rule: ReadRule, sources: Sources) -> Sql:
    """The points, without a sign, before they are rounded and cut."""
    assert rule.fading is not None
    return put(f"({{}} * {abs(int(rule.points))})", sources.faded(*rule.fading))


def faded(rule: ReadRule, sources: Sources) -> Sql:
    """A touch of age a gives points * 0.5 ^ (a / half-life); added up, cut, rounded to whole points."""
    sign = "" if rule.points >= 0 else "- "
    most = most_of(rule)
    return put(f"({sign}LEAST({most}, floor({{}} + {0.5 + HAIR}))::integer)", worn(rule, sources))


def next_point_lost(rule: ReadRule, as_of: datetime | Later, sources: Sources) -> Sql:
    """When fading takes the next whole point; null when no point is left.

    From r points the sum reaches n - 1/2, where n points become n - 1, after half-life * log2(r / (n - 1/2)).
    """
    assert rule.half_life is not None
    r, most = worn(rule, sources), most_of(rule)
    seconds = put(
        f"{rule.half_life * DAY_S / log(2)} * ln({{}} / (LEAST({most}, floor({{}} + {0.5 + HAIR})) - 0.5))",
        r,
        r,
    )
    return put(
        f"CASE WHEN {{}} >= {0.5} THEN {{}}::timestamptz + make_interval(secs => GREATEST(0, {{}})) END",
        r,
        as_of,
        seconds,
    )


def first_of(moments: list[Sql]) -> Sql:
    """The earliest, put off to the next full hour: a lead is looked at at most once an hour for its fading."""
    if not moments:
        return Sql("NULL::timestamptz")
    return put(
        "to_timestamp(3600 * (1 + floor(date_part('epoch', LEAST({})) / 3600)))",
        comma(moments),
    )
