"""Pages of lists of leads."""

from django.urls import path

from leads.pages import bulk, deals, duplicates, entry, listing, lookup, peek, provenance, saved, values

LEADS = "w/<slug:slug>/leads/"
DUPLICATES = "w/<slug:slug>/duplicates/"

urlpatterns = [
    path(LEADS, listing.leads, name="leads"),
    path(f"{LEADS}tabs/", listing.tab_counts, name="leads_tabs"),
    path(f"{LEADS}columns/", listing.keep_columns, name="leads_columns"),
    path(f"{LEADS}filter/", saved.filter_panel, name="leads_filter"),
    path(f"{LEADS}preview/", saved.preview, name="leads_preview"),
    path(f"{LEADS}views/new/", saved.view_new, name="leads_view_new"),
    path(f"{LEADS}views/back/", saved.view_back, name="leads_view_back"),
    path(f"{LEADS}views/<uuid:pk>/", saved.view_edit, name="leads_view"),
    path(f"{LEADS}views/<uuid:pk>/drop/", saved.view_drop, name="leads_view_drop"),
    path(f"{LEADS}tag/", bulk.tag_many, name="leads_tag"),
    path(f"{LEADS}untag/", bulk.untag_many, name="leads_untag"),
    path(f"{LEADS}rate/", bulk.rate_many, name="leads_rate"),
    path(f"{LEADS}rate/back/", bulk.rate_back, name="leads_rate_back"),
    path(f"{LEADS}advance/", bulk.advance_many, name="leads_advance"),
    path(f"{LEADS}new/", entry.lead_new, name="lead_new"),
    path(f"{LEADS}new/matches/", entry.lead_matches, name="lead_matches"),
    path(f"{LEADS}values/", values.values, name="leads_values"),
    path(f"{LEADS}lookup/", lookup.lookup, name="lead_lookup"),
    path(f"{LEADS}<uuid:pk>/provenance/", provenance.provenance, name="lead_provenance"),
    path(f"{LEADS}<uuid:pk>/peek/", peek.peek, name="lead_peek"),
    path("w/<slug:slug>/opportunities/", deals.opportunities, name="opportunities"),
    path("w/<slug:slug>/opportunities/<uuid:pk>/", deals.opportunity, name="opportunity"),
    path(DUPLICATES, duplicates.duplicates, name="duplicates"),
    path(f"{DUPLICATES}search/", duplicates.search, name="duplicates_search"),
    path(f"{DUPLICATES}<uuid:pk>/", duplicates.duplicate, name="duplicate"),
    path(f"{DUPLICATES}<uuid:pk>/merge/", duplicates.merge_pair, name="duplicate_merge"),
    path(f"{DUPLICATES}<uuid:pk>/not/", duplicates.not_the_same, name="duplicate_not"),
    path(f"{DUPLICATES}<uuid:pk>/again/", duplicates.again, name="duplicate_again"),
    path("w/<slug:slug>/merges/<uuid:pk>/undo/", duplicates.merge_undone, name="merge_undone"),
]
