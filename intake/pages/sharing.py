"""Where a channel's form is found: its address, a QR code, a piece for other sites, and visits; colleagues' links.

Also the answers that could not be entered, to be taken in again."""

import io
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.actions.failed import failed_answers, find_answer, replay_answer, replay_answers
from intake.actions.referrals import make_link, revoke_link
from intake.api.capture import sites_of
from intake.models import ReferralLink, Submission
from intake.pages.channels import find_channel, tabs_of
from leads.models import Channel, CustomField, Lead, TimelineEntry
from leads.models.source import ChannelKind
from leads.telling import label
from workspaces.permissions import may, require

MARGIN = 2  # modules around a code, enough for the cameras of phones
SIZE = 8
FAILED = 50  # answers that could not be entered on the page; all of them are taken in again by one click
BROUGHT = 20  # leads of one's own links on the page


def qr_svg(address: str) -> bytes:
    """A QR code of an address as SVG: black on white in every theme, or cameras don't read it."""
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(out, kind="svg", border=MARGIN, scale=SIZE, dark="#000", light="#fff", xmldecl=False, nl=False)
    return out.getvalue()


def as_picture(address: str, name: str, *, download: bool) -> HttpResponse:
    answer = HttpResponse(qr_svg(address), content_type="image/svg+xml")
    kind = "attachment" if download else "inline"
    answer["Content-Disposition"] = f'{kind}; filename="{slugify(name) or "qr"}.svg"'
    answer["Cache-Control"] = "private, max-age=60"
    return answer


@require_safe
def channel_share(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    found = find_channel(request, pk)

    def public(name: str) -> str:
        return request.build_absolute_uri(reverse(name, args=[found.token]))

    address = public("form")
    context = {
        "nav": "channels",
        "channel": found,
        "tabs": tabs_of(found, "channel_share"),
        "address": address,
        "tracked": f"{address}?utm_source=…&utm_medium=…&utm_campaign={found.campaign or '…'}",
        "embed": f'<script src="{public("form_script")}" async></script>',
        "visits": f'<script src="{public("visits_script")}" async></script>',
        "sites": sites_of(found),
        "failed": failed_rows(found) if may(request.member, "see_contact_data") else [],
    }
    return render(request, "intake/share.html", context)


def failed_rows(channel: Channel) -> list[tuple[Submission, list[tuple[str, str]]]]:
    """Answers that could not be entered, the latest first, each with all that was answered, in words."""
    rows = list(failed_answers(channel).order_by("-received_at")[:FAILED])
    if not rows:
        return []
    custom = dict(CustomField.objects.values_list("key", "label"))
    return [(row, answered(row, custom)) for row in rows]


def answered(row: Submission, custom: dict[str, str]) -> list[tuple[str, str]]:
    """(what was asked, what was answered)."""
    facts = {name: said for name, said in row.data.items() if name != "attributes" and said not in ("", None)}
    own = row.data.get("attributes", {})
    found = [(capfirst(label(name)), str(said)) for name, said in facts.items()]
    return found + [(custom.get(key, key), str(said)) for key, said in own.items() if said not in ("", None)]


@require_POST
def answer_replay(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    answer = find_answer(pk)
    replay_answer(answer, as_of=request.as_of, actor=request.member)
    messages.success(request, _("It is taken in again."))
    return redirect("channel_share", slug=slug, pk=answer.channel_id)


@require_POST
def answers_replay(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Every answer of a channel that could not be entered, once more."""
    found = find_channel(request, pk)
    many = replay_answers(channel=found, as_of=request.as_of, actor=request.member)
    told = ngettext("%(many)d answer is taken in again.", "%(many)d answers are taken in again.", many)
    messages.success(request, told % {"many": many})
    return redirect("channel_share", slug=slug, pk=pk)


@require_safe
def channel_qr(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """The QR code of the form's address, as SVG. ``?download=1`` saves it."""
    found = find_channel(request, pk)
    address = request.build_absolute_uri(reverse("form", args=[found.token]))
    return as_picture(address, found.name, download=bool(request.GET.get("download")))


@require_http_methods(["GET", "HEAD", "POST"])
def referrals(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own link for recommending somebody, and what came by it; POST makes one."""
    require(request.member, "capture")
    if request.method == "POST":
        make_link(request.member, as_of=request.as_of, actor=request.member)
        return redirect("referrals", slug=slug)
    link = ReferralLink.objects.filter(member=request.member, revoked_at=None).first()
    others: Any = []
    if may(request.member, "channels"):
        others = ReferralLink.objects.filter(revoked_at=None).exclude(member=request.member)
        others = list(others.select_related("member").order_by("-created_at")[:100])
    context = {
        "nav": "lead_new",
        "link": link,
        "address": request.build_absolute_uri(reverse("referral", args=[link.token])) if link else "",
        "others": others,
        "came": brought_by(request),
    }
    return render(request, "intake/referrals.html", context)


def brought_by(request: HttpRequest) -> list[Lead]:
    """Leads that the member's links brought, the latest first: by their story, which stays when answers are dropped."""
    told = TimelineEntry.objects.filter(
        lead_id=OuterRef("pk"), kind="captured", data__referred_by=str(request.member.pk)
    )
    came = Lead.objects.filter(Exists(told), channel__kind=ChannelKind.REFERRAL).select_related("company")
    return list(came.order_by("-captured_at")[:BROUGHT])


def find_link(request: HttpRequest, pk: UUID) -> ReferralLink:
    require(request.member, "capture")
    rows = ReferralLink.objects.select_related("member")
    if not may(request.member, "channels"):
        rows = rows.filter(member=request.member)
    found: ReferralLink | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such link."))
    return found


@require_POST
def referral_revoked(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    revoke_link(find_link(request, pk), as_of=request.as_of, actor=request.member)
    messages.success(request, _("The link leads nowhere any more."))
    return redirect("referrals", slug=slug)


@require_safe
def referral_qr(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    link = find_link(request, pk)
    address = request.build_absolute_uri(reverse("referral", args=[link.token]))
    return as_picture(address, "referral", download=bool(request.GET.get("download")))
