"""Pages of what a member is told."""

from django.urls import path

from notices.pages import notices, wishes

HOME = "w/<slug:slug>/notices/"

urlpatterns = [
    path(HOME, notices.notices, name="notices"),
    path(f"{HOME}bell/", notices.bell, name="notices_bell"),
    path(f"{HOME}read/", notices.read_all, name="notices_read"),
    path(f"{HOME}settings/", wishes.wishes, name="notice_wishes"),
    path(f"{HOME}<uuid:pk>/", notices.open_one, name="notice_open"),
    path(f"{HOME}<uuid:pk>/read/", notices.read_one, name="notice_read"),
]
