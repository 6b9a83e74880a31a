import io
from pathlib import Path

from rich.console import Console

from src.reporting.mining import next_commands, report_mining

SCORES = {"negatives": 1_200, "positive": 0.8, "negative": 0.612}
RECORD = {
    "training": {"name": "own", "concepts": {"train": {}, "validation": {}}},
    "model": {"name": "labse", "checkpoint": None},
    "file": {"name": "train.jsonl"},
    "found": {
        "concepts": {"all": 500, "with_fewer_negatives": 7, "with_none": 3},
        "passages": {"searched": 400, "texts": 800},
        "scores": SCORES,
        "below_positive": {"5%": 0.05, "50%": 0.188, "95%": 0.4},
        "by_query_language": {
            "de": {"queries": 500, "candidates": 9_000, "above_margin": 70, **SCORES},
            "en": {
                "queries": 3,
                "candidates": 9,
                "above_margin": 9,
                "negatives": 0,
                "positive": None,
                "negative": None,
            },
        },
        "found_in": {"de": 1_000, "en": 200},
    },
    "examples": [
        {
            "question": "Wer [war] das?",
            "language": "de",
            "positive": "Ada",
            "positive_score": 0.9,
            "negative": "lang " * 90,
            "negative_score": 0.7,
            "negative_language": "en",
            "rank": 12,
        }
    ],
}


def shown(**options) -> str:
    file = io.StringIO()
    report_mining(Console(file=file, width=80), RECORD, Path("outputs/mined"), **{"examples": 1, **options})
    return file.getvalue()


def test_counts_scores_and_examples_are_shown():
    text = shown()
    rows = [line.split() for line in text.splitlines()]
    assert ["de", "500", "9,000", "70", "1,200", "0.800", "0.612"] in rows
    assert ["en", "3", "9", "9", "0", "–", "–"] in rows
    assert ["all", "503", "9,009", "79", "1,200", "0.800", "0.612"] in rows
    assert "own mined with labse · 500 concepts · 800 texts searched" in text
    assert "7 concepts have fewer negatives than asked for, 3 of them" in text
    assert "Wer [war] das?" in text
    assert "rank 12, found in en" in text
    assert text.count("lang") < 40
    assert "…" in text
    assert max(map(len, text.split("saved")[0].splitlines())) <= 80
    assert "Wer" not in shown(examples=0)


def test_what_to_type_next_carries_the_original_held_out_part():
    overrides = ["dataset=squad", "dataset.folder=data/squad", "checkpoint=outputs/x", "ranks=[1,5]"]
    first, second = next_commands(RECORD, Path("outputs/mined"), overrides).values()
    assert first.endswith("-m src.train dataset=jsonl dataset.folder=outputs/mined negatives=1")
    assert second.endswith(
        "negatives=1 dataset.validation_fraction=0 dataset@validation_data=squad validation_data.folder=data/squad"
    )
    without = {**RECORD, "training": {"name": "own", "concepts": {"train": {}}}}
    assert len(next_commands(without, Path("outputs/mined"), overrides)) == 1
