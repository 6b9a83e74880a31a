import json
from pathlib import Path

import pytest

from src.errors import InputError
from src.reporting.folder import write_json
from src.reporting.record import RunRecord, finished
from src.reporting.settings import config_hash

CONFIG = {"seed": 3, "sampler": {"name": "hybrid"}}


def read(folder: Path) -> dict:
    return json.loads((folder / "record.json").read_text())


def test_a_run_is_recorded_from_its_first_moment_to_its_end(tmp_path: Path):
    folder = tmp_path / "run"
    with RunRecord(folder, CONFIG, overrides=["seed=3"], choices={"sampler": "hybrid"}) as record:
        first = read(folder)
        assert (first["status"], first["end"], first["seed"]) == ("running", None, 3)
        record.update(training={"steps": 10}, data={"fingerprint": "f"})
        record.update(training={"pairs_seen": 640})
        assert read(folder)["training"] == {"steps": 10, "pairs_seen": 640}
    last = read(folder)
    assert (last["status"], last["error"], last["overrides"], last["choices"]) == (
        "finished",
        None,
        ["seed=3"],
        {"sampler": "hybrid"},
    )
    assert last["data"] == {"fingerprint": "f"}
    assert last["end"] >= last["start"]
    assert last["wall_seconds"] >= 0
    assert {"environment", "git", "command"} <= last.keys()
    assert sorted(path.name for path in folder.iterdir()) == ["config.yaml", "record.json"]


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (ValueError("loss is NaN"), "failed", "ValueError: loss is NaN"),
        (KeyboardInterrupt(), "interrupted", "KeyboardInterrupt"),
    ],
)
def test_a_run_that_ends_badly_leaves_a_record_that_says_so(
    tmp_path: Path, error: BaseException, status: str, text: str
):
    with pytest.raises(type(error)), RunRecord(tmp_path, CONFIG):
        raise error
    assert (read(tmp_path)["status"], read(tmp_path)["error"]) == (status, text)


def test_only_the_writer_writes(tmp_path: Path):
    with RunRecord(tmp_path / "run", CONFIG, writer=False) as record:
        record.update(training={"steps": 1})
    assert not (tmp_path / "run").exists()
    assert record.values["status"] == "finished"


def test_a_folder_that_cannot_be_written_is_found_first(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), RunRecord(tmp_path / "file", CONFIG):
        pytest.fail("the run began")


def test_only_a_finished_job_of_the_same_configuration_is_finished(tmp_path: Path):
    same = config_hash(CONFIG, tmp_path)
    assert finished(tmp_path, same) is None
    with RunRecord(tmp_path, CONFIG):
        write_json(tmp_path / "metrics.json", {"toy": {"settings": {}}})
        assert finished(tmp_path, same) is None  # still running
    assert finished(tmp_path, same) == {"toy": {"settings": {}}}
    assert finished(tmp_path, config_hash({**CONFIG, "seed": 4}, tmp_path)) is None
    (tmp_path / "metrics.json").unlink()
    assert finished(tmp_path, same) is None


def test_a_finished_job_of_another_configuration_is_not_written_over_in_a_sweep(tmp_path: Path):
    with RunRecord(tmp_path, CONFIG):
        write_json(tmp_path / "metrics.json", {"toy": {"settings": {}}})
    same, other = (config_hash({**CONFIG, **changed}, tmp_path) for changed in ({}, {"seed": 4}))
    assert finished(tmp_path, same, shared=True) == {"toy": {"settings": {}}}
    with pytest.raises(InputError, match="finished job of another configuration"):
        finished(tmp_path, other, shared=True)


def test_a_failed_job_is_not_finished(tmp_path: Path):
    write_json(tmp_path / "metrics.json", {})
    with pytest.raises(RuntimeError), RunRecord(tmp_path, CONFIG):
        raise RuntimeError
    assert finished(tmp_path, config_hash(CONFIG, tmp_path)) is None
    (tmp_path / "record.json").write_text('{"status": "fin')
    assert finished(tmp_path, config_hash(CONFIG, tmp_path)) is None
