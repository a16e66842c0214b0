"""Members, teams and the keys of programs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.section import Section, attempt, find
from pools.actions import hand_over
from pools.queries import held_by, takers
from workspaces.actions import add_member, change_member, deactivate_member, drop_api_key, new_api_key
from workspaces.models import ApiKey, Member, Role, Team
from workspaces.passwords import set_password
from workspaces.posted import posted
from workspaces.refusals import Refused
from workspaces.teams import add_team, drop_team, rename_team

Acts = dict[str, Callable[[HttpRequest, UUID], HttpResponse]]
NEW_PASSWORD = {"autocomplete": "new-password"}


class MemberForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.REP)
    team: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=None, required=False
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Leads held at once"), min_value=0, max_value=1_000_000, initial=100
    )
    takes_leads = forms.BooleanField(label=gettext_lazy("Takes new leads"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]


class NewMemberForm(MemberForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    password = forms.CharField(
        label=gettext_lazy("First password"),
        widget=forms.PasswordInput(attrs=NEW_PASSWORD),
        required=False,
        help_text=gettext_lazy("Hand it over in person. Somebody who already signs in here keeps their own."),
    )
    field_order = ("email", "name", "password", "role", "team", "capacity")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["takes_leads"]


class HandOverForm(forms.Form):
    to: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("To"), queryset=None, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("New password"), widget=forms.PasswordInput(attrs=NEW_PASSWORD)
    )


class Members(Section):
    key, icon, needs = "members", "users", "members"
    title = gettext_lazy("Members")
    text = gettext_lazy("Who works here, in which role and team, and how many leads they may hold.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        members = list(Member.objects.select_related("team").order_by("-is_active", "name", "email"))
        held = held_by(member.pk for member in members)
        rows = [{"row": member, "held": held.get(member.pk, 0)} for member in members]
        return {"rows": rows}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is None:
            return self.add(request)
        member = find(Member, pk)
        names = ("name", "role", "team", "capacity", "takes_leads")
        form = MemberForm(
            posted(request),
            initial={name: getattr(member, name) for name in names},
        )

        def save() -> str:
            change_member(member, form.cleaned_data, actor=request.member, as_of=request.as_of)
            return _("%(name)s is changed.") % {"name": member}

        return self.form(request, str(member), form, save, member_row=member, hint=member.email)

    def add(self, request: HttpRequest) -> HttpResponse:
        form = NewMemberForm(posted(request))

        def save() -> str:
            given = form.cleaned_data | {"password": form.cleaned_data["password"] or None}
            member = add_member(**given, actor=request.member, as_of=request.as_of)
            return _("%(name)s can sign in now.") % {"name": member}

        return self.form(request, _("Invite a member"), form, save, submit=_("Invite"))

    def acts(self) -> Acts:
        return {"deactivate": self.deactivate, "hand-over": self.give_away, "password": self.password}

    def deactivate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """They leave; while they hold leads, the panel asks who gets them."""
        member = find(Member, pk)
        try:
            deactivate_member(member, actor=request.member, as_of=request.as_of)
        except Refused as refused:
            if refused.code != "holds_leads":
                raise
            return self.give_away(request, pk, first=refused.message)
        return self.done(request, _("%(name)s can't sign in any more.") % {"name": member})

    def give_away(self, request: HttpRequest, pk: UUID, first: str = "") -> HttpResponse:
        member = find(Member, pk)
        form = HandOverForm(None if first else posted(request))
        form.fields["to"].queryset = takers().exclude(pk=pk)  # type: ignore[attr-defined]

        def save() -> str:
            given = form.cleaned_data
            who = {"as_of": request.as_of, "actor": request.member}
            done = hand_over(member, list(given["to"]), given["reason"], **who)
            return _("%(count)d leads handed over.") % {"count": len(done.given)}

        action = request.path.replace("/deactivate/", "/hand-over/")
        title = _("Hand over the leads of %(name)s") % {"name": member}
        return self.form(request, title, form, save, action=action, note=first, submit=_("Hand over"))

    def password(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        member = find(Member, pk)
        form = PasswordForm(posted(request))

        def save() -> str:
            set_password(member, form.cleaned_data["password"], actor=request.member, as_of=request.as_of)
            return _("%(name)s has a new password.") % {"name": member}

        return self.form(request, _("New password for %(name)s") % {"name": member}, form, save)


class TeamForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)


class Teams(Section):
    key, icon, needs = "teams", "users-group", "teams"
    title = gettext_lazy("Teams")
    text = gettext_lazy("Reps who share a market. Assignment rules and reports can speak of a team.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        members = Member.objects.filter(is_active=True, team__isnull=False).order_by()
        many = dict(members.values_list("team_id").annotate(Count("id")))
        return {
            "rows": [{"row": team, "many": many.get(team.pk, 0)} for team in Team.objects.order_by("name")]
        }

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        team = find(Team, pk) if pk else None
        form = TeamForm(posted(request), initial={"name": team.name if team else ""})
        who = {"actor": request.member, "as_of": request.as_of}

        def save() -> str:
            name = form.cleaned_data["name"]
            return str(rename_team(team, name, **who) if team else add_team(name, **who))

        drop = "drop" if team else ""
        return self.form(request, str(team or _("New team")), form, save, row=team, drop=drop)

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        team = find(Team, pk)
        drop_team(team, actor=request.member, as_of=request.as_of)
        return self.done(request, _("%(name)s is gone.") % {"name": team.name})


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=200, help_text=gettext_lazy("Such as: website form")
    )
    member: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Acts as"),
        queryset=None,
        help_text=gettext_lazy("The key can do what this member can."),
    )


class ApiKeys(Section):
    key, icon, reads, needs = "api-keys", "key", "api_keys", "api_keys"
    title = gettext_lazy("API keys")
    text = gettext_lazy("Keys with which programs act as a member. Each is shown once.")

    @property
    def template(self) -> str:
        return "insights/settings/api_keys.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"rows": ApiKey.objects.select_related("member").order_by("-created_at")}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        form = KeyForm(posted(request), initial={"member": request.member.pk})
        form.fields["member"].queryset = Member.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        made: list[str] = []

        def save() -> None:
            given = form.cleaned_data
            made.append(
                new_api_key(given["member"], given["name"], actor=request.member, as_of=request.as_of)
            )

        if request.method == "POST" and attempt(form, save):
            return self.shown_once(request, made[0])
        return self.form(request, _("New API key"), form, lambda: "", submit=_("Make the key"))

    def shown_once(self, request: HttpRequest, key: str) -> HttpResponse:
        answer = render(request, "insights/settings/key_shown.html", {"key": key, "section": self})
        answer["HX-Trigger"] = "changed"
        return answer

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        key = find(ApiKey, pk)
        drop_api_key(key, actor=request.member, as_of=request.as_of)
        return self.done(request, _("The key “%(name)s” no longer works.") % {"name": key.name})
