"""python -m src.rows as typed."""

import shlex
import sys
import types

import pytest
from rich.cells import cell_len

from src.rows import main
from tests.test_config import light


@pytest.fixture
def read(cache_dir, capsys):
    """Prints a batch in this process, which has nothing heavy to import; returns what was printed."""

    def run(*words):
        main([*words, f"cache_dir={cache_dir}"])
        return capsys.readouterr().out

    return run


def test_a_batch_twice_the_same_and_within_80_columns(read):
    out = read("sampler=hybrid", "step=1", "rows=3")
    assert "sampler=hybrid · cldr_facts · batch 1 of 300 · seed 1" in out
    assert "All 64 questions and passages are in Turkish." in out
    assert out.count("tr → tr") == 3
    assert "... and 61 more rows" in out
    assert "among 63 others, all in Turkish." in " ".join(out.split())
    assert max(map(cell_len, out.split("next ──")[0].splitlines())) <= 80
    assert read("sampler=hybrid", "step=1", "rows=3") == out
    printed = [shlex.split(line)[2:] for line in out.splitlines() if " -m src." in line]
    assert [words[0] for words in printed] == ["src.rows", "src.train"]
    assert "batch 2 of 300" in read(*printed[0][1:])


def test_what_a_run_says_of_its_batch(read):
    out = read("batch_size=16", "trainer.accumulate_grad_batches=2", "sampler=monolingual", "width=120", "rows=16")
    assert "Accumulation splits the batch in 2" in out
    assert "among 7 others" in out
    assert "more rows" not in out
    out = read("augmentation=code_switching_cldr", "experiment=paper", "dataset=cldr_facts", "objective=matryoshka")
    assert "the augmentation changes words" in out
    assert "up to 1 explicit hard negatives" in out
    out = read("objective=matryoshka", "objective.inner.denominator=explicit")
    assert "other rows' passages are no negatives" in " ".join(out.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["step=-1"], "step must be a whole number from 0 on"),
        (["step=300"], "the run ends before step 300\n  where: step, max_steps\n  fix:   a step from 0 to 299"),
        (["rows=0"], "rows must be a whole number from 1 on"),
        (["width=20"], "width must be a whole number from 60 on"),
        (["width=20000"], "width must be a whole number from 60 to 9999, got 20000"),
        (["step=1,2"], "one value each"),
        (["sampler=hybrid,mixed"], "one job is checked at a time"),
        (["sampler=nosuch"], "nosuch"),
        (["sampler.alpha=2"], "alpha must be between 0 and 1"),
        (["+sampler.beta=2"], "sampler has no option 'beta'"),
        (["dataset=jsonl"], "dataset.folder"),
        (["batch_size=0"], "batch_size must be a whole number from 1 on"),
        (["batch_size=21", "trainer.accumulate_grad_batches=2"], "cannot be split over 2 accumulation steps"),
        (["dataset.languages=[en]", "sampler=crosslingual"], "cross-lingual batches need two languages"),
    ],
)
def test_mistakes_are_told(read, caplog, words, told):
    with pytest.raises(SystemExit) as ended:
        read(*words)
    assert ended.value.code == 2
    assert told in caplog.text


class Forgetful:
    """A strategy that goes on from wherever it was, unless asked for the same step again."""

    def __init__(self, index, batch_size, seed, language_weighting, dataset_weighting):
        self.batch_size, self.asked, self.last = batch_size, 0, -1

    def plan(self, step):
        self.asked += step != self.last
        self.last = step
        return [[row + self.asked, 0, 0] for row in range(self.batch_size)]


def test_a_strategy_that_remembers_is_refused(monkeypatch, caplog, cache_dir):
    module = types.ModuleType("src.sampling.forgetful")
    module.Forgetful = Forgetful
    monkeypatch.setitem(sys.modules, "src.sampling.forgetful", module)
    own = ["sampler=monolingual", "sampler._target_=src.sampling.forgetful.Forgetful"]
    with pytest.raises(SystemExit):
        main([*own, f"cache_dir={cache_dir}"])
    assert "two plans of step 0 differ" in caplog.text


def test_help_is_light_and_its_commands_work(tmp_path, read):
    text = light("src.rows", "--help", "step=3", cwd=tmp_path)
    assert "sampler: " in text
    shown = [shlex.split(line.split("    ")[0])[3:] for line in text.splitlines() if line.startswith("python -m ")]
    assert len(shown) == 3
    for words in shown[:2]:
        assert "question, and below it its passage" in read(*words)
    assert "seed: 7\n" in light("src.rows", "seed=7", "--cfg", "job", cwd=tmp_path)
