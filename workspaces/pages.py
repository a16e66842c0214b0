"""Pages around a workspace: signing in and out, the way in, changing the workspace."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from workspaces.models import User
from workspaces.posted import posted
from workspaces.refusals import Crossed, Refusal
from workspaces.seam import workspaces_of

TRIES, TRIES_S = 10, 600  # wrong passwords for one address or from one visitor, in ten minutes


class SignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(*args)
        self.request = request
        self.user: User | None = None
        self.fields["email"].widget.attrs["autofocus"] = "autofocus"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "email" not in given or "password" not in given:
            return given
        email = given["email"].lower()
        keys = [f"sign-in:{email}", f"sign-in:{self.request.META.get('REMOTE_ADDR')}"]
        if any(cache.get(key, 0) >= TRIES for key in keys):
            raise forms.ValidationError(gettext("Too many tries. Wait ten minutes, then try again."))
        self.user = authenticate(self.request, username=email, password=given["password"])  # type: ignore[assignment]
        if self.user is None:
            for key in keys:
                cache.add(key, 0, TRIES_S)
                cache.incr(key)
            raise forms.ValidationError(gettext("This e-mail and password don't belong together."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """By e-mail and password; then to where one wanted to go."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        wanted = ""
    if request.user.is_authenticated:
        return redirect(wanted or "home")
    form = SignInForm(request, posted(request))
    if request.method == "POST" and form.is_valid() and form.user is not None:
        login(request, form.user)
        return redirect(wanted or "home")
    status = 422 if form.errors else 200
    return render(request, "workspaces/sign_in.html", {"form": form, "next": wanted}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


@require_http_methods(["GET", "HEAD"])
def home(request: HttpRequest) -> HttpResponse:
    """To the workspace one was in last, or to signing in."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    mine = workspaces_of(request)
    if not mine:
        return render(request, "workspaces/no_workspace.html", status=200)
    last = request.session.get("workspace")
    chosen = next((one for one in mine if str(one.pk) == last), mine[0])
    return redirect("today", slug=chosen.slug)


@require_http_methods(["GET", "HEAD"])
def switch_workspace(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of the person's workspaces, for the menu of the rail."""
    return render(request, "workspaces/switch.html", {"workspaces": workspaces_of(request), "here": slug})


def crossed_page(request: HttpRequest) -> HttpResponse:
    """The database ended the request: its transaction answers nothing more, so the page asks it nothing."""
    refusal = Crossed()
    request.session.modified = False
    if request.headers.get("HX-Request"):
        return refusal_page(request, refusal)
    return render(request, "409.html", {"refusal": refusal}, status=refusal.status)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What an action refused and a page did not answer itself: the reason, and the way back."""
    if request.headers.get("HX-Request"):
        return render(
            request, "parts/note.html", {"kind": "bad", "text": refusal.message}, status=refusal.status
        )
    return render(request, "workspaces/refusal.html", {"refusal": refusal}, status=refusal.status)
