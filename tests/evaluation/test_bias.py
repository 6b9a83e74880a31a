from dataclasses import replace

import numpy as np
import pytest

from src.evaluation.bias import language_shares, same_language
from src.evaluation.evaluate import score
from src.retrieval.exact import ExactSearch
from src.retrieval.ranks import Ranks
from tests.evaluation.examples import WORKED, WORKED_SCORES, benchmark, embeddings


@pytest.fixture(scope="module")
def worked():
    return score(WORKED, *embeddings(WORKED_SCORES))


def test_rank_distance(worked):
    # qx: 4 - 1; qy: 4 - 1; qx2 has one answer and no distance.
    assert worked.summary["by_language"]["rank_distance"] == {"x": 3, "y": 3}
    assert worked.summary["bias"]["rank_distance"] == 3
    assert worked.summary["bias"]["rank_distance_share"] == 3 / 4
    rows = worked.per_query.filter(np.array(worked.per_query["setting"].to_pylist()) == "multilingual")
    assert dict(zip(rows["query"].to_pylist(), rows["rank_distance"].to_pylist(), strict=True)) == {
        "qx": 3,
        "qy": 3,
        "qx2": None,
    }


def test_rank_distance_is_a_mean_over_languages():
    """x has two queries with distances 1 and 3, y one with distance 1: (2 + 1) / 2."""
    candidates = {"x0": "x", "y0": "y", "x1": "x", "y1": "y"}
    queries = {"a": "x", "b": "x", "c": "y"}
    judged = [(query, candidate) for query in "abc" for candidate in ("x0", "y0")]
    scores = [[4, 3, 2, 1], [4, 1, 3, 2], [3, 4, 1, 2]]
    found = score(benchmark("xy", queries, candidates, judged), *embeddings(scores)).summary
    assert found["by_language"]["rank_distance"] == {"x": 2, "y": 1}
    assert found["bias"]["rank_distance"] == 1.5


def test_heat_maps(worked):
    np.testing.assert_allclose(worked.matrices["mAP"], [[0.75, 1 / 2], [1 / 3, 1]])
    # Pooled, the other language's answer removed. x-x: qx has x0 first, qx2 has x1 fourth; x-y: without x0, y0 is
    # third. y-x: without y0, x0 is third; y-y: y0 is first.
    np.testing.assert_allclose(worked.matrices["pooled mAP"], [[(1 + 1 / 4) / 2, 1 / 3], [1 / 3, 1]])


def test_pooled_map_with_several_answers_in_a_language():
    candidates = {"x0": "x", "x1": "x", "y0": "y", "y1": "y", "y2": "y"}
    judged = [("q", "x0"), ("q", "y0"), ("q", "y1")]
    scores = [[3, 0, 4, 1, 2]]  # y0 x0 y2 y1 x1
    found = score(benchmark("xy", {"q": "x"}, candidates, judged), *embeddings(scores)).matrices["pooled mAP"]
    # x: without y0 and y1, x0 is first. y: without x0, y0 is first and y1 third: (1 + 2/3) / 2. None asks in y.
    np.testing.assert_allclose(found, [[1, 5 / 6], [np.nan, np.nan]])


def test_same_language_share_of_the_best_ten():
    """12 candidates in x, 6 in y; of the best ten of the query in x eight are in x, of the one in y three are in y."""
    candidates = {f"x{i:02}": "x" for i in range(12)} | {f"y{i}": "y" for i in range(6)}
    in_x = [9] * 8 + [1] * 4 + [8] * 2 + [0] * 4
    in_y = [9] * 7 + [1] * 5 + [8] * 3 + [0] * 3
    example = benchmark("xy", {"a": "x", "b": "y"}, candidates, [("a", "x00"), ("b", "y0")])
    found = score(example, *embeddings([in_x, in_y])).summary
    assert found["by_language"]["same_language@10"] == pytest.approx({"x": 0.8, "y": 0.3})
    assert found["bias"]["same_language@10"] == pytest.approx(0.55)
    assert found["bias"]["same_language@10_unbiased"] == pytest.approx((12 / 18 + 6 / 18) / 2)


def test_ties_at_the_tenth_place_go_to_the_greater_id():
    """All scores equal: the ten greatest ids are six in y and four in x."""
    candidates = {f"x{i:02}": "x" for i in range(12)} | {f"y{i}": "y" for i in range(6)}
    example = benchmark("xy", {"a": "x", "b": "y"}, candidates, [("a", "x00"), ("b", "y0")])
    found = score(example, *embeddings(np.zeros((2, 18)))).summary
    assert found["by_language"]["same_language@10"] == pytest.approx({"x": 0.4, "y": 0.6})


def test_a_blind_ranking_has_the_unbiased_share():
    """Random scores in a pool with unequal languages."""
    rng = np.random.default_rng(0)
    candidates = {f"{c}{i}": c for c, count in (("x", 80), ("y", 20)) for i in range(count)}
    queries = {f"q{c}{i}": c for c in "xy" for i in range(400)}
    example = benchmark("xy", queries, candidates, [(query, f"{c}0") for query, c in queries.items()])
    found = score(example, *embeddings(rng.random((800, 100)))).summary
    assert found["by_language"]["same_language@10"] == pytest.approx({"x": 0.8, "y": 0.2}, abs=0.02)
    assert found["bias"]["same_language@10"] == pytest.approx(found["bias"]["same_language@10_unbiased"], abs=0.02)


def test_language_shares_equal_a_count_by_hand():
    rng = np.random.default_rng(0)
    queries = {f"{code}{i}": code for code, count in (("x", 5), ("y", 3)) for i in range(count)}
    candidates = {f"{code}{i:02}": code for code, count in (("x", 9), ("y", 14), ("z", 7)) for i in range(count)}
    example = benchmark("xyz", queries, candidates, [(query, "x00") for query in queries])
    scores = rng.random((len(queries), len(candidates)))
    summary = score(example, *embeddings(scores)).summary
    expected = np.zeros((2, 3))
    for query, row in zip(queries.values(), scores, strict=True):
        for best in np.argsort(-row)[:10]:
            expected["xy".index(query), "xyz".index(list(candidates.values())[best])] += 1
    expected /= 10 * np.array([[5], [3]])
    np.testing.assert_allclose(summary["shares@10"][:2], expected)
    assert summary["shares@10"][2] == [None] * 3  # nobody asks in z
    np.testing.assert_allclose(expected.sum(axis=1), 1)
    own = summary["by_language"]["same_language@10"]
    assert own == pytest.approx({"x": expected[0, 0], "y": expected[1, 1]})


def test_a_search_gives_the_same_language_shares():
    cut = replace(WORKED, metrics=("R@1",), headline="R@1")
    whole = score(cut, *embeddings(WORKED_SCORES)).summary["shares@10"]
    assert whole == [[0.6, 0.4], [0.6, 0.4]]  # of a pool of five
    assert score(cut, *embeddings(WORKED_SCORES), search=ExactSearch(depth=2)).summary["shares@10"] == whole


def test_places_that_a_search_left_empty_are_no_language():
    none = np.empty(0, np.int64)
    best = np.array([[-1, -1, 0, 3], [0, -1, 3, 4], [-1, 0, 1, 2]], np.int32)
    ranks = Ranks(none, none.astype(np.int32), none.astype(np.int32), np.arange(3), best)
    np.testing.assert_allclose(language_shares(WORKED, ranks), [[4 / 8, 1 / 8], [1 / 4, 2 / 4]])
    np.testing.assert_allclose(same_language(WORKED, ranks), [1 / 4, 2 / 4, 3 / 4])


def test_one_language_has_no_shares():
    alone = benchmark("x", {"q": "x"}, {"a": "x", "b": "x"}, [("q", "a")])
    assert "shares@10" not in score(alone, *embeddings([[2, 1]])).summary
