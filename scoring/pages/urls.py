"""Pages of proof, learning and review."""

from django.urls import path

from scoring.pages import learning, proof, review

HOME = "w/<slug:slug>/scoring/"

urlpatterns = [
    path(f"{HOME}proof/", proof.proof, name="scoring_proof"),
    path(f"{HOME}learning/", learning.trainings, name="trainings"),
    path(f"{HOME}learning/<uuid:pk>/", learning.training, name="training"),
    path(f"{HOME}review/", review.review, name="review"),
    path(f"{HOME}review/anew/", review.review_anew, name="review_anew"),
    path(f"{HOME}review/<uuid:pk>/draft/", review.review_draft, name="review_draft"),
]
