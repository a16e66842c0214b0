"""Notices for other places than the program's own page: with an address to click on."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from notices.models import Notice, Sending
from notices.wording import Told, told
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
        return [said.get(row.notice_id) or str(row.payload.get("text", "")) for row in batch]


def line_of(notice: Notice, words: Told) -> str:
    line = f"**{notice.member}** [{plain(words.title)}]({link(notice)}) {plain(words.text)}"
    return line.rstrip()


def plain(text: str) -> str:
    """Without what Markdown would take for its own."""
    return " ".join(text.translate(str.maketrans("[]()*<>`", "［］（）＊＜＞｀")).split())
