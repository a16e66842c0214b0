"""Pages outside of and between workspaces."""

from django.urls import path

from workspaces import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("w/<slug:slug>/workspaces/", pages.switch_workspace, name="switch_workspace"),
]
