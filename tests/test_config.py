"""Every file of the configuration composes, and names things that exist and take what it gives them."""

import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import pytorch_lightning as pl
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf, open_dict

from src.options import BOUNDS, check_options
from src.training.losses import build_losses
from src.training.trainer import OURS
from tests.command import ENVIRONMENT, ROOT, SMALL, type_in
from tests.toy import toy_data, toy_encoder

CONF = ROOT / "conf"
GROUPS = sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name != "hydra")
CHOICES = [f"{group}={path.stem}" for group in GROUPS for path in sorted((CONF / group).glob("*.yaml"))]
RECIPES = sorted((CONF / "experiment").glob("*.yaml"))
OF_EVALUATE = ("model", "benchmark", "search", "encoding", "debias", "logger")
MADE_WHOLE = ("optimizer", "adapter", "search", "encoding", "debias")  # the others wait for data


def composed(name: str, *overrides: str) -> DictConfig:
    """A whole configuration as a job gets it."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose(name, overrides=list(overrides), return_hydra_config=True)
    with open_dict(config):
        config.hydra.runtime.output_dir = "outputs/run"
        HydraConfig.instance().set_config(config)
        config.pop("hydra")
    return config


@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_composes_with_the_default_and_is_made(choice, tmp_path):
    config = composed("train", choice, f"cache_dir={tmp_path}")
    check_options(config, BOUNDS["train"])
    assert "${" not in str(OmegaConf.to_container(config, resolve=True))
    group = choice.split("=")[0]
    section = config.get(group)
    if group == "trainer":
        assert set(section) - set(OURS) <= inspect.signature(pl.Trainer).parameters.keys()
    elif section is not None and "_target_" in section:
        made = instantiate(section)
        assert callable(made) or group in MADE_WHOLE


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice.split("=")[0] in OF_EVALUATE])
def test_what_evaluate_uses_composes_with_its_default(choice):
    config = composed("evaluate", choice)
    check_options(config, BOUNDS["evaluate"])
    assert "${" not in str(OmegaConf.to_container(config, resolve=True))


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice.startswith("terms=")])
def test_every_loss_term_is_built_with_its_weight(choice, tmp_path):
    data = toy_data(tmp_path)
    toy_encoder(data).save(tmp_path / "encoder")
    teacher = [f"terms.distillation.checkpoint={tmp_path}"] if choice == "terms=distillation" else []
    losses = build_losses(composed("train", choice, *teacher), None, data.train, 16)
    assert list(losses.terms) == [choice.split("=")[1]]
    assert all(weight.at(0.99) > 0 for weight in losses.weights.values())


@pytest.mark.parametrize("sampler", [choice for choice in CHOICES if choice.startswith("sampler=")])
def test_every_strategy_plans(sampler, tmp_path):
    strategy = instantiate(composed("train", sampler).sampler)(
        index=toy_data(tmp_path, concepts=40).train, batch_size=8, seed=1
    )
    assert strategy.plan(0).shape == (8, 3)
    assert strategy.describe()["strategy"] == sampler.split("=")[1]


def swept(overrides: Iterable[str]) -> list[list[str]]:
    """The values of each override as overrides of their own: several where it is a sweep."""
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    return [
        [f"{each.key_or_group}={value}" for value in each.sweep_string_iterator()]
        if each.is_sweep_override()
        else [word]
        for each, word in zip(parsed, overrides, strict=True)
    ]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_says_how_to_run_it_and_its_commands_compose(path):
    head = re.sub("<.*?>", "folder", path.read_text())
    assert f"experiment={path.stem}" in head.splitlines()[1]
    shown = list(commands(head.replace("# ", "")))
    assert shown
    for overrides in shown:
        config = composed("train", *(values[0] for values in swept(overrides)))
        check_options(config, BOUNDS["train"])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_composes_with_the_tiny_model_and_the_embedded_data(path):
    tiny = [f"experiment={path.stem}", "model=tiny", "dataset=cldr_facts", "benchmark=cldr_facts", "trainer=cpu"]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        sweeper = compose("train", overrides=tiny, return_hydra_config=True).hydra.sweeper
    params = [f"{key}={value}" for key, value in (sweeper.params or {}).items()]
    for jobs in swept(params):
        for job in jobs:
            config = composed("train", *tiny, job)
            assert config.model.name == "tiny"
            assert config.trainer.accelerator == "cpu"


@pytest.mark.slow
def test_a_recipe_runs_through_the_command_and_each_job_is_what_its_folder_says(tmp_path):
    few = (*SMALL, "max_steps=2", "callbacks.validation.every_n_steps=2")
    sweep = ("-m", "experiment=adversarial", "sampler=hybrid", "seed=1", f"hydra.sweep.dir={tmp_path / 'sweep'}")
    answer = type_in("src.train", *sweep, *few, f"cache_dir={tmp_path / 'cache'}")
    assert answer.status == 0, answer.text
    folders = {path.parent.name: path for path in (tmp_path / "sweep").glob("*/metrics.json")}
    assert set(folders) == {"terms-[]", "terms-[adversarial]", "terms-[modir]"}
    for name, path in folders.items():
        assert f"terms-[{','.join(OmegaConf.load(path.parent / 'config.yaml').terms)}]" == name
    compared = type_in("src.compare", str(tmp_path / "sweep"))
    assert all(name.replace("-", "=") in compared.out for name in folders), compared.text


LIGHT = """
import atexit, runpy, sys
heavy = ("torch", "pytorch_lightning", "transformers", "torchmetrics", "pyarrow", "wandb", "matplotlib", "faiss")
atexit.register(lambda: print("HEAVY", [name for name in heavy if name in sys.modules]))
module, sys.argv[1:] = sys.argv[1], sys.argv[2:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def light(module: str, *arguments: str, cwd: Path) -> str:
    """What a command prints that must import nothing heavy, started from any folder."""
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LIGHT, module, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("HEAVY []\n")
    assert not list(cwd.iterdir())
    return done.stdout


def commands(text: str) -> Iterator[list[str]]:
    """The overrides of the commands that a help text shows."""
    for line in text.splitlines():
        if line.startswith("python -m src."):
            typed = shlex.split(line.split("    ")[0])[3:]
            yield [word for word in typed if word != "-m" and not word.startswith("--") and "=" in word]


@pytest.mark.parametrize(
    ("entry", "shows"),
    [
        *[("train", 5), ("evaluate", 5), ("audit", 3), ("mine", 4)],
        *[("rescore", 4), ("export", 4), ("check", 3), ("dashboard", 4)],
    ],
)
def test_help_is_light_and_shows_commands_that_compose(entry, shows, tmp_path):
    text = light(f"src.{entry}", "--help", cwd=tmp_path)
    assert "sampler: " in text or entry in ("rescore", "export", "dashboard")
    assert "cache_dir: outputs/.cache" in text or entry in ("rescore", "export", "dashboard")
    shown = list(commands(text))
    assert len(shown) == shows
    for overrides in shown:
        composed("train" if entry == "check" else entry, *(values[0] for values in swept(overrides)))


@pytest.mark.parametrize("page", sorted((CONF / "hydra" / "help").glob("*.yaml")), ids=lambda page: page.stem)
def test_a_help_page_fits_80_columns(page):
    """What Hydra puts in it does not, nor a long command, which stands unbroken and alone so that it can be copied."""
    text = OmegaConf.create({"hydra": {"help": OmegaConf.load(page)}}).hydra.help.template
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(line.startswith("python -m src.") and "  " not in line for line in wide), wide


@pytest.mark.parametrize("entry", ["train", "evaluate"])
def test_the_configuration_is_shown_without_importing_anything_heavy(entry, tmp_path):
    text = light(f"src.{entry}", "seed=7", "--cfg", "job", cwd=tmp_path)
    assert "seed: 7\n" in text
