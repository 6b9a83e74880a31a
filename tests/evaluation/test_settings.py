import pytest

from src.evaluation.evaluate import score
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings


@pytest.fixture(scope="module")
def summary():
    return score(WORKED, *embeddings(WORKED_SCORES)).summary


def test_monolingual_is_the_mean_over_languages_of_own_pools(summary):
    # x: qx finds x0 first (1), qx2 finds x1 second (1/2); y: qy finds y0 first (1).
    assert summary["by_language"]["monolingual"] == {"x": {"mAP": 0.75, "R@1": 0.5}, "y": {"mAP": 1, "R@1": 1}}
    assert summary["settings"]["monolingual"] == {"mAP": 0.875, "R@1": 0.75, "queries": 3, "results": 2}


def test_crosslingual_leaves_out_queries_without_an_answer_in_the_pool(summary):
    # x-y: qx finds y0 second (1/2), qx2 has no answer in y; y-x: qy finds x0 third (1/3).
    assert summary["pairs"]["x-y"] == {"mAP": 0.5, "R@1": 0, "queries": 1}
    assert summary["pairs"]["y-x"] == {"mAP": pytest.approx(1 / 3), "R@1": 0, "queries": 1}
    expected = {"mAP": pytest.approx(5 / 12), "R@1": 0, "queries": 2, "results": 2}
    assert summary["settings"]["crosslingual"] == expected


def test_multilingual_ranks_all_candidates_together(summary):
    # qx and qy: answers at 1 and 4, (1/1 + 2/4) / 2; qx2: one answer at 4.
    assert summary["by_language"]["multilingual"]["x"]["mAP"] == pytest.approx((0.75 + 0.25) / 2)
    assert summary["by_language"]["multilingual"]["y"]["mAP"] == pytest.approx(0.75)
    assert summary["settings"]["multilingual"]["mAP"] == pytest.approx(0.625)
    assert summary["settings"]["multilingual"]["queries"] == 3


def test_pairs_hold_the_monolingual_results_too(summary):
    assert sorted(summary["pairs"]) == ["x-x", "x-y", "y-x", "y-y"]
    assert summary["pairs"]["x-x"] == {"mAP": 0.75, "R@1": 0.5, "queries": 2}


def test_a_language_counts_once_however_many_queries_it_has():
    queries = {f"x{i}": "x" for i in range(9)} | {"y0": "y"}
    judged = [(f"x{i}", "cx") for i in range(9)] + [("y0", "cy")]
    example = benchmark("xy", queries, {"cx": "x", "dx": "x", "cy": "y"}, judged)
    scores = [[0, 1, 0]] * 9 + [[0, 0, 1]]  # nine queries in x are wrong, one in y is right
    assert score(example, *embeddings(scores)).summary["settings"]["monolingual"]["R@1"] == 0.5


def test_only_pairs_that_exist_are_averaged():
    example = benchmark("xyz", {"q": "x"}, {"cx": "x", "cy": "y", "cz": "z"}, [("q", "cy")])
    summary = score(example, *embeddings([[0, 1, 2]])).summary
    assert list(summary["pairs"]) == ["x-y"]
    assert list(summary["settings"]) == ["crosslingual", "multilingual"]
    assert summary["settings"]["crosslingual"]["results"] == 1


def test_one_language_has_one_setting_and_no_bias():
    example = benchmark("x", {"q": "x"}, {"c": "x", "d": "x"}, [("q", "d")])
    evaluation = score(example, *embeddings([[2, 1]]))
    assert evaluation.summary["settings"] == {"monolingual": {"mAP": 0.5, "R@1": 0, "queries": 1, "results": 1}}
    assert evaluation.summary["bias"] == {}
    assert evaluation.per_query.column("setting").to_pylist() == ["monolingual"]
