"""What a list is asked for: a saved view, a condition, words to search; and the same in plain words."""

import json
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _

from leads.conditions import (
    EVERYONE,
    All,
    Condition,
    names_of,
    parse,
    parts,
    say,
    to_json,
    vocabulary,
)
from leads.models import Lead, SavedView
from leads.pages.columns import ORDERINGS
from leads.queries import MOST_FOUND, MOST_SIFTED, as_condition, fitting, matching, maybe_id
from workspaces.models import Member
from workspaces.tenancy import current_workspace

# Filters with a short name of their own; each is a condition like any other.
SHORT = ("stage", "pool", "grade", "owner", "team", "company", "channel", "tag")


class Asked:
    """One reading of a list's address. Invalid (ConditionError) when its condition can't be understood."""

    def __init__(self, request: HttpRequest) -> None:
        self.query: QueryDict = request.GET
        self.member: Member = request.member
        self.views = views_of(self.member)
        self.view = self.find_view(self.query.get("view", ""))
        self.text = self.query.get("q", "").strip()
        self.as_of = request.as_of
        self.condition: Condition = self.read()
        self.ordering = self.find_ordering()

    def find_view(self, wanted: str) -> SavedView | None:
        if wanted:
            found = next((view for view in self.views if str(view.pk) == wanted), None)
            if found is None:
                raise Http404(_("There is no such view."))
            return found
        if any(self.query.get(name) for name in ("where", *SHORT)):
            return None
        return next((view for view in self.views if not view.where), None)

    def find_ordering(self) -> str:
        wanted = self.query.get("ordering") or (self.view.ordering if self.view else "") or "-score"
        return wanted if wanted.lstrip("-") in ORDERINGS else "-score"

    def read(self) -> Condition:
        """The condition of the address, or of the view; short filters are parts of it."""
        text = self.query.get("where")
        data = as_condition(text) if text else (self.view.where if self.view else {})
        more = [leaf for name in SHORT if (leaf := self.short(name, self.query.get(name, "")))]
        if more:
            data = {"all": [*([data] if data else []), *more]}
        if not data:
            return EVERYONE
        stored = not text and not more
        return flat(parse(data, vocabulary(current_workspace()), path="where", stored=stored))

    def short(self, name: str, value: str) -> dict[str, Any] | None:
        values = [one.strip() for one in value.split(",") if one.strip()]
        if not values:
            return None
        if name == "owner" and values == ["none"]:
            return {"field": "owner", "op": "is_empty"}
        if name == "owner" and values == ["me"]:
            values = [str(self.member.pk)]
        if name == "tag":
            return {"field": "tags", "op": "has_any", "value": values}
        return {"field": name, "op": "in", "value": values}

    def rows(self, page: int) -> QuerySet[Lead]:
        """All that is asked for; ``page``: how many a page of the list holds."""
        rows, sifted = Lead.objects.all(), bool(parts(self.condition))
        if sifted:
            rows = rows.filter(fitting(self.condition, as_of=self.as_of, member=self.member))
        if not self.text:
            return rows
        first = self.ordering == "-score" and not self.query.get("cursor")
        most = MOST_SIFTED if sifted else page + 1 if first else MOST_FOUND
        return rows.filter(matching(self.text, self.member, most=most))

    @property
    def json(self) -> str:
        return json.dumps(to_json(self.condition), ensure_ascii=False) if parts(self.condition) else ""

    @property
    def changed(self) -> bool:
        """Whether the address asks for something else than its view."""
        return any(self.query.get(name) for name in ("where", *SHORT))

    def address(self, **changes: str) -> str:
        """This list's query with changes; short filters become part of ``where``."""
        told = {
            "view": str(self.view.pk) if self.view else "",
            "where": self.json if self.changed else "",
            "q": self.text,
            "ordering": self.query.get("ordering", ""),
        }
        return "?" + urlencode({name: value for name, value in (told | changes).items() if value})

    def chips(self, edit: str) -> list[dict[str, str]]:
        """Each part of the condition in words, with the address without it."""
        asked = parts(self.condition)
        names = names_of(asked) if asked else {}
        chips = []
        for at, part in enumerate(asked):
            rest = [to_json(one) for index, one in enumerate(asked) if index != at]
            without = json.dumps({"all": rest}, ensure_ascii=False)
            label = say(part, names=names)
            chips.append({"label": label, "remove": self.address(where=without), "edit": edit})
        return chips


def flat(condition: Condition) -> Condition:
    """An ``all`` inside the outermost ``all`` says nothing of its own: its parts become chips, too."""
    if not isinstance(condition, All):
        return condition
    found: list[Condition] = []
    for part in condition.parts:
        found += part.parts if isinstance(part, All) else [part]
    return All(tuple(found))


def views_of(member: Member) -> list[SavedView]:
    """The views a member sees: everybody's first, then their own."""
    rows = SavedView.objects.filter(Q(member=None) | Q(member=member))
    return sorted(rows, key=lambda view: (view.member_id is not None, view.position, view.created_at))


def view_or_404(member: Member, pk: Any) -> SavedView:
    found = next((view for view in views_of(member) if view.pk == maybe_id(str(pk))), None)
    if found is None:
        raise Http404(_("There is no such view."))
    return found
