import pytest

from src.reporting.settings import config_hash, settings


def test_places_are_left_out_and_the_rest_is_flat():
    config = {
        "seed": 1,
        "run_dir": "/out/1",
        "logger": {"mode": "auto"},
        "trainer": {"resume": None, "precision": "bf16"},
        "callbacks": {"checkpoint": {"dirpath": "/out/1/checkpoints"}},
        "tags": ["a", "b"],
    }
    assert settings(config, "/out/1", ignore=["tags"]) == {
        "seed": 1,
        "trainer.precision": "bf16",
        "callbacks.checkpoint.dirpath": "<run>/checkpoints",
    }


def test_an_empty_group_is_a_setting_too():
    assert settings({"terms": {}}, "f") == {"terms": "{}"}


def test_an_ignored_name_is_not_a_prefix_of_other_names():
    assert settings({"name": "x", "names": 1, "sweep": "s"}, "f") == {"names": 1}


def test_the_hash_is_of_what_is_computed_and_not_of_where():
    config = {"seed": 1, "sampler": {"alpha": 0.5}, "run_dir": "a", "logger": {"mode": "auto"}}
    moved = {"logger": {"mode": "offline"}, "run_dir": "b", "sampler": {"alpha": 0.5}, "seed": 1}
    assert config_hash(config, "a") == config_hash(moved, "b")
    assert config_hash(config, "a") != config_hash({**config, "seed": 2}, "a")
    assert config_hash(config, "a") != config_hash({**config, "sampler": {"alpha": 0.4}}, "a")


@pytest.mark.parametrize(
    "key",
    [
        *("hydra.job.num", "cache_dir", "max_overlap", "optimized_metric", "num_workers", "pretokenize"),
        *("encoding.cache_dir", "encoding.folder", "encoding.on_disk_from", "encoding.shard"),
        *("trainer.resume", "trainer.resources.mem_gb", "trainer.started_by", "callbacks.progress_bar"),
    ],
)
def test_what_computes_nothing_is_not_in_the_hash(key):
    config: dict = {"seed": 1}
    for part in reversed(key.split(".")):
        config = {part: config} if config != {"seed": 1} else {part: "here"}
    assert config_hash({"seed": 1, **config}, "a") == config_hash({"seed": 1}, "a")
