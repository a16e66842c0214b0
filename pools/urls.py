"""Pages of the pools."""

from django.urls import path

from pools import going, pages

urlpatterns = [
    path("w/<slug:slug>/pools/", pages.pools, name="pools"),
    path("w/<slug:slug>/pools/best/", pages.take_best, name="pools_best"),
    path("w/<slug:slug>/pools/claim/", pages.claim_many, name="pools_claim"),
    path("w/<slug:slug>/pools/assign/", pages.assign_many, name="pools_assign"),
    path("w/<slug:slug>/pools/leaving/", going.leaving_soon, name="pools_leaving"),
    path("w/<slug:slug>/pools/extend/", going.extend_many, name="pools_extend"),
    path("w/<slug:slug>/pools/release/", pages.release_many, name="pools_release"),
]
