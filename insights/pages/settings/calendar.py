"""When the workspace works: its week, holidays, days of its own, and who is away."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from phonenumbers.geodata.locale import LOCALE_DATA

from insights.pages.settings.people import Acts
from insights.pages.settings.section import Section, find
from workspaces.calendar.actions import add_absence, change_calendar, drop_absence, drop_day, set_day
from workspaces.calendar.holidays import countries, names
from workspaces.calendar.reading import calendar, working_time
from workspaces.models import Absence, CalendarDay, Member
from workspaces.posted import posted
from workspaces.tenancy import current_workspace

AHEAD = 12


def written(spans: list[list[str]]) -> str:
    """A day's hours as people write them: 09:00-12:00, 13:00-18:00."""
    return ", ".join(f"{begin}-{end}" for begin, end in spans)


def read(text: str) -> list[list[str]]:
    parts = text.replace("，", ",").replace("–", "-").split(",")
    return [[side.strip() for side in part.split("-")] for part in parts if part.strip()]


def named_countries() -> list[tuple[str, str]]:
    """Countries in the reader's language: the workspace's own first, then by name."""
    language = (get_language() or "en")[:2]
    own = current_workspace().region
    return sorted(
        ((code, called(code, language)) for code in countries()), key=lambda one: (one[0] != own, one[1])
    )


def called(code: str, language: str) -> str:
    """What a country is called; its code where nobody knows."""
    names = LOCALE_DATA.get(code, {})
    name = names.get(language) or names.get("en") or code
    return names.get(name[1:], code) if name.startswith("*") else name  # "as in another language"


class WeekForm(forms.Form):
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    subdivision = forms.CharField(
        label=gettext_lazy("Part of the country"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("Its code, such as BY; empty: the whole country."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].choices = [("", _("Nobody's")), *named_countries()]  # type: ignore[attr-defined]
        for day, label in WEEKDAYS.items():
            hint = _("Such as 09:00-12:00, 13:00-18:00; empty: free.") if day == 0 else ""
            self.fields[f"day{day}"] = forms.CharField(
                label=label, required=False, max_length=120, help_text=hint
            )


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    works = forms.BooleanField(label=gettext_lazy("Worked on"), required=False)
    name = forms.CharField(label=gettext_lazy("What for"), max_length=200, required=False)


class AbsenceForm(forms.Form):
    member: forms.ModelChoiceField = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=None)
    starts_on = forms.DateField(
        label=gettext_lazy("First day away"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day away"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["member"].queryset = Member.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]


class WorkingTimes(Section):
    key, icon = "calendar", "calendar"
    title = gettext_lazy("Working time")
    text = gettext_lazy(
        "Working days, hours and holidays, and who is away: what clocks and assignment count by."
    )

    def context(self, request: HttpRequest) -> dict[str, Any]:
        stored, times = calendar(), working_time()
        today = times.day_of(request.as_of)
        language = translation.get_language() or "en"
        holidays = {
            day: name
            for year in (today.year, today.year + 1)
            for day, name in names(stored.country, stored.subdivision, year, language).items()
            if day >= today
        }
        return {
            "country": stored.country,
            "week": [(WEEKDAYS[n], written(spans)) for n, spans in enumerate(stored.hours)],
            "holidays": list(holidays.items())[:AHEAD],
            "days": CalendarDay.objects.filter(day__gte=today).order_by("day")[:50],
            "absences": Absence.objects.filter(ends_on__gte=today)
            .select_related("member")
            .order_by("starts_on")[:50],
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        asked = {"day": self.a_day, "absence": self.an_absence}
        return asked.get(request.GET.get("what", ""), self.week)(request)

    def week(self, request: HttpRequest) -> HttpResponse:
        stored = calendar()
        first = {"country": stored.country, "subdivision": stored.subdivision}
        first |= {f"day{n}": written(spans) for n, spans in enumerate(stored.hours)}
        form = WeekForm(posted(request), initial=first)

        def save() -> str:
            given = form.cleaned_data
            changes = {name: given[name] for name in ("country", "subdivision")}
            changes["hours"] = [read(given[f"day{n}"]) for n in range(7)]
            change_calendar(changes, as_of=request.as_of, actor=request.member)
            return _("The calendar is changed; clocks that count working time follow it.")

        return self.form(request, _("Week and holidays"), form, save)

    def a_day(self, request: HttpRequest) -> HttpResponse:
        form = DayForm(posted(request))

        def save() -> str:
            set_day(**form.cleaned_data, as_of=request.as_of, actor=request.member)
            return _("The day is set.")

        return self.form(request, _("A day of our own"), form, save)

    def an_absence(self, request: HttpRequest) -> HttpResponse:
        form = AbsenceForm(posted(request))

        def save() -> str:
            add_absence(**form.cleaned_data, as_of=request.as_of, actor=request.member)
            return _("The absence is noted.")

        return self.form(request, _("Somebody is away"), form, save)

    def acts(self) -> Acts:
        return {"drop-day": self.drop_day, "drop-absence": self.drop_absence}

    def drop_day(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        drop_day(find(CalendarDay, pk), as_of=request.as_of, actor=request.member)
        return self.done(request, _("The day is as usual again."))

    def drop_absence(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        drop_absence(find(Absence, pk), as_of=request.as_of, actor=request.member)
        return self.done(request, _("The absence is gone."))
