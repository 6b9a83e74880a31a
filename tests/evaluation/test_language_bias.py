"""Measures of language bias of whole evaluations; their formulae are tested beside them."""

from dataclasses import replace

import numpy as np
import pytest

from src.evaluation import language_bias as module
from src.evaluation.benchmark import Missing
from src.evaluation.evaluate import score
from src.evaluation.fairness import peer
from src.retrieval.exact import ExactSearch
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings

#   q   x0 y0 x1 y1    answers x0, y0, x1 and y1, two in each language
#   r   y0 y1 x0 x1    the same answers, those in y first
PAIRED = benchmark(
    "xy",
    {"q": "x", "r": "y"},
    {"x0": "x", "x1": "x", "y0": "y", "y1": "y"},
    [(query, answer) for query in "qr" for answer in ("x0", "x1", "y0", "y1")],
    concept=[7, 7],
)
PAIRED_SCORES = [[0.9, 0.7, 0.8, 0.6], [0.2, 0.1, 0.9, 0.8]]


def multilingual(evaluation):
    """The rows of that setting."""
    return [row for row in evaluation.per_query.to_pylist() if row["setting"] == "multilingual"]


def test_one_answer_a_language_leaves_peer_out_and_says_why():
    summary = score(WORKED, *embeddings(WORKED_SCORES)).summary
    assert summary["bias_unmeasured"] == {"PEER@100": "constant: no language has two answers of a grade"}
    assert not any(name.startswith("PEER") for name in summary["bias"])


def test_several_answers_a_language_are_ranked_alike_or_not():
    evaluation = score(PAIRED, *embeddings(PAIRED_SCORES))
    language = np.array([0, 0, 1, 1] * 2)
    ranks = np.array([1, 3, 2, 4, 3, 4, 1, 2])
    expected = peer(np.repeat([0, 1], 4), language, np.ones(8, int), ranks, 100)
    rows = multilingual(evaluation)
    assert [row["PEER@100"] for row in rows] == pytest.approx(expected.tolist())
    assert evaluation.summary["bias"]["PEER@100"] == pytest.approx(expected.mean())
    assert evaluation.summary["bias_unmeasured"] == {}
    assert evaluation.summary["by_language"]["PEER@100"] == pytest.approx(dict(zip("xy", expected, strict=True)))


def test_a_question_without_an_answer_has_no_peer():
    queries = {"none": "x", "q": "x", "r": "y"}
    judged = [(query, answer) for query in "qr" for answer in ("x0", "x1", "y0", "y1")]
    made = benchmark("xy", queries, {"x0": "x", "x1": "x", "y0": "y", "y1": "y"}, judged, concept=[1, 7, 7])
    asked = [row["PEER@100"] for row in multilingual(score(made, *embeddings([PAIRED_SCORES[0], *PAIRED_SCORES])))]
    alone = [row["PEER@100"] for row in multilingual(score(PAIRED, *embeddings(PAIRED_SCORES)))]
    assert asked[-2:] == alone
    assert asked[:-2] in ([], [None])


def test_the_unbiased_share_is_a_mean_over_languages_as_the_measured_one():
    queries, candidates = {"p": "x", "q": "x", "r": "y"}, {"a": "x", "b": "x", "c": "x", "d": "y"}
    made = benchmark("xy", queries, candidates, [("p", "a"), ("r", "d")])
    summary = score(made, *embeddings([[4, 3, 2, 1]] * 3)).summary
    assert summary["bias"]["same_language@10_unbiased"] == (3 / 4 + 1 / 4) / 2


def test_parallel_questions_that_rank_alike_agree_wholly():
    same = score(PAIRED, *embeddings([PAIRED_SCORES[0]] * 2)).summary["bias"]
    other = score(PAIRED, *embeddings([PAIRED_SCORES[0], PAIRED_SCORES[0][::-1]])).summary["bias"]
    assert same["MRC@10"] == pytest.approx(100)
    assert other["MRC@10"] < 0


def test_the_gap_is_between_the_languages_of_answers(monkeypatch):
    monkeypatch.setattr(module, "FAR", 2)
    summary = score(PAIRED, *embeddings(PAIRED_SCORES)).summary
    assert summary["by_language"]["R@2_of_answers"] == {"x": 0.25, "y": 0.75}
    assert summary["bias"]["recall_gap@2"] == 0.5


def test_documents_that_the_pool_lacks_are_never_found():
    missing = Missing(["m"], np.array([0], np.int32), np.array([1], np.int16), np.array([1], np.int16))
    summary = score(replace(PAIRED, missing=missing), *embeddings(PAIRED_SCORES)).summary
    assert summary["by_language"]["R@100_of_answers"] == {"x": 1, "y": (2 / 3 + 1) / 2}
    assert summary["bias"]["recall_gap@100"] == pytest.approx(1 / 6)


def test_a_search_of_some_depth_looks_no_deeper():
    cut = replace(PAIRED, metrics=("R@1",), headline="R@1")
    summary = score(cut, *embeddings(PAIRED_SCORES), search=ExactSearch(depth=2)).summary
    assert summary["by_language"]["R@2_of_answers"] == {"x": 0.25, "y": 0.75}
    assert {"recall_gap@2", "PEER@2", "MRC@10", "same_language@10"} <= summary["bias"].keys()
    assert "rank_distance" not in summary["bias"]


def test_of_very_many_parallel_questions_some_are_drawn_the_same_each_time(monkeypatch):
    rng = np.random.default_rng(0)
    queries = {f"{language}{i}": language for i in range(20) for language in "xy"}
    many = benchmark(
        "xy", queries, {"a": "x", "b": "y", "c": "y"}, [(q, "a") for q in queries], concept=np.repeat(range(20), 2)
    )
    vectors = embeddings(rng.random((40, 3)))

    def agreement():
        rows = multilingual(score(many, *vectors))
        return np.array([np.nan if row["MRC@10"] is None else row["MRC@10"] for row in rows])

    whole = agreement()
    assert not np.isnan(whole).any()
    monkeypatch.setattr(module, "PAIRS", 4 * 5)
    some = agreement()
    assert np.count_nonzero(~np.isnan(some)) == 10
    np.testing.assert_array_equal(some[~np.isnan(some)], whole[~np.isnan(some)])
    np.testing.assert_array_equal(agreement(), some)


def test_a_single_language_has_no_bias():
    alone = benchmark("x", {"q": "x"}, {"a": "x", "b": "x"}, [("q", "a")])
    summary = score(alone, *embeddings([[2, 1]])).summary
    assert (summary["bias"], summary["bias_unmeasured"]) == ({}, {})
