import pytest

from src.errors import InputError
from src.mining.folder import already_mined, check_own, identity_of, save


def write(text):
    def into(path):
        path.write_text(text)
        return "sha"

    return into


def test_a_mining_finds_itself_again_and_refuses_another(tmp_path):
    assert already_mined(tmp_path, "a") is None
    save(tmp_path, write("lines"), {"identity": "a", "found": 1})
    (tmp_path / "log.txt").write_text("told")
    check_own(tmp_path)
    assert already_mined(tmp_path, "a") == {
        "identity": "a",
        "found": 1,
        "file": {"name": "train.jsonl", "sha256": "sha"},
    }
    with pytest.raises(InputError, match="other options, data or encoder"):
        already_mined(tmp_path, "b")
    assert (tmp_path / "train.jsonl").read_text() == "lines"


def test_what_fails_leaves_nothing_and_what_was_killed_is_taken_up(tmp_path):
    def fail(path):
        path.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        save(tmp_path, fail, {"identity": "a"})
    assert not list(tmp_path.iterdir())
    (tmp_path / ".train.jsonl.123").write_text("half")
    check_own(tmp_path)


@pytest.mark.parametrize("name", ["train.jsonl", "record.json", "own.jsonl", ".hydra"])
def test_a_folder_of_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match=r"hydra\.run\.dir"):
        check_own(tmp_path)
    check_own(tmp_path / "new")


def test_only_what_decides_the_result_makes_it_another(tmp_path):
    config = {
        "ranks": [1, 5],
        "examples": 3,
        "device": "cpu",
        "run_dir": "a",
        "cache_dir": "c",
        "search": {"_target_": "x"},
    }
    first = identity_of(config, tmp_path, data="d", encoder="e")
    assert identity_of({**config, "examples": 1, "device": "cuda"}, tmp_path, data="d", encoder="e") == first
    assert identity_of({**config, "ranks": [1, 6]}, tmp_path, data="d", encoder="e") != first
    assert identity_of(config, tmp_path, data="d", encoder="f") != first
