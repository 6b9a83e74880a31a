import io

import numpy as np
from rich.console import Console, RenderableType

from src.reporting.tables import language_table, number, results_table


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
