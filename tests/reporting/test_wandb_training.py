from pathlib import Path

import numpy as np
import pytest

from src.reporting.csv_logger import CsvLogger
from src.reporting.loggers import LoggedRun
from src.reporting.wandb_logger import pair_rows
from src.reporting.wandb_training import FIGURES, pair_table, training_figures

SECTION = {
    "steps": 30,
    "pairs_seen": 240,
    "real_tokens": 4800,
    "computed_tokens": 6000,
    "negatives_per_query": 6.5,
    "realised_language_pairs": {"ar-de": 90, "de-zh-Hant": 150, "zh-Hant-de": 60, "zh-Hant-zh-Hant": 30},
}


def test_speed_is_what_was_done_until_the_last_timed_validation(tmp_path: Path):
    logger = CsvLogger(LoggedRun(tmp_path, {}, None, "name", "train"))
    for step, seconds in ((9, 1.0), (19, 4.0)):
        logger.log_metrics({"val/loss": 1.0, "train/seconds": seconds}, step)
    figures = training_figures(SECTION, tmp_path)
    assert tuple(figures) == FIGURES
    assert figures["pairs_per_second"] == pytest.approx(160 / 4)  # two thirds of the pairs in 4 seconds
    assert figures["tokens_per_second"] == pytest.approx(3200 / 4)


def test_no_speed_is_made_up_without_a_validation(tmp_path: Path):
    figures = training_figures(SECTION, tmp_path)
    assert "pairs_per_second" not in figures
    assert figures["real_tokens"] == 4800


def test_language_pairs_as_rows():
    columns, rows = pair_table(SECTION, ["ar", "de", "zh-Hant"])
    assert columns == ["query_language", "passage_language", "pairs"]
    assert rows == [["ar", "de", 90], ["de", "zh-Hant", 150], ["zh-Hant", "de", 60], ["zh-Hant", "zh-Hant", 30]]


def test_results_by_language_pair_as_rows():
    """A dash joins two languages, and stands in some codes."""
    pairs = {"zh-Hant-pt-BR": {"mAP": 0.5, "queries": 4}, "pt-BR-pt-BR": {"mAP": 0.75, "R@1": np.float32("nan")}}
    columns, rows = pair_rows({"languages": ["pt-BR", "zh-Hant"], "pairs": pairs})
    assert columns == ["query_language", "candidate_language", "mAP", "queries", "R@1"]
    assert rows == [["zh-Hant", "pt-BR", 0.5, 4, None], ["pt-BR", "pt-BR", 0.75, None, None]]
