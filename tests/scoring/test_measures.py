"""The figures of proof against published examples: areas, intervals, differences, shares, drift, calibration."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.proof.measures import auc, calibration_error, chance, difference, drift, interval

# Albumin, total protein, K-G score, the postoperative indicator: the 43 complete of the 49 patients of DeLong,
# DeLong and Clarke-Pearson (1988), as in SAS/STAT User's Guide, the LOGISTIC procedure, "Comparing Receiver Operating
# Characteristic Curves". The higher albumin and protein and the lower the K-G score, the better.
PATIENTS = """
3.0 5.8 10 0   3.2 6.3  5 1   3.9 6.8  3 1   2.8 4.8  6 0   3.2 5.8  3 1   0.9 4.0  5 0   2.5 5.7  8 0   1.6 5.6  5 1
3.8 5.7  5 1   3.7 6.7  6 1   3.2 5.4  4 1   3.8 6.6  6 1   4.1 6.6  5 1   3.6 5.7  5 1   4.3 7.0  4 1   3.6 6.7  4 0
2.3 4.4  6 1   4.2 7.6  4 0   4.0 6.6  6 0   3.5 5.8  6 1   3.8 6.8  7 1   3.0 4.7  8 0   4.5 7.4  5 1   3.7 7.4  5 1
3.1 6.6  6 1   4.1 8.2  6 1   4.3 7.0  5 1   4.3 6.5  4 1   3.2 5.1  5 1   2.6 4.7  6 1   3.3 6.8  6 0   1.7 4.0  7 0
3.7 6.1  5 1   3.3 6.3  7 1   4.2 7.7  6 1   3.5 6.2  5 1   2.9 5.7  9 0   2.1 4.8  7 1   2.8 6.2  8 0   4.0 7.0  7 1
3.3 5.7  6 1   3.7 6.9  5 1   3.6 6.6  5 1
"""


def patients() -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
    table = np.array(PATIENTS.split(), float).reshape(-1, 4)
    return {"albumin": table[:, 0], "protein": table[:, 1], "kg": 10 - table[:, 2]}, table[:, 3] == 1


@pytest.mark.parametrize(
    ("test", "area", "error", "low", "high"),
    [
        ("albumin", 0.7366, 0.0927, 0.5549, 0.9182),
        ("kg", 0.7258, 0.1028, 0.5243, 0.9273),
        ("protein", 0.6478, 0.1000, 0.4518, 0.8439),
    ],
)
def test_areas_and_their_intervals(test: str, area: float, error: float, low: float, high: float) -> None:
    """SAS/STAT, as above: "ROC Association Statistics"."""
    scores, happened = patients()
    found = auc(scores[test], happened)
    assert found is not None
    assert (found.value, found.error, found.low, found.high) == pytest.approx(
        (area, error, low, high), abs=5e-5
    )


@pytest.mark.parametrize(
    ("test", "by", "low", "high", "p"),
    [("albumin", 0.0108, -0.1761, 0.1976, 0.9102), ("protein", -0.0780, -0.2830, 0.1271, 0.4561)],
)
def test_two_areas_on_the_same_cases(test: str, by: float, low: float, high: float, p: float) -> None:
    """SAS/STAT, as above: "ROC Contrast Estimation and Testing Results by Row", against the K-G score."""
    scores, happened = patients()
    found = difference(scores[test], scores["kg"], happened)
    assert found is not None
    assert (found.value, found.low, found.high, found.p) == pytest.approx((by, low, high, p), abs=6e-5)


def test_an_area_over_few_distinct_scores() -> None:
    """Readers' ratings of Hanley and McNeil, Radiology 143 (1982) 29, table I; the interval as Stata's
    ``roctab`` gives it in the Base Reference Manual (0.8932, .0307, .83295 to .95339)."""
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.concatenate([np.repeat(np.arange(5.0), many) for many in (normal, abnormal)])
    found = auc(scores, np.arange(109) >= 58)
    assert found is not None
    assert (found.value, found.error) == pytest.approx((0.8932, 0.0307), abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.83295, 0.95339), abs=5e-6)


@pytest.mark.parametrize(
    ("hits", "many", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share(hits: int, many: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3 (Wilson's score)."""
    assert interval(hits, many) == pytest.approx((low, high), abs=5e-5)


def test_how_far_a_distribution_has_moved() -> None:
    """By hand, from Siddiqi's formula: (.3 - .2) ln 1.5 + (.5 - .5) ln 1 + (.2 - .3) ln (2/3)."""
    assert drift(np.array([20, 50, 30]), np.array([300, 500, 200])) == pytest.approx(0.0810930, abs=1e-7)
    assert drift(np.array([1, 2.0]), np.array([10, 20.0])) == pytest.approx(0)


def test_how_far_chances_are_from_what_came() -> None:
    """By hand, two groups: .9 promised and .8 came, .2 promised and .4 came."""
    expected = np.repeat([0.9, 0.2], 5)
    happened = np.array([1, 1, 1, 1, 0, 1, 1, 0, 0, 0], bool)
    assert calibration_error(expected, happened, 2) == pytest.approx(15)


def test_the_curve_from_score_to_chance_is_platts() -> None:
    """The same curve as scikit-learn's, an independent program, fits to the same scores."""
    from sklearn.calibration import _SigmoidCalibration

    random = np.random.default_rng(3)
    happened = random.random(500) < 0.3
    scores = np.round(20 + 15 * random.normal(0, 1, 500) + 12 * happened)
    theirs = _SigmoidCalibration().fit(scores, happened).predict(scores)
    assert chance(scores, happened).of(scores) == pytest.approx(theirs, abs=1e-4)
