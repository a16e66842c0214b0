"""The workspace's own words: custom fields, tags, and the workspace itself."""

from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.pages.settings.people import Acts, TeamForm
from insights.pages.settings.section import ConditionField, Section, find, sentence, words
from leads.actions.catalogue import drop_tag, rename_tag
from leads.actions.fields import add_custom_field, change_custom_field, drop_custom_field
from leads.actions.rules import add_tag_rule, change_tag_rule, drop_tag_rule
from leads.models import CustomField, LeadTag, Tag, TagRule
from leads.models.fields import FieldKind
from scoring.cycles import may_follow_score
from scoring.faults import ITS_OWN_RESULT
from workspaces.home import change_workspace
from workspaces.posted import posted
from workspaces.tenancy import current_workspace


class FieldForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("Label"), max_length=200)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "For programs and rules; made from the label when left empty. It stays as it is."
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=FieldKind.choices)
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=gettext_lazy("One a line; only for a choice."),
    )

    def clean_choices(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]


class Fields(Section):
    key, icon, needs = "fields", "template", "fields"
    title = gettext_lazy("Custom fields")
    text = gettext_lazy("What your leads have beyond the usual, for forms, lists and rules.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"rows": CustomField.objects.order_by("label")}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        field = find(CustomField, pk) if pk else None
        first = {"label": field.label, "choices": "\n".join(map(str, field.choices))} if field else {}
        form = FieldForm(posted(request), initial=first)
        if field:
            del form.fields["key"], form.fields["kind"]
            if field.kind != FieldKind.CHOICE:
                del form.fields["choices"]
        who = {"as_of": request.as_of, "actor": request.member}

        def save() -> str:
            if field:
                return str(change_custom_field(field, form.cleaned_data, **who))
            return str(add_custom_field(**form.cleaned_data, **who))

        title = field.label if field else _("New field")
        return self.form(request, title, form, save, row=field, drop="drop" if field else "")

    def acts(self) -> Acts:
        return {"drop": self.drop}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        field = find(CustomField, pk)
        drop_custom_field(field, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": field.label})


class TagRuleForm(forms.Form):
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=100)
    condition = ConditionField(label=gettext_lazy("Set while this is true"))
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)


class Tags(Section):
    key, icon = "tags", "tag"
    title = gettext_lazy("Tags")
    text = gettext_lazy("Tags in use, and rules by which tags come and go by themselves.")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        known = words()
        rules = TagRule.objects.select_related("tag").order_by("tag__name", "id")
        many = dict(LeadTag.objects.order_by().values_list("tag_id").annotate(Count("id")))
        tags = [{"row": tag, "many": many.get(tag.pk, 0)} for tag in Tag.objects.order_by("name")]
        return {"rules": [{"row": r, "sentence": sentence(r.condition, known)} for r in rules], "rows": tags}

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        """A tag rule; a tag by its own id is renamed."""
        if pk and (tag := Tag.objects.filter(pk=pk).first()):
            return self.rename(request, tag)
        rule = find(TagRule, pk) if pk else None
        first = (
            {"tag": rule.tag.name, "condition": rule.condition, "is_active": rule.is_active} if rule else {}
        )
        form = TagRuleForm(posted(request), initial=first)
        if rule and not may_follow_score(rule.tag.name, rule.pk):
            form.fields["condition"].without = ITS_OWN_RESULT  # type: ignore[attr-defined]
        who = {"as_of": request.as_of, "actor": request.member}

        def save() -> str:
            given = form.cleaned_data
            if rule:
                change_tag_rule(rule, given, **who)
            else:
                add_tag_rule(given["tag"], given["condition"], is_active=given["is_active"], **who)
            return _("The rule is saved; the tags follow it.")

        title = rule.tag.name if rule else _("New tag rule")
        return self.form(request, title, form, save, row=rule, drop="drop" if rule else "")

    def rename(self, request: HttpRequest, tag: Tag) -> HttpResponse:
        form = TeamForm(posted(request), initial={"name": tag.name})

        def save() -> str:
            return str(rename_tag(tag, form.cleaned_data["name"], as_of=request.as_of, actor=request.member))

        return self.form(request, tag.name, form, save, row=tag, drop="drop-tag")

    def acts(self) -> Acts:
        return {"drop": self.drop, "drop-tag": self.drop_tag}

    def drop(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        rule = find(TagRule, pk)
        drop_tag_rule(rule, as_of=request.as_of, actor=request.member)
        return self.done(request, _("The rule is gone, and the tags it set."))

    def drop_tag(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        tag = find(Tag, pk)
        drop_tag(tag, as_of=request.as_of, actor=request.member)
        return self.done(request, _("%(name)s is gone.") % {"name": tag.name})


class WorkspaceForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    region = forms.CharField(
        label=gettext_lazy("Region"),
        max_length=2,
        help_text=gettext_lazy(
            "Two letters. Phone numbers without a country are read as numbers of this region."
        ),
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC"],
    )
    locale = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class Home(Section):
    key, icon, needs = "workspace", "world", "workspace"
    title = gettext_lazy("Workspace")
    text = gettext_lazy("Name, region, currency, time zone and language.")

    def edit(self, request: HttpRequest, pk: UUID | None) -> HttpResponse:
        if pk is not None:
            raise Http404
        workspace = current_workspace()
        names = list(WorkspaceForm.base_fields)
        form = WorkspaceForm(
            posted(request),
            initial={name: getattr(workspace, name) for name in names},
        )

        def save() -> str:
            change_workspace(form.cleaned_data, actor=request.member, as_of=request.as_of)
            return _("The workspace is changed.")

        return self.form(request, _("Workspace"), form, save)
