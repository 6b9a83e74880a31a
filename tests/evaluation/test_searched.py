"""What a search finds gives the figures that ranking everything gives."""

from dataclasses import replace

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.benchmark import Missing, TextSet
from src.evaluation.evaluate import score
from src.evaluation.searched import Searched, pools
from src.retrieval.embeddings import Embeddings
from src.retrieval.exact import ExactSearch
from src.retrieval.faiss_search import FaissSearch
from tests.evaluation.examples import benchmark

CUT = ("nDCG@10", "R@5", "mAP@20", "Success@1")


def example(seed: int = 0, *, settings=("monolingual", "crosslingual", "multilingual"), metrics=CUT, shuffled=False):
    """Three languages, graded judgements, embeddings of whole numbers: scores are exact and often tied."""
    rng = np.random.default_rng(seed)
    languages = "xyz"
    queries = {f"q{i}{languages[i % 3]}": languages[i % 3] for i in range(21)}
    kinds = sorted(rng.choice(list(languages), 90).tolist())
    candidates = {f"{'ä' if i % 4 else 'd'}{i}": language for i, language in enumerate(kinds)}
    pairs = [
        (query, document, int(rng.integers(0, 4)))
        for query in queries
        for document in rng.choice(list(candidates), 7, replace=False)
    ]
    made = replace(benchmark(languages, queries, candidates, pairs, metrics=metrics), settings=settings)
    vectors = [rng.integers(-2, 3, (n, 5)).astype(np.float32) for n in (21, 90)]
    if not shuffled:
        return made, *vectors
    order = rng.permutation(90)
    texts = made.candidates
    moved = TextSet([texts.ids[i] for i in order], [texts.texts[i] for i in order], texts.language[order])
    place = np.argsort(order).astype(np.int32)
    judged = replace(made.judgements, candidate=place[made.judgements.candidate])
    return replace(made, candidates=moved, judgements=judged), vectors[0], vectors[1][order]


def every_rank(made, queries, candidates):
    """The same, ranked in full: an uncut metric needs that."""
    return score(replace(made, metrics=(*made.metrics, "mAP")), queries, candidates)


def figures(evaluation):
    """All of settings and language pairs but the mAP."""
    return {
        (of, name, metric): value
        for of in ("settings", "pairs")
        for name, values in evaluation.summary[of].items()
        for metric, value in values.items()
        if metric != "mAP"
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", [("monolingual",), ("crosslingual",), ("monolingual", "crosslingual")])
@pytest.mark.parametrize("shuffled", [False, True])
def test_own_pools_are_searched(seed, settings, shuffled):
    made, *vectors = example(seed, settings=settings, shuffled=shuffled)
    found = score(made, *vectors)
    assert (found.summary["search"]["name"], found.summary["search"]["depth"]) == ("exact", 20)
    assert figures(found) == pytest.approx(figures(every_rank(made, *vectors)))
    assert (found.summary["bias"], found.matrices) == ({}, {})


@pytest.mark.parametrize("search", [ExactSearch(depth=20), ExactSearch(depth=50), FaissSearch("Flat")])
def test_all_settings_without_the_rank_distance(search):
    made, *vectors = example()
    found, whole = score(made, *vectors, search=search), every_rank(made, *vectors)
    assert whole.summary["search"]["depth"] is None
    if not search.approximate:  # FAISS drops some of those that tie at the cut
        assert figures(found) == pytest.approx(figures(whole))
    assert "rank_distance" not in found.summary["bias"]
    assert "rank_distance" not in found.per_query.column_names
    assert found.summary["bias"]["same_language@10"] == pytest.approx(
        whole.summary["bias"]["same_language@10"], abs=0.05 if search.approximate else 1e-12
    )


def test_the_ten_best_are_ten_where_metrics_look_at_fewer():
    made, *vectors = example(metrics=("R@5",))
    found, whole = score(made, *vectors, search=ExactSearch(depth=5)).summary, every_rank(made, *vectors).summary
    assert found["bias"]["same_language@10"] == pytest.approx(whole["bias"]["same_language@10"])
    assert found["shares@10"] == whole["shares@10"]


def test_the_multilingual_setting_is_ranked_in_full_unless_a_depth_is_set():
    made, *vectors = example()
    assert "rank_distance" in score(made, *vectors).summary["bias"]


def test_a_query_is_not_its_own_result():
    made, *vectors = example(settings=("monolingual", "crosslingual"))
    own = np.full(21, -1, np.int32)
    judged = made.judgements.relevant
    for query in range(0, 21, 2):
        relevant = set(judged.candidate[judged.query == query].tolist())
        own[query] = next(c for c in range(query, 90) if c not in relevant)
    own_made = replace(made, own=own)
    found, whole = score(own_made, *vectors), every_rank(own_made, *vectors)
    assert figures(found) == pytest.approx(figures(whole))
    assert found.summary["settings"] != score(made, *vectors).summary["settings"]


def test_a_pool_that_is_little_more_than_the_query_itself():
    """The ten best are then fewer, whichever way they are found, and never the query."""
    made = benchmark(
        "xy",
        {"qx": "x", "qy": "y"},
        {"x0": "x", "x1": "x", "y0": "y", "y1": "y"},
        [("qx", "x1"), ("qx", "y0"), ("qy", "y1"), ("qy", "x0")],
        metrics=CUT,
        concept=[0, 0],
    )
    vectors = np.random.default_rng(0).standard_normal((2, 3)), np.random.default_rng(1).standard_normal((4, 3))
    own = replace(made, own=np.array([0, 2], np.int32))
    found, whole = score(own, *vectors, search=ExactSearch(depth=20)), score(own, *vectors)
    for each in (found, whole):
        assert each.summary["bias"]["same_language@10"] == pytest.approx(1 / 4)
    assert found.summary["bias"]["MRC@10"] == whole.summary["bias"]["MRC@10"]
    assert found.summary["shares@10"] == whole.summary["shares@10"]


def test_language_bias_of_a_search_that_finds_fewer_than_asked_for():
    made, *vectors = example()
    poor = score(made, *vectors, search=FaissSearch("IVF16,Flat", "nprobe=1")).summary
    assert np.isfinite(list(poor["bias"].values())).all()
    assert all(sum(row) < 1 for row in poor["shares@10"])


def test_missing_documents_count():
    made, *vectors = example(settings=("monolingual",))
    missing = Missing(["m", "n"], np.array([0, 3], np.int32), np.array([0, 0], np.int16), np.array([1, 2], np.int16))
    lacking = replace(made, missing=missing)
    found, whole = score(lacking, *vectors), every_rank(lacking, *vectors)
    assert figures(found) == pytest.approx(figures(whole))


def test_a_language_is_searched_by_those_who_find_something_there():
    made, *_ = example(settings=("monolingual",))
    relevant = made.judgements.relevant
    for pool in pools(made):
        assert (made.queries.language[pool.queries] == pool.language).all()
        for query in pool.queries:
            answers = relevant.candidate[relevant.query == query]
            assert (made.candidates.language[answers] == pool.language).any()


@pytest.mark.parametrize(("settings", "each"), [(("monolingual",), 1), (("multilingual",), 1), (("crosslingual",), 1)])
def test_a_run_has_each_query_once(settings, each):
    made, queries, candidates = example(settings=settings)
    searched = Searched(made, queries, Embeddings.of(candidates), ExactSearch(depth=20))
    asked = np.concatenate([queries for queries, _ in searched.run(30)])
    assert len(np.unique(asked)) == len(asked)
    own = settings == ("monolingual",)
    for numbers, top in searched.run(30):
        language = made.candidates.language[top.row]
        same = language == made.queries.language[numbers][:, None]
        assert (same | (top.row < 0)).all() if own else not same.all()


def test_recall_is_measured_against_the_exact_search():
    made, queries, candidates = example(metrics=("R@5",))
    flat = score(made, queries, candidates + np.random.default_rng(0).random((90, 5)), search=FaissSearch("Flat"))
    assert flat.summary["search"] == {
        **{"name": "faiss", "factory": "Flat", "parameters": None, "depth": 5},
        **{"recall@5": 1.0, "recall_queries": flat.summary["search"]["recall_queries"]},
    }
    poor = score(made, queries, candidates, search=FaissSearch("IVF8,Flat", "nprobe=1", recall_queries=4))
    assert poor.summary["search"]["recall@5"] < 1
    assert poor.summary["search"]["recall_queries"] == 4 * len(pools(made))


@pytest.mark.parametrize(
    ("metrics", "search", "told"),
    [
        (("mAP",), FaissSearch("Flat"), "mAP of example looks at all ranks"),
        (("MRR", "R@5"), ExactSearch(depth=50), "MRR of example looks at all ranks"),
        (("R@5", "R@60"), ExactSearch(depth=50), "R@60 of example looks at 60 ranks, and the search at 50"),
    ],
)
def test_metrics_deeper_than_the_search(metrics, search, told):
    made, *vectors = example(metrics=metrics)
    with pytest.raises(InputError, match=told):
        score(made, *vectors, search=search)
