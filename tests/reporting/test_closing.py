import io
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from src.reporting.closing import console, footnotes, next_evaluations, next_steps, report_run

LONG = Path("outputs/2026-11-20_23-40-11_crosslingual_multilingual_e5_base_with_a_long_name_indeed")


def test_the_end_of_a_run(evaluation):
    out = Console(file=io.StringIO(), width=80, force_terminal=False)
    report_run(
        out,
        {"toy": evaluation().summary, "other": evaluation(name="other").summary},
        saved={"run": LONG, "heat-map": Path.cwd() / LONG / "heatmap.png"},
        steps=next_steps(LONG),
        notes=footnotes(generated_data=True, pretrained=False),
    )
    lines = out.file.getvalue().splitlines()
    assert sum(line.startswith(" monolingual") for line in lines) == 2
    assert f" run       {LONG}" in lines
    assert f" heat-map  {LONG}/heatmap.png" in lines
    assert (
        f" python -m src.evaluate checkpoint={LONG} benchmark=xquad_r benchmark.folder=data/xquad_r" in lines
    )  # not broken at 80
    assert "\x1b" not in out.file.getvalue()


def test_footnotes_say_what_the_figures_do_not_show():
    assert [note.split(":")[0] for note in footnotes(generated_data=True, pretrained=False)] == [
        "The data is generated from templates",
        "Trained from scratch",
        "One run",
    ]
    assert len(footnotes(generated_data=False, pretrained=True)) == 1


def test_the_next_sweep_keeps_what_was_overridden():
    steps = next_steps(Path("outputs/run"), overrides=["sampler=mixed", "model=labse", "dataset.folder=a b", "seed=4"])
    assert list(steps.values()) == [
        "python -m src.evaluate checkpoint=outputs/run benchmark=xquad_r benchmark.folder=data/xquad_r",
        "python -m src.train -m sweep=strategies sampler=monolingual,crosslingual,hybrid,mixed seed=1,2,3 "
        "model=labse 'dataset.folder=a b'",
        "python -m src.compare outputs/strategies",
    ]


@pytest.mark.parametrize("trainer", ["torchrun", "slurm"])
def test_the_next_sweep_does_not_wait_for_ranks_from_outside(trainer):
    steps = next_steps(Path("outputs/run"), overrides=[f"trainer={trainer}", "trainer.precision=32-true"])
    sweep = next(command for command in steps.values() if "src.train -m" in command)
    assert sweep.endswith("seed=1,2,3 trainer.precision=32-true")


def test_in_a_sweep_the_sweep_is_what_to_compare():
    steps = next_steps(Path("outputs/s/sampler-hybrid"), sweep=Path("outputs/s"))
    assert list(steps.values())[1:] == ["python -m src.compare outputs/s"]


def test_after_an_evaluation_the_same_encoder_is_scored_elsewhere():
    typed = ["checkpoint='a=b'", "benchmark=xquad_r", "benchmark.languages=[de]", "sweep=all", "precision=bf16"]
    (command,) = next_evaluations(benchmark="xquad_r", overrides=typed).values()
    assert shlex.split(command)[3:] == [
        *("checkpoint='a=b'", "precision=bf16"),
        *("benchmark=mlqa_r", "benchmark.folder=data/mlqa_r"),
    ]
    assert list(next_evaluations(sweep=Path("outputs/s")).values())[1:] == ["python -m src.compare outputs/s"]


def test_reports_are_wide_enough_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert console().width == 80
