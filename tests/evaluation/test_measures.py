import numpy as np
import pytest
import pytrec_eval

from src.errors import InputError
from src.evaluation.measures import Measure, RankedRelevant, parse

TREC = {
    "mAP": "map",
    "mAP@5": "map_cut_5",
    "mAP@20": "map_cut_20",
    "MRR": "recip_rank",
    "nDCG": "ndcg",
    "nDCG@5": "ndcg_cut_5",
    "nDCG@20": "ndcg_cut_20",
    "R@5": "recall_5",
    "R@20": "recall_20",
    "P@5": "P_5",
    "P@20": "P_20",
    "Success@1": "success_1",
    "Success@5": "success_5",
}


def ranked(*queries) -> RankedRelevant:
    """One dictionary rank -> grade a query."""
    rows = [(q, rank, grade) for q, found in enumerate(queries) for rank, grade in found.items()]
    return RankedRelevant.group(*(np.array(column) for column in zip(*rows, strict=True)))[1]


def random_judged(seed: int, levels: int):
    """(qrels, run) with graded judgements, some of grade 0 or below, and scores of both signs."""
    rng = np.random.default_rng(seed)
    qrels, run = {}, {}
    for q in range(30):
        documents = [f"d{i}" for i in range(int(rng.integers(3, 60)))]
        scores = (rng.integers(levels, size=len(documents)) - levels // 2) / 4
        run[f"q{q}"] = dict(zip(documents, scores.tolist(), strict=True))
        grades = rng.choice([-1, 0, 1, 2, 3], p=[0.1, 0.4, 0.2, 0.2, 0.1], size=len(documents))
        grades[0] = max(grades[0], 1)
        qrels[f"q{q}"] = {d: int(g) for d, g in zip(documents, grades, strict=True) if rng.random() < 0.7 or d == "d0"}
    return qrels, run


@pytest.mark.parametrize("levels", [3, 12, 100_000])
def test_equal_to_trec_eval_on_graded_judgements_with_ties(levels):
    qrels, run = random_judged(levels, levels)
    expected = pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values())).evaluate(run)
    found = []
    for query, scores in run.items():
        order = sorted(scores, key=lambda document: (scores[document], document), reverse=True)
        found.append({order.index(d) + 1: grade for d, grade in qrels[query].items() if grade > 0})
    entries = ranked(*found)
    for metric, name in TREC.items():
        ours = parse(metric)(entries)
        np.testing.assert_allclose(ours, [expected[q][name] for q in run], atol=1e-6, err_msg=metric)


def test_worked_by_hand():
    entries = ranked({2: 1, 5: 3}, {1: 2})
    assert parse("mAP")(entries).tolist() == [(1 / 2 + 2 / 5) / 2, 1]
    assert parse("mAP@4")(entries).tolist() == [(1 / 2) / 2, 1]
    assert parse("MRR")(entries).tolist() == [1 / 2, 1]
    assert parse("MRR@1")(entries).tolist() == [0, 1]
    assert parse("R@4")(entries).tolist() == [1 / 2, 1]
    assert parse("P@4")(entries).tolist() == [1 / 4, 1 / 4]
    assert parse("Success@1")(entries).tolist() == [0, 1]
    gained, best = 1 / np.log2(3) + 3 / np.log2(6), 3 / np.log2(2) + 1 / np.log2(3)
    assert parse("nDCG")(entries) == pytest.approx([gained / best, 1])
    assert parse("nDCG@2")(entries) == pytest.approx([1 / np.log2(3) / best, 1])


def test_cut_average_precision_divides_by_all_relevant_as_trec_eval_does():
    """XTREME's divisor would be min(R, k): with R = 3 and k = 2 it gives 1 here."""
    assert parse("mAP@2")(ranked({1: 1, 2: 1, 3: 1})).tolist() == [pytest.approx(2 / 3)]


def test_grouping_sorts_and_names_the_queries():
    queries, entries = RankedRelevant.group(np.array([7, 3, 7]), np.array([9, 4, 2]), np.array([1, 2, 3]))
    assert queries.tolist() == [3, 7]
    assert (entries.rank.tolist(), entries.grade.tolist()) == ([4, 2, 9], [2, 3, 1])
    assert (entries.relevant.tolist(), entries.place.tolist()) == ([1, 2], [1, 1, 2])


def test_no_queries_no_values():
    nothing = np.empty(0, np.int64)
    _, entries = RankedRelevant.group(nothing, nothing, nothing)
    assert all(len(parse(metric)(entries)) == 0 for metric in TREC)


@pytest.mark.parametrize("metric", [*TREC, "MRR@10"])
def test_metrics_are_written_as_they_are_read(metric):
    assert str(parse(metric)) == metric
    assert parse(metric) == parse(metric)


def test_parts_of_a_metric():
    assert parse("nDCG@10") == Measure("nDCG", 10)
    assert parse("mAP") == Measure("mAP", None)


@pytest.mark.parametrize(
    "text", ["map", "nDCG@", "nDCG@0", "nDCG@-1", "nDCG@x", "R", "P", "Success", "mAP@1@2", "", "@5"]
)
def test_an_unknown_metric_is_refused_with_those_known(text):
    with pytest.raises(InputError, match="unknown metric") as caught:
        parse(text)
    assert "nDCG, nDCG@k" in str(caught.value)
