import numpy as np
import pytest

from src.evaluation.evaluate import score
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
