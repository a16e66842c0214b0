"""Is it held already? What anybody who sells may know of a lead that is not theirs, by page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leads.looking_up import held_already
from leads.models.lead import Pool, Stage
from leads.normalise import domain_of, email_key, phone_e164
from leads.normalise.credit_codes import credit_code
from workspaces.permissions import require
from workspaces.refusals import Invalid
from workspaces.tenancy import current_workspace

SHORTEST = 2


@require_safe
def lookup(request: HttpRequest, slug: str) -> HttpResponse:
    """One box for whatever is at hand: a company, a domain, an e-mail, a phone, a credit code."""
    require(request.member, "read")
    typed = request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {"nav": "leads", "typed": typed, "fault": ""}
    if typed:
        try:
            if len(typed) < SHORTEST:
                raise Invalid.field("q", _("Write at least two characters."))
            found = held_already(asked_by(typed), member=request.member)
            context["found"] = [shown(one) for one in found]
            context["held"] = sum(bool(one["owner"]) for one in found)
        except Invalid as wrong:
            context["fault"] = wrong.errors[0]["message"]
    return render(request, "leads/lookup.html", context, status=422 if context["fault"] else 200)


def asked_by(typed: str) -> dict[str, str]:
    """What somebody has typed, as what it is."""
    if email_key(typed):
        return {"email": typed}
    if not credit_code(typed) and phone_e164(typed, current_workspace().region):
        return {"phone": typed}
    if "." in typed and " " not in typed and domain_of(typed):
        return {"domain": typed, "company": typed}
    return {"company": typed, "wechat": typed}


def shown(one: dict[str, Any]) -> dict[str, Any]:
    by = {
        "company": _("same company"),
        "domain": _("same domain"),
        "email": _("same e-mail"),
        "phone": _("same phone"),
        "wechat": _("same WeChat"),
    }
    return one | {
        "stage_label": dict(Stage.choices).get(one["stage"], ""),
        "pool_label": dict(Pool.choices).get(one["pool"], ""),
        "by_label": by.get(one["by"], ""),
    }
