"""Scores as the one engine gives them on the facts of the past."""

from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from leads.conditions.fragments import put
from leads.conditions.moments import EACH
from leads.past import PAST
from leads.planner import over
from scoring.cards import GRADES, ReadCard
from scoring.engine import Engine
from workspaces.tenancy import current_workspace


def past_scores(cards: Sequence[ReadCard], many: int) -> NDArray[np.float64]:
    """The scores of the decided leads by each card: an array (card, lead), leads in the order of time."""
    return past_results(cards, many)[0]


def past_results(cards: Sequence[ReadCard], many: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """(scores, grades), both (card, lead); a grade is its place in "ABCD".

    Where ``scoring.proof.outcomes.decided`` stands open.
    """
    found = np.zeros((len(cards), many))
    grades = np.full((len(cards), many), len(GRADES), np.int8)
    place = {grade: at for at, grade in enumerate((*GRADES, "D"))}
    for at, card in enumerate(cards):
        engine = Engine(card, current_workspace(), EACH, PAST)
        statement = put(
            "SELECT d.n, s.score, s.grade FROM ({}) s JOIN decided_lead d ON d.lead_id = s.id",
            engine.scored(None),
        )
        with over(None), connection.cursor() as cursor:
            cursor.execute(statement.text, statement.params)
            while rows := cursor.fetchmany(20_000):
                places, scores, given = zip(*rows, strict=True)
                here = np.array(places) - 1
                found[at, here] = scores
                grades[at, here] = [place[one] for one in given]
    return found, grades
