import hashlib
import os

import pytest

from src.data.fingerprint import digest, file_sha256
from src.errors import InputError


def test_digest_tells_values_apart_but_not_the_order_of_keys():
    assert digest({"a": 1, "b": [2, None]}) == digest({"b": [2, None], "a": 1})
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest(["ab", "c"])}) == 4


def test_a_file_is_hashed_once_until_it_changes(tmp_path):
    path, cache = tmp_path / "data.tsv", tmp_path / "cache"
    path.write_text("one")
    first = file_sha256(path, cache)
    assert first == hashlib.sha256(b"one").hexdigest()
    (remembered,) = (cache / "sha256").iterdir()
    remembered.write_text("from memory")
    assert file_sha256(path, cache) == "from memory"
    path.write_text("two")
    os.utime(path, ns=(0, 0))  # same size; only the time tells
    assert file_sha256(path, cache) == hashlib.sha256(b"two").hexdigest()


def test_a_cache_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write the cache"):
        file_sha256(tmp_path / "file", tmp_path / "file" / "cache")
