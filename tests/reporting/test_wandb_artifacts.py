"""What a run sends beside its figures, and what it says that it used."""

import json
import shutil
from pathlib import Path

import pytest

from src.errors import InputError
from src.reporting.wandb_artifacts import artifact_name, check_level, valid
from tests.command import SMALL, Answer, type_in
from tests.reporting.wandb_file import Recorded, read_wandb


def logged(recorded: Recorded, type_: str) -> list:
    return [each for each in recorded.artifacts if each.type == type_]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path) -> Path:
    """A run that keeps everything."""
    folder = tmp_path_factory.mktemp("artifacts") / "run"
    words = ("logger.artifacts=encoder", f"cache_dir={cache_dir}", f"hydra.run.dir={folder}")
    answer = type_in("src.train", *SMALL, "seed=7", *words)
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture(scope="module")
def evaluated(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifacts") / "evaluation"
    words = (f"checkpoint={trained}", "logger.artifacts=encoder", f"hydra.run.dir={folder}")
    answer = type_in("src.evaluate", "benchmark.languages=[de,en]", *words)
    assert answer.status == 0, answer.text
    return folder


def test_a_run_logs_its_data_its_encoder_and_its_results(trained: Path):
    recorded = read_wandb(trained)
    record = json.loads((trained / "record.json").read_text())
    short = record["config_hash"][:8]
    assert [(each.type, each.name, each.use_after_commit) for each in recorded.artifacts if each.user_created] == [
        ("dataset", "data-cldr_facts", True),
        ("dataset", "benchmark-cldr_facts_de_en", True),
    ]
    (encoder,), (results,) = logged(recorded, "model"), logged(recorded, "results")
    assert encoder.name == f"encoder-hybrid_tiny-seed7-{short}"
    assert results.name == f"results-hybrid_tiny-seed7-{short}"
    assert list(results.aliases) == ["latest"]
    files = {each.path: Path(each.local_path) for each in encoder.manifest.contents}
    assert set(files) == {path.name for path in (trained / "encoder").iterdir()}
    assert all(path.parent == trained / "encoder" for path in files.values())  # a model is not copied


def test_the_results_are_the_finished_run_that_compare_reads(trained: Path, tmp_path: Path):
    (results,) = logged(read_wandb(trained), "results")
    staged = {each.path: Path(each.local_path) for each in results.manifest.contents}
    assert set(staged) == {"config.yaml", "metrics.json", "per_query.parquet", "record.json"}
    assert all((trained / "wandb") in path.parents for path in staged.values())  # with the run, and sent with it
    (tmp_path / "run").mkdir()
    for name, path in staged.items():
        shutil.copyfile(path, tmp_path / "run" / name)
        assert path.read_bytes() == (trained / name).read_bytes()
    assert json.loads((tmp_path / "run" / "record.json").read_text())["status"] == "finished"
    answer = type_in("src.compare", str(tmp_path), "figures=false")
    assert answer.status == 0, answer.text


def test_data_are_a_reference_by_fingerprint(trained: Path):
    record = json.loads((trained / "record.json").read_text())
    held = {each.name: list(each.manifest.contents) for each in logged(read_wandb(trained), "dataset")}
    for name, fingerprint in {
        "data-cldr_facts": record["data"]["fingerprint"],
        "benchmark-cldr_facts_de_en": record["benchmarks"]["cldr_facts[de,en]"]["fingerprint"],
    }.items():
        (entry,) = held[name]
        assert (entry.ref.rsplit("/", 1)[-1], entry.local_path, entry.size) == (fingerprint, "", 0)


def test_an_evaluation_uses_the_very_encoder_that_training_logged(trained: Path, evaluated: Path):
    (made,), (used,) = (logged(read_wandb(folder), "model") for folder in (trained, evaluated))
    assert (made.use_after_commit, used.use_after_commit) == (False, True)
    assert (made.name, made.digest) == (used.name, used.digest)  # so a server sees one version
    assert logged(read_wandb(evaluated), "results")


def test_nothing_is_sent_unless_asked(finished_run: tuple[Path, Answer]):
    assert logged(read_wandb(finished_run[0]), "model") == logged(read_wandb(finished_run[0]), "results") == []


@pytest.mark.parametrize("level", ["all", "", "Results"])
def test_an_unknown_level_is_refused(level: str):
    with pytest.raises(InputError, match="one of none, results, encoder"):
        check_level(level)


def test_names_are_valid_and_stay_apart():
    assert valid("sweep a/b:c=1") == "sweep_a_b_c_1"
    long = [artifact_name("results", "x" * 200, end) for end in "ab"]
    assert len(long[0]) == len(long[1]) == 128
    assert long[0] != long[1]
