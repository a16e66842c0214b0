"""Notices as an e-mail: one, or all that came due together, in the reader's language."""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from notices.channels.email import Mail, message_id
from notices.models import Sending
from notices.saying import link, notices_of
from notices.wording import told
from workspaces.models import Member
from workspaces.tenancy import current_workspace


def mail_of(batch: Sequence[Sending]) -> Mail | None:
    """The mail for one member; None when they have left or have read it all in the program meanwhile."""
    notices = [one for one in notices_of(batch) if one.read_at is None]
    member = notices[0].member if notices else None
    if member is None or not member.is_active:
        return None
    with translation.override(language_of(member)):
        rows = [{"notice": one, "told": words, "href": link(one)} for one, words in told(notices)]
        subject = rows[0]["told"].title if len(rows) == 1 else several(len(rows))  # type: ignore[attr-defined]
        context = {
            "language": translation.get_language(),
            "rows": rows,
            "subject": subject,
            "wishes": wishes_address(),
            "workspace": current_workspace(),
        }
        text = render_to_string("notices/mail.txt", context)
        html = render_to_string("notices/mail.html", context)
    key = message_id(key_of(batch), urlsplit(settings.PUBLIC_URL).hostname or "localhost")
    return Mail(member.email, f"{subject} · {current_workspace().name}", text, html, key)


def key_of(batch: Sequence[Sending]) -> str:
    """The same for the same sendings in any order, another as soon as one more is among them."""
    first, *others = sorted(str(row.pk) for row in batch)
    return str(uuid5(UUID(first), " ".join(others))) if others else first


def several(count: int) -> str:
    return ngettext("%(count)d notice", "%(count)d notices", count) % {"count": count}


def wishes_address() -> str:
    return settings.PUBLIC_URL + reverse("notice_wishes", kwargs={"slug": current_workspace().slug})


def language_of(member: Member) -> str:
    return member.user.language or current_workspace().locale
