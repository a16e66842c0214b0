"""Days and moments that every clock, zone and calendar can reckon with: PostgreSQL keeps the last minute of the
year 9999 in Los Angeles, which is the year 10000 elsewhere, and no program that reads it can. Whatever shows the
row would fail from then on.
"""

from datetime import date

from django.utils.translation import gettext as _

from workspaces.refusals import Invalid

YEARS = range(1900, 2200)


def believable(field: str, given: date | None) -> None:
    """Invalid, at ``field``, for a day or moment outside of YEARS."""
    if given is not None and given.year not in YEARS:
        message = _("Give a year from %(first)s to %(last)s.") % {"first": YEARS[0], "last": YEARS[-1]}
        raise Invalid.field(field, message, "out_of_range")
