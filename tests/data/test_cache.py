import pytest

from src.data.cache import cached_folder, new_folder
from src.errors import InputError


def write(text):
    return lambda folder: (folder / "file").write_text(text)


def test_built_once_and_then_found(tmp_path):
    folder = cached_folder(tmp_path / "deep" / "cache", write("first"))
    assert cached_folder(folder, lambda _: pytest.fail("built again")) == folder
    assert (folder / "file").read_text() == "first"
    assert [path.name for path in folder.parent.iterdir()] == ["cache"]


def test_a_failure_leaves_nothing_and_the_next_run_builds(tmp_path):
    def fail(folder):
        write("half")(folder)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        cached_folder(tmp_path / "cache", fail)
    assert list(tmp_path.iterdir()) == []
    assert (cached_folder(tmp_path / "cache", write("whole")) / "file").read_text() == "whole"


def test_the_first_of_two_builders_wins(tmp_path):
    with new_folder(tmp_path / "cache") as slower:
        write("slower")(slower)
        cached_folder(tmp_path / "cache", write("faster"))
    assert (tmp_path / "cache" / "file").read_text() == "faster"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write the cache"):
        cached_folder(tmp_path / "file" / "cache", write("x"))
