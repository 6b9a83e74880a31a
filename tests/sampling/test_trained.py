"""The strategies beyond the paper through the command that trains."""

import json

import pytest

from tests.command import SMALL, type_in


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rowwise", "annealed", "grouped", "balanced_negatives"])
def test_a_run_trains_on_what_the_strategy_plans(name, tmp_path, cache_dir):
    folders = [f"hydra.run.dir={tmp_path / 'run'}", f"cache_dir={cache_dir}"]
    answer = type_in("src.train", *SMALL, f"sampler={name}", "logger=csv", *folders)
    assert answer.status == 0, answer.text
    plan = json.loads((tmp_path / "run" / "record.json").read_text())["plan"]
    assert plan["strategy"]["strategy"] == name
    pairs = plan["planned_language_pairs"]
    assert sum(pairs.values()) == 4 * 16
    if name in ("rowwise", "balanced_negatives"):
        assert pairs["de-de"] + pairs["en-en"] == 4 * 8
    if name == "grouped":
        assert set(pairs) <= {"de-en", "en-de"}
    if name == "annealed":
        assert plan["strategy"]["steps"] == 4
