"""Small evaluations and runs written by hand, in the formats that the real ones have."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from src.reporting.folder import write_config, write_json
from src.reporting.results import write_per_query
from src.reporting.settings import config_hash

LANGUAGES = ("ar", "de", "en")
Value = Callable[[str, int, str, str], float]


def _rows(languages: tuple[str, ...], concepts: int, value: Value) -> list[dict[str, Any]]:
    rows = []
    for concept in range(concepts):
        for query in languages:
            for candidate in (*languages, "*"):
                setting = (
                    "multilingual" if candidate == "*" else ("monolingual" if candidate == query else "crosslingual")
                )
                score = value(setting, concept, query, candidate)
                rows.append(
                    {
                        "setting": setting,
                        "query": f"{query}_{concept}",
                        "concept": concept,
                        "query_language": query,
                        "candidate_language": candidate,
                        "relevant": len(languages) if candidate == "*" else 1,
                        "mAP": score,
                        "R@1": score / 2,
                        "R@10": min(1.0, score * 1.1),
                        "rank_distance": 100 * (1 - score) if candidate == "*" else None,
                        "same_language@10": 0.5 if candidate == "*" else None,
                    }
                )
    return rows


def _mean(rows: list[dict[str, Any]], metric: str, **where: str) -> float:
    kept = [row[metric] for row in rows if all(row[key] == wanted for key, wanted in where.items())]
    return float(np.mean(kept))


def make_evaluation(
    value: Value = lambda *_: 0.5, *, name: str = "toy", languages: tuple[str, ...] = LANGUAGES, concepts: int = 6
) -> SimpleNamespace:
    """An evaluation whose AP is `value(setting, concept, query language, candidate language)`."""
    rows = _rows(languages, concepts, value)
    metrics = ("mAP", "R@1", "R@10")
    views = {
        "monolingual": len(languages),
        "crosslingual": len(languages) * (len(languages) - 1),
        "multilingual": len(languages),
    }
    views = views if len(languages) > 1 else {"monolingual": 1}
    counts = {setting: {"queries": views[setting] * concepts, "results": views[setting]} for setting in views}
    summary = {
        "name": name,
        "languages": list(languages),
        "fingerprint": f"fingerprint-of-{name}",
        "template": "sentence",
        "candidates": 1234,
        "queries": concepts * len(languages),
        "settings": {s: {m: _mean(rows, m, setting=s) for m in metrics} | counts[s] for s in views},
        "bias": {
            "rank_distance": _mean(rows, "rank_distance", setting="multilingual"),
            "rank_distance_share": _mean(rows, "rank_distance", setting="multilingual") / 1234,
            "same_language@10": 0.5,
            "same_language@10_unbiased": 1 / len(languages),
        },
        "by_language": {
            s: {q: {m: _mean(rows, m, setting=s, query_language=q) for m in metrics} for q in languages} for s in views
        }
        | {
            "rank_distance": {
                q: _mean(rows, "rank_distance", setting="multilingual", query_language=q) for q in languages
            }
        },
        "pairs": {
            f"{q}-{c}": {m: _mean(rows, m, query_language=q, candidate_language=c) for m in metrics}
            | {"queries": concepts}
            for q in languages
            for c in languages
        },
    }
    matrix = np.array([[summary["pairs"][f"{q}-{c}"]["mAP"] for c in languages] for q in languages])
    return SimpleNamespace(
        benchmark=SimpleNamespace(name=name, languages=languages),
        summary=summary,
        per_query=pa.Table.from_pylist(rows),
        matrices={"mAP": matrix, "pooled mAP": matrix / 2},
        sample=None,
    )


def make_run(
    folder: Path,
    *,
    seed: int,
    sampler: dict[str, Any],
    choice: str,
    evaluations: list[SimpleNamespace],
    status: str = "finished",
    steps: int = 100,
    data: str = "datahash",
) -> Path:
    """A run's folder as a training run leaves it."""
    folder.mkdir(parents=True)
    config = {"seed": seed, "batch_size": 8, "sampler": sampler, "run_dir": str(folder), "logger": {"mode": "auto"}}
    record = {
        "status": status,
        "error": None if status == "finished" else "stopped",
        "choices": {"sampler": choice, "logger": "wandb"},
        "seed": seed,
        "config_hash": config_hash(config, folder),
        "folder": str(folder),
        "git": {"commit": "abc", "dirty": False},
        "data": {"fingerprint": data},
        "training": {"steps": steps},
    }
    write_json(folder / "record.json", record)
    write_config(folder, config)
    write_json(folder / "metrics.json", {each.benchmark.name: each.summary for each in evaluations})
    write_per_query(folder, evaluations)
    return folder
