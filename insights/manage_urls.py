"""Pages of those who manage: the dashboard, who got what, the settings."""

from django.urls import path

from insights.pages import (
    assignments,
    channel_results,
    dashboard,
    decisions,
    dry_run,
    fairness,
    handovers,
    reports,
    response_times,
    stages,
    stuck,
)
from insights.pages.settings import pages as settings

HOME = "w/<slug:slug>/settings/"

urlpatterns = [
    path("w/<slug:slug>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("w/<slug:slug>/dashboard/<slug:kind>/", dashboard.behind, name="behind"),
    path("w/<slug:slug>/reports/<slug:report>.csv", dashboard.export, name="report_export"),
    path("w/<slug:slug>/reports/<slug:report>/", reports.report, name="report"),
    path("w/<slug:slug>/channels/results/", channel_results.channels_results, name="channels_results"),
    path(
        "w/<slug:slug>/channels/<uuid:pk>/results/", channel_results.channel_results, name="channel_results"
    ),
    path("w/<slug:slug>/stuck/", stuck.stuck, name="stuck"),
    path("w/<slug:slug>/stages/<slug:stage>/", stages.stage, name="stage"),
    path("w/<slug:slug>/assignments/", assignments.assignments, name="assignments"),
    path("w/<slug:slug>/assignments/dry-run/", dry_run.dry_run, name="dry_run"),
    path("w/<slug:slug>/assignments/<uuid:pk>/", decisions.assignment, name="assignment"),
    path(
        "w/<slug:slug>/assignments/waiting/<uuid:pk>/",
        decisions.assignment_waiting,
        name="assignment_waiting",
    ),
    path("w/<slug:slug>/fairness/", fairness.fairness_page, name="fairness"),
    path("w/<slug:slug>/response-times/", response_times.response_times, name="response_times"),
    path("w/<slug:slug>/handovers/", handovers.handovers, name="handovers"),
    path("w/<slug:slug>/handovers/new/", handovers.new_handover, name="handover_new"),
    path("w/<slug:slug>/handovers/<uuid:pk>/", handovers.handover, name="handover"),
    path(HOME, settings.index, name="settings"),
    path(f"{HOME}<slug:section>/", settings.section, name="settings_section"),
    path(f"{HOME}<slug:section>/new/", settings.new, name="settings_new"),
    path(f"{HOME}<slug:section>/<uuid:pk>/", settings.item, name="settings_item"),
    path(f"{HOME}<slug:section>/<uuid:pk>/<slug:what>/", settings.act, name="settings_act"),
]
