"""Small comparisons whose runs are configured as a paper's are, and whose figures are known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf

from src.comparing.comparing import Comparison, compare_runs
from src.comparing.interval import Bootstrap
from src.publishing.papers import papers
from src.reporting.folder import read_config, write_config
from tests.written_runs import make_evaluation, make_run

MEANS = {
    "monolingual": {"monolingual": 0.8, "crosslingual": 0.1, "multilingual": 0.2},
    "crosslingual": {"monolingual": 0.7, "crosslingual": 0.45, "multilingual": 0.35},
    "hybrid": {"monolingual": 0.75, "crosslingual": 0.4, "multilingual": 0.3},
}
AS_PUBLISHED = {
    "batch_size": 100,
    "negatives": 1,
    "model": {"name": "xlmr", "name_or_path": "base", "query_prompt": "Query: ", "passage_prompt": "Passage: "},
    "optimizer": {"lr": 3e-5, "weight_decay": 0.01},
    "objective": {"denominator": "explicit", "temperature": 0.05},
    "terms": {},
}
CHOSEN = {
    "model": "xlmr",
    "dataset": "mmarco",
    "dataset@validation_data": "squadshifts",
    "objective": "infonce",
    "optimizer": "adamw",
    "adapter": "None",
    "debias": "None",
    "augmentation": "None",
}
LANGUAGES = tuple(sorted(papers()[0].languages("xquad_r")))
NOISE = np.random.default_rng(0).normal(0, 0.02, size=(3, 12))  # by strategy and concept


def published_run(
    folder: Path,
    sampler: str,
    seed: int = 1,
    *,
    gain: float = 0.01,
    changes: dict[str, Any] | None = None,
    choices: dict[str, str] | None = None,
    languages: tuple[str, ...] = LANGUAGES,
) -> Path:
    """A run on xquad_r that has the paper's settings and its figures of XLM-R, each `gain` higher."""
    figures = {
        key.setting: by for key, by in papers()[0].figures.items() if key[:4] == ("xlmr", sampler, "xquad_r", "mAP")
    }
    evaluation = make_evaluation(
        lambda setting, _, query, __: figures[setting][query] + gain, name="xquad_r", languages=languages, concepts=2
    )
    make_run(folder, seed=seed, sampler={"alpha": 0.5}, choice=sampler, evaluations=[evaluation])
    config = OmegaConf.merge(read_config(folder), AS_PUBLISHED, changes or {})
    write_config(folder, OmegaConf.to_container(config))
    record = json.loads((folder / "record.json").read_text())
    record["choices"] |= CHOSEN | (choices or {})
    record["data"] |= {"languages": ["en", "ar", "zh", "de", "es", "ru", "th", "tr", "hi"]}
    record["checkpoint"] = {"why": "best val/loss"}
    (folder / "record.json").write_text(json.dumps(record))
    return folder


def toy_run(folder: Path, sampler: str, seed: int, **of: Any) -> Path:
    """A run on three languages in which each strategy has its own means."""
    number = list(MEANS).index(sampler)

    def value(setting: str, concept: int, query: str, candidate: str) -> float:
        return MEANS[sampler][setting] + 0.01 * (seed - 2) + NOISE[number, concept]

    evaluation = make_evaluation(value, concepts=NOISE.shape[1])
    return make_run(folder, seed=seed, sampler={"_target_": sampler}, choice=sampler, evaluations=[evaluation], **of)


def compared(folder: Path, **of: Any) -> Comparison:
    """All runs below a folder."""
    return compare_runs([folder], Bootstrap(resamples=200), **of)


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Three strategies with three seeds each."""
    folder = tmp_path_factory.mktemp("toy")
    for sampler in MEANS:
        for seed in (1, 2, 3):
            toy_run(folder / f"{sampler}-{seed}", sampler, seed)
    return compared(folder)
