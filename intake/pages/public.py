"""Scripts that other people's sites load: a form in a frame, and visits of those who agreed."""

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from intake.actions.submit import enter_by

HERE = Path(__file__).resolve().parent.parent / "public"
FRESH_S = 3600


@cache
def source(name: str) -> bytes:
    """A script without its comments and indents, as it is sent."""
    lines = [line.strip() for line in (HERE / name).read_text().splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


@require_safe
def script(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """The script of a channel; a 404 for a token that is none."""
    enter_by(token)
    answer = HttpResponse(source(f"{name}.js"), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={FRESH_S}"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def embed(request: HttpRequest, token: str) -> HttpResponse:
    return script(request, token, "embed")


def visits(request: HttpRequest, token: str) -> HttpResponse:
    return script(request, token, "visits")
