import logging
from dataclasses import replace

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.from_pairs import benchmark_from_pairs
from src.zero_shot import in_run
from src.zero_shot.in_run import overlap_of_run
from tests.toy import toy_data
from tests.zero_shot.examples import benchmark, training_data


@pytest.fixture
def data(tmp_path):
    return toy_data(tmp_path / "data")


def test_held_out_questions_are_no_overlap(data, tmp_path, caplog):
    section = overlap_of_run(data, benchmark_from_pairs(data, "validation"), tmp_path, 0.0)
    assert section["benchmarks"]["toy[validation]"]["parts"]["questions"]["all"]["exact"] == 0
    assert "not zero-shot" not in caplog.text


def test_what_was_trained_on_is_told_and_stops_a_run(data, tmp_path, caplog):
    trained = replace(data, train=data.train.select(np.arange(32)), validation=data.train.select(np.arange(4)))
    held = benchmark_from_pairs(trained, "validation")
    overlap_of_run(trained, held, tmp_path, None)
    assert "not zero-shot: 12 of 12 questions of toy[validation] are in the training data" in caplog.text
    with pytest.raises(InputError, match=r"100\.0% of the questions of toy\[validation\] in"):
        overlap_of_run(trained, held, tmp_path, 0.5)


def test_a_single_copy_is_told(tmp_path, caplog):
    trained = training_data(tmp_path / "data", {"en": ["Who was it?"]}, {"en": ["Nobody."]})
    held = benchmark({"en": ["Who was it?", "Who is it?"]}, {"en": ["Somebody."]}, {"en": []})
    overlap_of_run(trained, held, tmp_path / "cache", None)
    assert "not zero-shot: 1 of 2 questions of planted are in the training data" in caplog.text
    assert "passages" not in caplog.text


def test_very_large_data_are_compared_only_if_a_limit_asks_for_it(data, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(in_run, "MOST", 100)
    held = benchmark_from_pairs(data, "validation")
    with caplog.at_level(logging.INFO):
        section = overlap_of_run(data, held, tmp_path, None)
    assert section["measure"] is None
    assert "120 training passages take long to compare" in caplog.text
    assert overlap_of_run(data, held, tmp_path, 1.0)["measure"] == "exact normalised text"
