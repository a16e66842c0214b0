"""Every address of the program."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from intake.api.capture import Capture, Referral
from intake.pages import public
from leadcrm import health, palette
from leadcrm.kit import kit

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", include("leadcrm.api")),
    path("f/<str:token>/", Capture.as_view(), name="form"),
    path("f/<str:token>/embed.js", public.embed, name="form_script"),
    path("f/<str:token>/visits.js", public.visits, name="visits_script"),
    path("r/<str:token>/", Referral.as_view(), name="referral"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("workspaces.urls")),
    path("w/<slug:slug>/commands/", palette.commands, name="commands"),
    path("", include("leads.urls")),
    path("", include("scoring.pages.urls")),
    path("", include("pools.urls")),
    path("", include("intake.urls")),
    path("", include("notices.urls")),
    path("", include("insights.urls")),
    path("", include("insights.manage_urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("kit/", kit, name="kit"))

handler400 = "leadcrm.errors.bad_request"
handler403 = "leadcrm.errors.forbidden"
handler404 = "leadcrm.errors.not_found"
handler500 = "leadcrm.errors.crashed"
