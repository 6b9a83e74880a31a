from pathlib import Path
from types import SimpleNamespace

import pytest
from omegaconf import OmegaConf

from src.evaluation.benchmarks.cldr_facts import load
from src.evaluation.encoding import Encoding
from src.preflight import estimate
from src.preflight.estimate import Span, duration, validation_texts, whole_run


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0123, "0.012 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61.4, "1 min 1 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400 * 3 + 3600 * 4, "3 d 4 h"),
    ],
)
def test_durations_as_people_say_them(seconds, told):
    assert duration(seconds) == told


def test_a_span_holds_nine_in_ten():
    span = Span.of([float(value) for value in range(101)])
    assert (span.low, span.middle, span.high) == (5, 50, 95)
    assert span.times(2).plus(Span(1, 1, 1)) == Span(11, 101, 191)


class HeldOut(list):
    languages = ("de", "en")


@pytest.mark.parametrize(("max_batches", "texts"), [(2, 2 * 2 * 4), (50, 2 * 10 * 2)])
def test_a_whole_run_by_hand(max_batches, texts):
    """Two processes share the texts, and each makes every step."""
    validation = {"max_batches": max_batches, "every_n_steps": 10}
    config = OmegaConf.create({"batch_size": 4, "max_steps": 25, "callbacks": {"validation": validation}})
    scored = load(languages=["de", "en"])
    final = len(scored.queries) + len(scored.candidates)
    parts = SimpleNamespace(
        benchmark=scored,
        validation=scored,
        held_out=SimpleNamespace(validation=HeldOut(range(10))),
        datamodule=SimpleNamespace(has_validation=True),
    )
    assert validation_texts(config, parts) == texts + final
    spans = whole_run(config, parts, Span(1, 1, 1), Span(0.1, 0.1, 0.1), processes=2)
    validations = 2 * (texts + final) * 0.1 / 2
    assert {what: span.middle for what, span in spans.items()} == {
        "training": 25,
        "2 validations": pytest.approx(validations),
        "final evaluation": pytest.approx(final * 0.1 / 2),
        "in all": pytest.approx(25 + validations + final * 0.1 / 2),
    }


@pytest.mark.parametrize("folder", ["run", "cache"])
def test_room_for_embeddings_is_added_to_that_of_the_run_in_one_folder(folder, monkeypatch):
    monkeypatch.setattr(estimate, "_checkpoints", lambda config, parts: 100)
    monkeypatch.setattr(estimate, "static", lambda encoder: {"parameters": 10})
    scored = load(languages=["de", "en"])
    parts = SimpleNamespace(benchmark=scored, encoder=SimpleNamespace(dimension=8))
    kept = len(scored.candidates) * 8 * 4
    config, encoding = OmegaConf.create({"save_run": False}), Encoding(folder=folder, on_disk_from=1)
    needs = estimate.room(config, parts, Path("run"), encoding)
    assert needs[Path("run")] == 110 + (kept if folder == "run" else 0)
    assert sum(needs.values()) == 110 + kept
