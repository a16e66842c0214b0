"""Pages of a lead and of a day."""

from django.urls import path

from insights.pages import (
    approvals,
    assessing,
    board,
    doing,
    keeping,
    lead,
    letting_go,
    replay,
    steps,
    summary,
    today,
)

LEAD = "w/<slug:slug>/leads/<uuid:pk>/"

urlpatterns = [
    path("w/<slug:slug>/", today.today, name="today"),
    path("w/<slug:slug>/board/", board.board, name="board"),
    path("w/<slug:slug>/board/move/", board.move, name="board_move"),
    path("w/<slug:slug>/let-go/", letting_go.let_go, name="let_go"),
    path("w/<slug:slug>/approvals/", approvals.approvals, name="approvals"),
    path("w/<slug:slug>/approvals/<uuid:pk>/", approvals.decision, name="approval_decision"),
    path(LEAD, lead.lead, name="lead"),
    path(f"{LEAD}score/", replay.score_then_panel, name="lead_score_then"),
    path(f"{LEAD}summary/", summary.summary, name="lead_summary"),
    path(f"{LEAD}timeline/", lead.timeline, name="lead_timeline"),
    path(f"{LEAD}step/<slug:step>/", steps.take_step, name="lead_step"),
    path(f"{LEAD}follow-up/", doing.follow_up, name="lead_follow_up"),
    path(f"{LEAD}facts/<slug:group>/", doing.facts, name="lead_facts"),
    path(f"{LEAD}assess/<slug:question>/", assessing.answer, name="lead_assess"),
    path(f"{LEAD}files/<uuid:attachment>/", doing.attachment, name="lead_attachment"),
    path(f"{LEAD}satisfaction/", doing.satisfaction, name="lead_satisfaction"),
    path(f"{LEAD}people/", doing.person, name="lead_person"),
    path(f"{LEAD}people/<uuid:person>/gone/", doing.person_gone, name="lead_person_gone"),
    path(f"{LEAD}task/", doing.task, name="lead_task"),
    path(f"{LEAD}tags/", doing.tags, name="lead_tags"),
    path(f"{LEAD}claim/", doing.take, name="lead_claim"),
    path(f"{LEAD}give-back/", doing.give_back, name="lead_give_back"),
    path(f"{LEAD}extension/", keeping.extension, name="lead_extension"),
    path(f"{LEAD}lock/", keeping.lock, name="lead_lock"),
    path(f"{LEAD}unlock/", keeping.unlocked, name="lead_unlock"),
    path(f"{LEAD}invalid/", keeping.invalid, name="lead_invalid"),
    path(f"{LEAD}valid/", keeping.valid, name="lead_valid"),
    path(f"{LEAD}hand-to/", doing.hand_to, name="lead_hand_to"),
    path("w/<slug:slug>/tasks/<uuid:task>/done/", doing.task_done, name="task_done"),
    path("w/<slug:slug>/tasks/<uuid:task>/open/", doing.task_reopen, name="task_reopen"),
]
