"""All settings of XQuAD-R, with ties planted, against pytrec_eval on the same scores."""

from dataclasses import replace

import numpy as np
import pytest
import pytrec_eval

from benchmarks.scoring_peers import TREC
from src.evaluation.benchmark import Judgements, TextSet
from src.evaluation.benchmarks import xquad_r
from src.evaluation.evaluate import score


def some_queries(benchmark, number: int):
    """The same benchmark with a few questions only, in all languages, against the whole pool."""
    chosen = np.flatnonzero(np.isin(benchmark.concept, np.linspace(0, benchmark.concept.max(), number).astype(int)))
    kept = np.isin(benchmark.judgements.query, chosen)
    judged = benchmark.judgements
    texts = benchmark.queries
    return replace(
        benchmark,
        metrics=tuple(TREC),
        queries=TextSet([texts.ids[i] for i in chosen], [texts.texts[i] for i in chosen], texts.language[chosen]),
        concept=benchmark.concept[chosen],
        judgements=Judgements(
            np.searchsorted(chosen, judged.query[kept]).astype(np.int32), judged.candidate[kept], judged.grade[kept]
        ),
    )


def coarse(rng, count: int) -> np.ndarray:
    """Vectors of -1/4, 0 and 1/4: their products are exact multiples of 1/16, so most scores are tied."""
    return rng.integers(-1, 2, size=(count, 24)).astype(np.float32) / 4


@pytest.fixture(scope="module")
def case(real_data):
    benchmark = some_queries(xquad_r.load(real_data("xquad_r")), 4)
    rng = np.random.default_rng(5)
    queries, candidates = coarse(rng, len(benchmark.queries)), coarse(rng, len(benchmark.candidates))
    # Answers resemble their questions, so that ranks lie anywhere.
    candidates[benchmark.judgements.candidate] = np.where(
        rng.random((len(benchmark.judgements), 24)) < 0.5, queries[benchmark.judgements.query], 0
    )
    return benchmark, queries @ candidates.T, score(benchmark, queries, candidates)


def expected(benchmark, scores, query_language: int, pool: np.ndarray) -> dict[str, dict[str, float]]:
    """pytrec_eval's results by query id, for one language's queries against a pool of candidates."""
    qrels, run = {}, {}
    relevant = benchmark.judgements
    for query in np.flatnonzero(benchmark.queries.language == query_language):
        found = relevant.candidate[relevant.query == query]
        qrels[benchmark.queries.ids[query]] = {benchmark.candidates.ids[c]: 1 for c in found if pool[c]}
        run[benchmark.queries.ids[query]] = {
            benchmark.candidates.ids[c]: float(scores[query, c]) for c in np.flatnonzero(pool)
        }
    return pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values())).evaluate(run)


def test_scores_are_tied_and_of_both_signs(case):
    _, scores, _ = case
    assert len(np.unique(scores)) < 60
    assert (scores < 0).mean() > 0.2


@pytest.mark.parametrize("setting", ["monolingual", "crosslingual", "multilingual"])
def test_equal_to_pytrec_eval(case, setting):
    benchmark, scores, evaluation = case
    rows = [row for row in evaluation.per_query.to_pylist() if row["setting"] == setting]
    views = sorted({(row["query_language"], row["candidate_language"]) for row in rows})
    assert len(views) == {"monolingual": 11, "crosslingual": 110, "multilingual": 11}[setting]
    means = {metric: [] for metric in TREC}
    for query_language, candidate_language in views:
        code = benchmark.languages.index(query_language)
        if candidate_language == "*":
            pool = np.ones(len(benchmark.candidates), bool)
        else:
            pool = benchmark.candidates.language == benchmark.languages.index(candidate_language)
        theirs = expected(benchmark, scores, code, pool)
        ours = {
            row["query"]: row
            for row in rows
            if (row["query_language"], row["candidate_language"]) == (query_language, candidate_language)
        }
        assert ours.keys() == theirs.keys()
        for metric, name in TREC.items():
            for query, row in ours.items():
                assert row[metric] == pytest.approx(theirs[query][name], abs=1e-6), (query, candidate_language, metric)
            means[metric].append(np.mean([values[name] for values in theirs.values()]))
    for metric, values in means.items():
        assert evaluation.summary["settings"][setting][metric] == pytest.approx(np.mean(values), abs=1e-6)
