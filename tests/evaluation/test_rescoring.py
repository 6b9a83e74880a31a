import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from src.errors import InputError
from src.evaluation.rescoring import rescore

TREC = {
    "mAP": "map",
    "mAP@5": "map_cut_5",
    "MRR": "recip_rank",
    "nDCG": "ndcg",
    "nDCG@3": "ndcg_cut_3",
    "nDCG@10": "ndcg_cut_10",
    "R@5": "recall_5",
    "P@5": "P_5",
    "Success@1": "success_1",
}
IDS = [f"{letter}{number}" for letter in "aBé" for number in (1, 9, 10, 11)]


def lists(numbers):
    """By query, up to all of the ids with a number."""
    of_query = st.dictionaries(st.sampled_from(IDS), numbers, min_size=1, max_size=len(IDS))
    return st.dictionaries(st.sampled_from("pqrs"), of_query, min_size=1)


def write(folder, run: dict[str, dict[str, float]], qrels: dict[str, dict[str, int]]):
    """Lines of all queries' first candidates, then of their second ones and so on, ranks all alike."""
    lines = [(n, f"{q} Q0 {d} 1 {score!r} tag\n") for q, ids in run.items() for n, (d, score) in enumerate(ids.items())]
    (folder / "run").write_text("".join(line for _, line in sorted(lines, key=lambda each: each[0])))
    (folder / "qrels").write_text(
        "".join(f"{q} 0 {d} {grade}\n" for q, ids in qrels.items() for d, grade in ids.items())
    )
    return folder / "run", folder / "qrels"


def rows(rescored) -> dict[str, dict[str, float]]:
    return {row["query"]: row for row in rescored.per_query.to_pylist()}


@settings(max_examples=150, deadline=None)
@given(lists(st.integers(-4, 4)), lists(st.integers(0, 4)))
def test_random_runs_have_trec_evals_figures(tmp_path_factory, run, qrels):
    """Graded judgements, of which some are 0, ties, lines in disorder, queries and candidates that lack."""
    hopeful = {query for query, grades in qrels.items() if max(grades.values()) > 0}
    if not hopeful & run.keys():
        return
    run = {query: {name: score / 4 for name, score in scores.items()} for query, scores in run.items()}
    files = write(tmp_path_factory.mktemp("trec"), run, qrels)
    theirs = pytrec_eval.RelevanceEvaluator(qrels, set(TREC.values())).evaluate(run)
    of_run = rescore(*files, list(TREC), complete=False)
    ours = rows(of_run)
    assert ours.keys() == theirs.keys() & hopeful
    for query, row in ours.items():
        assert {m: row[m] for m in TREC} == pytest.approx(
            {m: theirs[query][name] for m, name in TREC.items()}, abs=1e-6
        )
    for metric, name in TREC.items():
        found = [theirs[query][name] for query in ours]
        assert of_run.means[metric] == pytest.approx(np.mean(found), abs=1e-6)
        of_all = rescore(*files, [metric]).means[metric]
        assert of_all == pytest.approx(np.sum(found) / len(hopeful), abs=1e-6)


RUN = {"a": {"x": 1.0, "y": 2.0}, "b": {"x": 1.0}, "d": {"x": 1.0}, "other": {"x": 1.0}}
QRELS = {"a": {"x": 2, "y": 0, "never": 1}, "b": {"y": 1}, "c": {"x": 1}, "d": {"x": 0}}


def test_queries_without_a_line_count_0_or_are_left_out(tmp_path):
    files = write(tmp_path, RUN, QRELS)
    complete, of_run = rescore(*files, ["R@10", "MRR"]), rescore(*files, ["R@10", "MRR"], complete=False)
    assert complete.means == {"R@10": (1 / 2 + 0 + 0) / 3, "MRR": pytest.approx((1 / 2 + 0 + 0) / 3)}
    assert of_run.means == {"R@10": (1 / 2 + 0) / 2, "MRR": (1 / 2 + 0) / 2}
    assert rows(complete)["c"] == {"query": "c", "relevant": 1, "held": 0, "R@10": 0, "MRR": 0}
    assert rows(complete)["a"] == {"query": "a", "relevant": 2, "held": 2, "R@10": 1 / 2, "MRR": 1 / 2}
    for rescored in (complete, of_run):
        assert (rescored.missing, rescored.unjudged, rescored.hopeless, rescored.depth) == (1, 1, 1, 2)
    assert list(rows(complete)) == ["a", "b", "c"]
    assert list(rows(of_run)) == ["a", "b"]


def test_metrics_that_look_deeper_than_the_run(tmp_path):
    rescored = rescore(*write(tmp_path, RUN, QRELS), ["mAP", "R@2", "R@3", "R@2", "R@3", "mAP"])
    assert rescored.deeper == ["mAP", "R@3"]
    assert list(rescored.means) == ["mAP", "R@2", "R@3"]


@pytest.mark.parametrize(
    ("run", "qrels", "metrics", "told"),
    [
        (
            {"1": {"x": 1.0}},
            QRELS,
            ["mAP"],
            "no query of the run is judged .*'1', the judgements 'a'\n  where: .*run, ",
        ),
        ({"d": {"x": 1.0}}, QRELS, ["mAP"], "no query of the run is judged with something relevant"),
        (RUN, {"a": {"x": 0}}, ["mAP"], "no judgement says that a candidate is relevant\n  where: .*qrels"),
        (RUN, QRELS, ["F1"], "unknown metric 'F1'"),
        (RUN, QRELS, ["R"], "unknown metric 'R'"),
        (RUN, QRELS, [], "no metric"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, run, qrels, metrics, told):
    with pytest.raises(InputError, match=told):
        rescore(*write(tmp_path, run, qrels), metrics)


@pytest.mark.parametrize("lacking", ["run", "qrels"])
def test_a_file_that_is_not_there(tmp_path, lacking):
    files = write(tmp_path, RUN, QRELS)
    (tmp_path / lacking).unlink()
    with pytest.raises(InputError, match=f"no such file\n  where: {lacking}={tmp_path / lacking}"):
        rescore(*files, ["mAP"])
