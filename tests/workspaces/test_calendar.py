"""Working time: in memory by hand-counted cases, and in SQL the same for any moment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.conditions.fragments import Sql, put
from pools.working import after, calendar_sql, line_for
from tests.cast import NOW
from workspaces.calendar import Attendance, WorkingTime, at_wall, attendance, working_time
from workspaces.calendar.actions import (
    add_absence,
    change_calendar,
    drop_absence,
    drop_day,
    set_day,
    set_member_hours,
)
from workspaces.models import CalendarDay, Member
from workspaces.refusals import Invalid, NotAllowed

OFFICE = tuple(((540, 1080),) if weekday < 5 else () for weekday in range(7))
LUNCH = tuple(((540, 720), (810, 1080)) if weekday < 6 else () for weekday in range(7))
NIGHT = tuple(((0, 1440),) for _weekday in range(7))
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = WorkingTime(SHANGHAI, OFFICE, "CN")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return at_wall(datetime.fromisoformat(text), zone)


@pytest.mark.parametrize(
    ("moment", "hours", "answer"),
    [
        ("2026-03-02 10:00", 4, "2026-03-02 14:00"),
        ("2026-03-02 17:00", 1, "2026-03-02 18:00"),  # the end of the day, not the next morning
        ("2026-03-02 17:00", 2, "2026-03-03 10:00"),
        ("2026-03-06 17:00", 2, "2026-03-09 10:00"),  # over a weekend
        ("2026-03-07 12:00", 1, "2026-03-09 10:00"),  # from a Saturday
        ("2026-02-13 17:00", 2, "2026-02-14 10:00"),  # a Saturday that is worked on instead
        ("2026-02-14 17:00", 2, "2026-02-24 10:00"),  # over the Spring Festival
        ("2026-03-02 08:00", 0, "2026-03-02 08:00"),
    ],
)
def test_hours_of_work(moment: str, hours: float, answer: str) -> None:
    assert CHINA.add_hours(at(moment), hours) == at(answer)


@pytest.mark.parametrize(
    ("moment", "days", "answer"),
    [
        ("2026-03-06 15:00", 1, "2026-03-09 15:00"),
        ("2026-03-07 12:00", 1, "2026-03-10 00:00"),  # the Saturday counts as Monday's midnight
        ("2026-04-03 15:00", 1, "2026-04-07 15:00"),  # Qingming, with its substitute
        ("2026-09-30 09:30", 3, "2026-10-10 09:30"),  # National Day; Saturday the 10th is worked on
    ],
)
def test_working_days(moment: str, days: int, answer: str) -> None:
    assert CHINA.add_days(at(moment), days) == at(answer)


def test_summer_time_keeps_the_wall_clock() -> None:
    times = WorkingTime(BERLIN, NIGHT)
    # The night of 29 March 2026 has no 02:30; the one of 25 October has two.
    assert times.add_days(at("2026-03-28 02:30", BERLIN), 1) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert times.add_days(at("2026-10-24 02:30", BERLIN), 1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    office = WorkingTime(BERLIN, OFFICE)
    assert office.add_hours(at("2026-03-27 17:00", BERLIN), 2) == at("2026-03-30 10:00", BERLIN)


def test_opening_and_hours_between() -> None:
    assert CHINA.opening(at("2026-03-02 10:00")) == at("2026-03-02 10:00")
    assert CHINA.opening(at("2026-03-06 19:00")) == at("2026-03-09 09:00")
    assert CHINA.hours_between(at("2026-03-06 17:00"), at("2026-03-09 10:30")) == 2.5
    assert CHINA.works_at(at("2026-03-02 17:59")) and not CHINA.works_at(at("2026-03-02 18:00"))


def test_a_calendar_without_any_work_counts_all_time() -> None:
    assert WorkingTime(SHANGHAI, ((),) * 7).add_hours(NOW, 5) == NOW + timedelta(hours=5)


CALENDARS = [CHINA, WorkingTime(BERLIN, LUNCH, "DE", "BY"), WorkingTime(BERLIN, NIGHT)]


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(CALENDARS),
    st.booleans(),
    st.lists(st.integers(-60 * 24 * 200, 0), min_size=1, max_size=20),
    st.integers(1, 60 * 24 * 20),
)
def test_sql_answers_the_same(times: WorkingTime, in_days: bool, minutes: list[int], amount: int) -> None:
    as_of = datetime(2026, 11, 22, 9, 17, 3, 5, tzinfo=UTC)
    moments = [as_of + timedelta(minutes=one) for one in minutes]
    step = timedelta(minutes=amount)
    line = times.timeline(min(moments), as_of, step, in_days=in_days)
    for moment, found in zip(moments, by_sql(line, moments, step), strict=True):
        assert found == times.add(moment, step, in_days), moment


def by_sql(line: Any, moments: list[datetime], amount: timedelta) -> list[datetime]:
    said = after(Sql("m.at"), Sql("%s::interval", (amount,)), "c")
    statement = put(
        "SELECT {} FROM unnest({}::timestamptz[]) WITH ORDINALITY AS m (at, n) CROSS JOIN {} c ORDER BY m.n",
        said,
        moments,
        calendar_sql(line),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_a_moment_before_the_line_is_overdue_in_sql_as_well() -> None:
    line = line_for(CHINA, NOW, timedelta(days=3), in_days=True)
    [found] = by_sql(line, [NOW - timedelta(days=900)], timedelta(days=3))
    assert found < NOW


@pytest.mark.django_db
@pytest.mark.parametrize("longest", [2500, 3650])
def test_a_line_for_years_serves_days_as_well(longest: int) -> None:
    """The longest hold of a policy may be years; its seven working days are working days all the same."""
    line = line_for(CHINA, NOW, timedelta(days=longest), in_days=True)
    moments = [NOW, NOW - timedelta(days=12), NOW - timedelta(days=700)]
    for days in (7, longest):
        amount = timedelta(days=days)
        assert by_sql(line, moments, amount) == [CHINA.add_days(moment, days) for moment in moments]


@pytest.mark.django_db
@pytest.mark.parametrize("times", [CHINA, WorkingTime(SHANGHAI, ((),) * 7)])
def test_a_moment_behind_the_line_has_an_answer_all_the_same(times: WorkingTime) -> None:
    line, step = line_for(times, NOW, timedelta(days=3), in_days=False), timedelta(days=3)
    late = NOW + timedelta(days=90)
    assert by_sql(line, [late, late + step], step) == [late + step, late + step * 2]


def test_the_stored_calendar(workspace: Any, alice: Member, ming: Member) -> None:
    usual = working_time()
    assert usual.country == "US" and usual.week == OFFICE
    change_calendar({"country": "cn"}, as_of=NOW, actor=alice)
    set_day(date(2026, 3, 3), False, "Founders' day", as_of=NOW, actor=alice)
    assert not working_time().works_on(date(2026, 2, 17)) and not working_time().works_on(date(2026, 3, 3))
    drop_day(CalendarDay.objects.get(), as_of=NOW, actor=alice)
    assert working_time().works_on(date(2026, 3, 3))
    with pytest.raises(NotAllowed):
        change_calendar({"country": "DE"}, as_of=NOW, actor=ming)


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "XX"},
        {"country": "DE", "subdivision": "ZZ"},
        {"hours": []},
        {"hours": [[]] * 7},
        {"hours": [[["18:00", "09:00"]]] * 7},
        {"hours": [[["09:00", "12:00"], ["11:00", "18:00"]]] * 7},
        {"hours": [[["9", "18"]]] * 7},
        {"hours": [[["09:00", "25:00"]]] * 7},
    ],
)
def test_a_calendar_that_is_none(workspace: Any, changes: dict) -> None:
    with pytest.raises(Invalid):
        change_calendar(changes, as_of=NOW, actor=None)


def test_who_is_there(workspace: Any, alice: Member, ming: Member) -> None:
    monday = datetime(2026, 3, 2, 20, tzinfo=UTC)  # after hours, in a workspace on UTC
    assert attendance(monday).away(ming.pk, hours=True) == "off_hours"
    assert attendance(monday).away(ming.pk) == ""
    set_member_hours(ming, [[["00:00", "24:00"]]] * 7, as_of=NOW, actor=ming)
    assert attendance(monday).away(ming.pk, hours=True) == ""
    away = add_absence(ming, date(2026, 3, 2), date(2026, 3, 4), "Holiday", as_of=NOW, actor=ming)
    assert attendance(monday).away(ming.pk) == "absent"
    drop_absence(away, as_of=NOW, actor=alice)
    set_member_hours(ming, None, as_of=NOW, actor=alice)
    assert isinstance(attendance(monday), Attendance) and attendance(monday).away(ming.pk, hours=True)
    with pytest.raises(NotAllowed):
        add_absence(alice, date(2026, 3, 2), date(2026, 3, 4), as_of=NOW, actor=ming)
    with pytest.raises(Invalid):
        add_absence(ming, date(2026, 3, 4), date(2026, 3, 2), as_of=NOW, actor=ming)


def test_by_api(api: Any, workspace: Any, alice: Member, ming: Member) -> None:
    admin, rep = api(alice), api(ming)
    changed = admin.patch("/api/v1/calendar/", {"country": "CN"}, format="json")
    assert changed.status_code == 200 and rep.get("/api/v1/calendar/").json()["country"] == "CN"
    assert rep.patch("/api/v1/calendar/", {"country": "DE"}, format="json").status_code == 403
    assert admin.patch("/api/v1/calendar/", {"country": "XX"}, format="json").status_code == 422
    day = admin.post("/api/v1/calendar/days/", {"day": "2026-03-03", "name": "Founders"}, format="json")
    assert day.status_code == 201 and not day.json()["works"]
    assert [one["day"] for one in rep.get("/api/v1/calendar/days/").json()["results"]] == ["2026-03-03"]
    assert admin.delete(f"/api/v1/calendar/days/{day.json()['id']}/").status_code == 204

    away = {"member": str(ming.pk), "starts_on": "2026-03-02", "ends_on": "2026-03-04"}
    row = rep.post("/api/v1/absences/", away, format="json")
    assert row.status_code == 201
    assert rep.post("/api/v1/absences/", away | {"member": str(alice.pk)}, format="json").status_code == 403
    assert len(rep.get(f"/api/v1/absences/?member={ming.pk}").json()["results"]) == 1
    assert rep.get(f"/api/v1/absences/{row.json()['id']}/").status_code == 200
    assert rep.delete(f"/api/v1/absences/{row.json()['id']}/").status_code == 204

    own = f"/api/v1/members/{ming.pk}/hours/"
    assert rep.get(own).json() == {"hours": None}
    hours = [[["08:00", "12:00"]]] * 5 + [[], []]
    assert rep.put(own, {"hours": hours}, format="json").json() == {"hours": hours}
    assert rep.put(own, {"hours": [1]}, format="json").status_code == 422
