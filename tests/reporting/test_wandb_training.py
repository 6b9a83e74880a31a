from pathlib import Path

import pytest

from src.reporting.csv_logger import CsvLogger
from src.reporting.loggers import LoggedRun
from src.reporting.wandb_training import FIGURES, pair_table, training_figures

SECTION = {
    "steps": 30,
    "pairs_seen": 240,
    "real_tokens": 4800,
    "computed_tokens": 6000,
    "negatives_per_query": 6.5,
    "realised_language_pairs": {"ar-de": 90, "de-zh-Hant": 150},
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
    columns, rows = pair_table(SECTION)
    assert columns == ["query_language", "passage_language", "pairs"]
    assert rows == [["ar", "de", 90], ["de", "zh-Hant", 150]]
