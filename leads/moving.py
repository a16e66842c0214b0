"""What became of a set that was to be moved, in one sentence and by reason."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Refused = Mapping[UUID, Sequence[Mapping[str, Any]]]


def moved_text(moved: int, waiting: int = 0, refused: Refused | None = None) -> str:
    """ "37 moved, 12 not, because: Needed: Pain is filled in (9); …", the commonest reason first."""
    if refused:
        text = _("%(moved)d moved, %(refused)d not, because: %(why)s") % {
            "moved": moved,
            "refused": len(refused),
            "why": why_not(refused),
        }
    else:
        text = ngettext("%(count)d lead moved.", "%(count)d leads moved.", moved) % {"count": moved}
    if waiting:
        more = ngettext("%(count)d waits for a manager.", "%(count)d wait for a manager.", waiting)
        text += " " + more % {"count": waiting}
    return text


def why_not(refused: Refused) -> str:
    return "; ".join(f"{one['message'].rstrip('.。')} ({one['count']})" for one in reasons(refused)) + "."


def reasons(refused: Refused) -> list[dict[str, Any]]:
    """[{"code", "field", "message", "count", "leads"}]: a lead stands under each of its reasons."""
    found: dict[str, dict[str, Any]] = {}
    for pk, unmet in refused.items():
        for one in unmet:
            row = found.setdefault(
                one["message"], {**{k: one[k] for k in ("code", "field", "message")}, "leads": []}
            )
            row["leads"].append(pk)
    rows = [row | {"count": len(row["leads"])} for row in found.values()]
    return sorted(rows, key=lambda row: -row["count"])
