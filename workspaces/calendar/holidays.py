"""Public holidays of a country, and the weekend days on which it works instead (China), by the year."""

from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from workspaces.refusals import Invalid


@lru_cache(maxsize=256)
def year_of(country: str, subdivision: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(holidays, weekend days worked instead) of one year. No country: none.

    A year that its government has not announced yet has the days that are fixed by law.
    """
    if not country:
        return frozenset(), frozenset()
    import holidays  # here: it is large, and few processes calculate with it

    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    free = frozenset(day for day in found if day.year == year)
    return free, frozenset(day for day in found.weekend_workdays if day.year == year)


def names(country: str, subdivision: str, year: int, language: str) -> dict[date, str]:
    """The holidays of a year by name, in the language if the country's list has it."""
    if not country:
        return {}
    import holidays

    kind = type(holidays.country_holidays(country))
    wanted = {"zh-hans": "zh_CN", "en": "en_US"}.get(language)
    spoken = wanted if wanted in (kind.supported_languages or ()) else None
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=spoken)
    return {day: name for day, name in sorted(found.items()) if day.year == year}


def countries() -> list[str]:
    """Two-letter codes of the countries whose holidays are known."""
    import holidays

    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def check_country(country: str, subdivision: str) -> None:
    """Invalid for a country or a part of it that nobody keeps a list for."""
    if not country:
        if subdivision:
            raise Invalid.field("subdivision", _("Name the country first."))
        return
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        text = _("No list of holidays is known for “%(country)s”.") % {"country": country}
        raise Invalid.field("country", text, "unknown")
    if subdivision and subdivision not in known[country]:
        text = _("“%(part)s” is no part of %(country)s. Known: %(known)s.")
        places = {"part": subdivision, "country": country, "known": ", ".join(known[country]) or "–"}
        raise Invalid.field("subdivision", text % places, "unknown")
