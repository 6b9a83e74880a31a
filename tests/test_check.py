"""The preflight as it is typed: all problems at once, estimates from real steps, and nothing left behind."""

import re

import pytest

from tests.command import ROOT, SMALL, type_in

OUTPUTS = ROOT / "outputs"


def written():
    """What runs write; the cache there may be another test's."""
    return {path for path in OUTPUTS.iterdir() if path.name != ".cache"}


@pytest.fixture
def check(tmp_path):
    def run(*words, without=()):
        before = written()
        small = [word for word in SMALL if not word.startswith(tuple(without) or "-")]
        answer = type_in("src.check", *small, f"cache_dir={tmp_path / 'cache'}", *words)
        assert "Traceback" not in answer.text
        assert written() == before
        return answer

    return run


def test_a_run_that_would_do(check, tmp_path):
    answer = check("max_steps=1000")
    assert answer.status == 0, answer.text
    assert "problem" not in answer.out
    for told in ("12 measured on cpu", "offline: the run stays in its folder", "cldr_facts: 914 concepts", "optimizer"):
        assert told in answer.out
    for row in ("training", "10 validations", "final evaluation", "in all", "memory", "disk"):
        assert f"\n {row} " in answer.out
    assert "nothing was found that would stop the run" in answer.out
    assert max(map(len, answer.out.split("caches made")[0].splitlines())) <= 80
    made = {path.relative_to(tmp_path / "cache").parts[0] for path in (tmp_path / "cache").glob("*/*")}
    assert made == {"datasets", "tokens"}
    for folder in (tmp_path / "cache").glob("*/*"):
        assert str(folder) in answer.out
    assert not (tmp_path / "run").exists()


def test_all_problems_at_once(check, tmp_path):
    """A part that fails keeps nothing from being looked at that does not need it."""
    answer = check(
        *("batch_size=21", "max_steps=0", "optimizer.lr=fast", "max_overlap=7", "trainer.devices=2"),
        *("model=hf", f"model.name_or_path={tmp_path}", "benchmark=xquad_r", f"benchmark.folder={tmp_path / 'none'}"),
        *("dataset.languages=[en]", "sampler=crosslingual", "trainer.resume=none.ckpt", "objective.temperature=0"),
        without=("model.", "benchmark.", "max_steps", "dataset.", "batch_size"),
    )
    assert answer.status == 2
    for told in (
        "max_steps must be a whole number from 1 on, got 0",
        "optimizer.lr must be a number, got 'fast'",
        "cannot be split over 2 device(s)",
        "max_overlap must be a share from 0 to 1",
        "the folder holds no config.json",
        "the benchmark's folder does not exist",
        "cross-lingual batches need two languages",
        "no checkpoint file none.ckpt",
        "where: objective.temperature",
    ):
        assert told in answer.out, told
    assert "InstantiationException" not in answer.out
    assert "9 problems: the run would fail" in answer.out


def test_what_only_shows_together_is_found_beside_a_bad_benchmark(check):
    words = ("benchmark=xquad_r", "benchmark.folder=nowhere", "negatives=1", "callbacks.checkpoint.monitor=val/foo")
    answer = check(*words, without=("benchmark.",))
    assert answer.status == 2
    assert "the benchmark's folder does not exist" in answer.out
    assert "cldr_facts has no explicit negatives" in answer.out


def test_what_is_never_measured_cannot_choose(check):
    answer = check("callbacks.checkpoint.monitor=val/foo")
    assert answer.status == 2
    assert "val/foo is never measured in this run" in answer.out
    assert "measured on cpu" not in answer.out


def test_a_loss_that_is_lost_is_seen_in_the_steps(check):
    answer = check("optimizer.lr=1e30", "optimizer.schedule=constant", "optimizer.warmup=0", "max_steps=100")
    assert answer.status == 2
    assert "the loss is not finite at step" in answer.out


def test_a_run_of_one_step_is_measured_by_it(check):
    answer = check("max_steps=1", without=("max_steps",))
    assert answer.status == 0, answer.text
    assert "1 measured on cpu" in answer.out


def test_bad_options_do_not_end_the_check(check):
    answer = check("callbacks.checkpoint.keep=many", "cache_dir=5")
    assert answer.status == 2
    for told in ("keep must be a whole number", "cache_dir must be a text, got 5", "the run would fail"):
        assert told in answer.out


@pytest.mark.slow
def test_the_room_on_disk_is_what_the_run_takes(check, tmp_path):
    """A bit more, since one checkpoint is written before another goes."""
    words = ("save_run=true", "callbacks.checkpoint.keep=2", "callbacks.checkpoint.keep_last=3", "logger=csv")
    words = (
        *words,
        "callbacks.validation.every_n_steps=1",
        "model.hidden_size=64",
        f"hydra.run.dir={tmp_path / 'run'}",
    )
    answer = check(*words, without=("model.hidden_size",))
    told = float(re.search(r"disk +([\d.]+) MB in the run's folder", answer.out)[1])
    small = [word for word in SMALL if not word.startswith("model.hidden_size")]
    assert type_in("src.train", *small, *words, f"cache_dir={tmp_path / 'cache'}").status == 0
    taken = sum(path.stat().st_size for path in (tmp_path / "run").rglob("*") if path.is_file()) / 1e6
    assert taken < told < 1.25 * taken


@pytest.mark.parametrize("device", ["trainer=gpu", "trainer.devices=2"])
def test_devices(check, device):
    """Of two processes, one is measured, with its half of the batch; a GPU that is not there is told."""
    import torch

    answer = check(device, "trainer.strategy=ddp")
    if device == "trainer=gpu" and not torch.cuda.is_available():
        assert answer.status == 2
        assert "no such devices" in answer.out
        assert "not checked" in answer.out
    else:
        assert answer.status == 0, answer.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sampler=monolingual,hybrid"], "one job is checked at a time\n  where: sampler=monolingual,hybrid"),
        (["-m", "seed=1,2"], "one job is checked at a time\n  where: -m"),
        (["sampler=none_such"], "Could not find 'sampler/none_such'"),
        (["nothing.here=1"], "nothing"),
        (["seed"], "missing EQUAL"),
    ],
)
def test_what_does_not_compose(check, words, told):
    answer = check(*words)
    assert answer.status == 2
    assert told in answer.err


def test_where_the_run_would_write(check, tmp_path):
    (tmp_path / "file").write_text("")
    answer = check(f"hydra.run.dir={tmp_path / 'file' / 'run'}")
    assert answer.status == 2
    assert "output folder: a file is in the way" in answer.out
    assert "12 measured" in answer.out or "1 measured" in answer.out


def test_a_finished_run_is_said_to_be_one(finished_run, cache_dir):
    """As src.train would say it; with another seed it would be run."""
    words = (*SMALL, f"hydra.run.dir={finished_run[0]}", f"cache_dir={cache_dir}")
    told = "already finished, not run again"
    assert told in " ".join(type_in("src.check", *words).out.split())
    assert told not in " ".join(type_in("src.check", *words, "seed=2").out.split())
