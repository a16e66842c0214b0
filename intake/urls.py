"""Pages of lists coming in, leads going out, and channels."""

from django.urls import path

from intake.pages import channels, columns, deliveries, exports, form_builder, imports, sharing

IMPORTS, EXPORTS, CHANNELS = (f"w/<slug:slug>/{name}/" for name in ("imports", "exports", "channels"))

urlpatterns = [
    path(IMPORTS, imports.imports, name="imports"),
    path(f"{IMPORTS}new/", imports.import_new, name="import_new"),
    path(f"{IMPORTS}<uuid:pk>/", imports.import_page, name="import"),
    path(f"{IMPORTS}<uuid:pk>/preview/", columns.import_preview, name="import_preview"),
    path(f"{IMPORTS}<uuid:pk>/progress/", imports.import_progress, name="import_progress"),
    path(f"{IMPORTS}<uuid:pk>/rejected.csv", imports.import_rejected, name="import_rejected"),
    path(f"{IMPORTS}<uuid:pk>/incomplete.csv", imports.import_incomplete, name="import_incomplete"),
    path(f"{IMPORTS}<uuid:pk>/left/", imports.import_left, name="import_left"),
    path(f"{IMPORTS}<uuid:pk>/undo/", imports.import_undo, name="import_undo"),
    path(f"{IMPORTS}<uuid:pk>/pause/", imports.import_pause, name="import_pause"),
    path(f"{IMPORTS}<uuid:pk>/resume/", imports.import_resume, name="import_resume"),
    path(f"{IMPORTS}<uuid:pk>/discard/", imports.import_discard, name="import_discard"),
    path(EXPORTS, exports.exports, name="exports"),
    path(f"{EXPORTS}new/", exports.export_new, name="export_new"),
    path(f"{EXPORTS}<uuid:pk>/file", exports.export_file, name="export_file"),
    path(f"{EXPORTS}<uuid:pk>/deleted/", exports.export_deleted, name="export_deleted"),
    path(CHANNELS, channels.channels, name="channels"),
    path(f"{CHANNELS}new/", channels.channel_new, name="channel_new"),
    path(f"{CHANNELS}<uuid:pk>/", channels.channel, name="channel"),
    path(f"{CHANNELS}<uuid:pk>/form/", form_builder.channel_form, name="channel_form"),
    path(
        f"{CHANNELS}<uuid:pk>/form/preview/", form_builder.channel_form_preview, name="channel_form_preview"
    ),
    path(f"{CHANNELS}<uuid:pk>/share/", sharing.channel_share, name="channel_share"),
    path(f"{CHANNELS}<uuid:pk>/answers/replay/", sharing.answers_replay, name="answers_replay"),
    path("w/<slug:slug>/submissions/<uuid:pk>/replay/", sharing.answer_replay, name="answer_replay"),
    path(f"{CHANNELS}<uuid:pk>/qr.svg", sharing.channel_qr, name="channel_qr"),
    path(f"{CHANNELS}<uuid:pk>/senders/", channels.channel_senders, name="channel_senders"),
    path("w/<slug:slug>/referrals/", sharing.referrals, name="referrals"),
    path("w/<slug:slug>/referrals/<uuid:pk>/qr.svg", sharing.referral_qr, name="referral_qr"),
    path("w/<slug:slug>/referrals/<uuid:pk>/revoked/", sharing.referral_revoked, name="referral_revoked"),
    path(f"{CHANNELS}<uuid:pk>/hooks/<str:provider>/", deliveries.hook_page, name="hook"),
    path("w/<slug:slug>/deliveries/", deliveries.deliveries, name="deliveries"),
    path("w/<slug:slug>/deliveries/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("w/<slug:slug>/deliveries/replay/", deliveries.deliveries_replay, name="deliveries_replay"),
    path("w/<slug:slug>/deliveries/<uuid:pk>/replay/", deliveries.delivery_replay, name="delivery_replay"),
]
