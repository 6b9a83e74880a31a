import io

import numpy as np
import pytest
from rich.console import Console, RenderableType

from src.reporting.tables import columns_of, language_table, number, results_table, suite_table


def rendered(renderable: RenderableType, width: int = 80) -> list[str]:
    out = Console(file=io.StringIO(), width=width, force_terminal=False)
    out.print(renderable)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_settings_metrics_and_bias_at_80_columns(evaluation):
    summary = evaluation(
        lambda setting, *_: {"monolingual": 0.8301, "crosslingual": 0.0294}.get(setting, 0.083)
    ).summary
    assert rendered(results_table(summary)) == [
        " toy · 3 languages · 18 queries · 1,234 candidates",
        "",
        " setting           mAP     R@1    R@10     mean of",
        "───────────────────────────────────────────────────",
        " monolingual     0.830   0.415   0.913   3 results",
        " cross-lingual   0.029   0.015   0.032   6 results",
        " multilingual    0.083   0.042   0.091   3 results",
        "",
        " language bias",
        "─" * 74,
        " rank distance       91.7   first to last right answer: 7.4 % of the pool",
        " same-language@10   0.500   in the query's language; unbiased: 0.333",
    ]


def test_each_measure_of_bias_says_what_it_means_or_why_it_is_not_there(evaluation):
    summary = evaluation().summary
    summary["bias"] = {"MRC@10": -7.25, "PEER@100": 0.4, "recall_gap@100": 0.125}
    summary["bias_unmeasured"] = {"PEER@10": "constant: no language has two answers of a grade"}
    lines = rendered(results_table(summary))
    assert [line.split()[:2] for line in lines[-4:]] == [
        ["MRC@10", "-7.2"],
        ["PEER@100", "0.400"],
        ["recall-gap@100", "0.125"],
        ["PEER@10", "–"],
    ]
    assert lines[-4].endswith("alike 100, opposed -100")
    assert lines[-1].endswith("constant: no language has two answers of a grade")


def test_what_an_approximate_search_missed_is_said(evaluation):
    summary = evaluation().summary
    summary["search"] = {"name": "faiss", "factory": "HNSW32", "recall@100": 0.97821, "recall_queries": 50}
    assert " HNSW32 found 97.8% of the best 100, on 50 queries" in rendered(results_table(summary))
    summary["search"] = {"name": "exact", "depth": 100}
    assert not any("found" in line for line in rendered(results_table(summary)))


def test_the_columns_are_those_asked_for(evaluation):
    lines = rendered(results_table(evaluation().summary, ["R@1", "nDCG@10"]))
    assert lines[2].split() == ["setting", "R@1", "nDCG@10", "mean", "of"]
    assert lines[4].split() == ["monolingual", "0.250", "–", "3", "results"]


def test_a_benchmark_in_one_language_has_no_bias_and_no_other_settings(evaluation):
    summary = evaluation().summary
    summary["bias"], summary["settings"] = {}, {"monolingual": summary["settings"]["monolingual"]}
    lines = rendered(results_table(summary))
    assert len(lines) == 5
    assert "bias" not in "".join(lines)


def test_nothing_is_cut_off_at_80_columns_whatever_the_size(evaluation):
    summary = evaluation().summary
    summary |= {"queries": 1_234_567, "candidates": 106_000_000, "languages": ["x"] * 36}
    summary["bias"] |= {"rank_distance": 98_765_432.1}
    summary["settings"]["crosslingual"]["results"] = 1260
    text = "\n".join(rendered(results_table(summary)))
    assert "…" not in text
    assert "98,765,432.1" in text
    assert "1,260 results" in text


def test_by_language(evaluation):
    summary = evaluation(lambda setting, concept, query, candidate: 0.9 if query == "ar" else 0.5).summary
    lines = rendered(language_table(summary))
    assert lines[0] == " toy · mAP by query language"
    assert lines[1].split() == ["query", "monolingual", "cross-lingual", "multilingual", "rank", "distance"]
    assert lines[3].split() == ["ar", "0.900", "0.900", "0.900", "10.0"]
    assert lines[5].split() == ["en", "0.500", "0.500", "0.500", "50.0"]


def test_numbers():
    assert number(0.12345) == "0.123"
    assert number(12345.67, digits=1) == "12,345.7"
    assert number(None) == number(float("nan")) == number(np.float64("nan")) == "–"


def test_a_benchmark_without_map_shows_its_own_metrics(evaluation):
    summary = evaluation().summary
    summary["bias"] = {}
    summary["settings"] = {"monolingual": {"nDCG@10": 0.31, "R@100": 0.87, "queries": 7, "results": 1}}
    lines = rendered(results_table(summary))
    assert lines[2].split() == ["setting", "nDCG@10", "R@100", "mean", "of"]
    assert lines[4].split() == ["monolingual", "0.310", "0.870", "1", "result"]


def suite(settings, members):
    return {
        **{"name": "both", "over": "domains", "queries": 30, "candidates": 2000, "members": members},
        **{"settings": {**settings, "average": {"score": 0.4, "queries": 30, "results": 2}}},
    }


def test_a_suite_shows_its_members_and_their_mean():
    members = {name: {"settings": {"monolingual": {"nDCG@10": value}}} for name, value in (("a[sw]", 0.3), ("b", 0.5))}
    summary = suite({"monolingual": {"nDCG@10": 0.4, "queries": 30, "results": 2}}, {"a[sw]": 0.3, "b": 0.5})
    assert [line.split() for line in rendered(suite_table(summary, members)) if line and "─" not in line] == [
        ["both", "·", "30", "queries", "·", "2,000", "candidates"],
        ["member", "monolingual", "nDCG@10"],
        ["a[sw]", "0.300"],
        ["b", "0.500"],
        ["mean", "of", "2", "domains", "0.400"],
    ]


def test_a_suite_of_different_measures_shows_scores():
    lines = rendered(suite_table(suite({}, {"a": 0.3, "b": 0.5}), {"a": {}, "b": {}}))
    assert [line.split()[-1] for line in lines if line.split()[:1] in (["member"], ["a"], ["b"], ["mean"])] == [
        *("score", "0.300", "0.500", "0.400"),
    ]


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        (["mAP", "mAP@20", "R@1", "R@10"], ["mAP", "R@1", "R@10"]),
        (["mAP@20", "mAP", "MRR", "R@1"], ["mAP@20", "mAP", "MRR"]),  # the first leads
        (["Rprec", "mAP"], ["Rprec", "mAP"]),
        (["mAP", "Rprec"], ["mAP", "Rprec"]),
        (["nDCG@10"], ["nDCG@10"]),
    ],
)
def test_the_first_metric_leads_and_mean_average_precision_with_the_usual_ones(measured, shown):
    assert columns_of([{**dict.fromkeys(measured, 0.5), "queries": 3}]) == shown
