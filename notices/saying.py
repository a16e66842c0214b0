"""Notices for other places than the program's own page: with an address to click on."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices.events import events
from notices.models import Notice, Sending
from notices.wording import Told, told
from workspaces.models import Member
from workspaces.tenancy import current_workspace


def notices_of(batch: Sequence[Sending]) -> list[Notice]:
    """The notices of these sendings, in their order."""
    ids = [row.notice_id for row in batch if row.notice_id]
    found = {one.pk: one for one in Notice.objects.filter(pk__in=ids).select_related("lead", "member__user")}
    return [found[pk] for pk in ids if pk in found]


def link(notice: Notice) -> str:
    """Where the notice leads to: the program marks it as read there."""
    place = {"slug": current_workspace().slug, "pk": notice.pk}
    return settings.PUBLIC_URL + reverse("notice_open", kwargs=place)


def lines_of(batch: Sequence[Sending]) -> list[str]:
    """One Markdown line for each, in their order and in the workspace's language: whom it is for, what, a link."""
    with translation.override(current_workspace().locale):
        said: dict[UUID | None, str] = {one.pk: line_of(one, words) for one, words in told(notices_of(batch))}
        names = holders_of(batch)
        return [said.get(row.notice_id) or event_line(row, names) for row in batch]


def holders_of(batch: Sequence[Sending]) -> dict[str, str]:
    """Who holds the leads of these events: {id: name}."""
    ids = {row.payload["owner"] for row in batch if not row.notice_id and row.payload.get("owner")}
    return {str(one.pk): str(one) for one in Member.objects.filter(pk__in=ids)} if ids else {}


def event_line(row: Sending, names: Mapping[str, str]) -> str:
    """What happened to a lead, or to how many, and who holds them now; of a test, its text."""
    facts = row.payload
    if "text" in facts:
        return str(facts["text"])
    place = {"slug": current_workspace().slug}
    if facts["count"] == 1:
        what = facts["name"] or _("a lead without a name")
        href = reverse("lead", kwargs=place | {"pk": facts["lead"]})
    else:
        what = ngettext("%(count)d lead", "%(count)d leads", facts["count"]) % {"count": facts["count"]}
        href = reverse("leads", kwargs=place)
    told_as = f"{events()[row.event]}: [{plain(what)}]({settings.PUBLIC_URL}{href})"
    holder = names.get(str(facts["owner"]), "")
    return f"{told_as} · {plain(holder)}" if holder else told_as


def line_of(notice: Notice, words: Told) -> str:
    line = f"**{notice.member}** [{plain(words.title)}]({link(notice)}) {plain(words.text)}"
    return line.rstrip()


def plain(text: str) -> str:
    """Without what Markdown would take for its own."""
    return " ".join(text.translate(str.maketrans("[]()*<>`", "［］（）＊＜＞｀")).split())
