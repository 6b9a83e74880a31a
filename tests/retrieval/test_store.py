import json
import os
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from src.errors import InputError
from src.retrieval import store as module
from src.retrieval.store import Manifest, Store

MANIFEST = Manifest(
    encoder="e", texts="t", side="passage", precision=None, dtype="float32", dimension=4, rows=10, shard=3
)
TEXTS = [str(i) for i in range(10)]


def vectors(texts):
    """A text's embedding is its number, four times."""
    return np.repeat(np.array([float(text) for text in texts], np.float32)[:, None], 4, axis=1)


class Encoder:
    """Remembers what it was asked, and stops after some shards as if it were killed."""

    def __init__(self, stop_after=99):
        self.asked, self.left = [], stop_after

    def __call__(self, texts):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.asked.append(list(texts))
        return vectors(texts)


def fill(folder, encoder, manifest=MANIFEST, share=range(4)):
    kept = []
    store = Store(folder, manifest)
    store.fill(lambda start, stop: encoder(TEXTS[start:stop]), share, kept.append)
    return store, kept


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_shards_hold_every_text_in_its_place(tmp_path, dtype):
    store, kept = fill(tmp_path / "deep" / "store", Encoder(), replace(MANIFEST, dtype=dtype))
    embeddings = store.open()
    assert kept == []
    assert [len(part) for part in embeddings.parts] == [3, 3, 3, 1]
    assert {part.dtype for part in embeddings.parts} == {np.dtype(dtype)}
    assert all(isinstance(part, np.memmap) for part in embeddings.parts)
    np.testing.assert_array_equal(embeddings.matrix(), vectors(TEXTS))


def test_what_was_finished_before_a_kill_is_not_encoded_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, Encoder(stop_after=2))
    again = Encoder()
    store, kept = fill(tmp_path, again)
    assert again.asked == [TEXTS[6:9], TEXTS[9:]]
    assert kept == [3, 3]
    np.testing.assert_array_equal(store.open().matrix(), vectors(TEXTS))


def test_what_a_killed_run_left_half_written_is_swept_away_and_another_runs_is_not(tmp_path):
    old, young = (tmp_path / f".000001.{process}.part" for process in (1, 2))
    for part in (old, young):
        part.write_bytes(b"half a shard")
    os.utime(old, (0, 0))
    fill(tmp_path, Encoder())
    assert [part.name for part in tmp_path.glob("*.part")] == [young.name]


def test_a_damaged_shard_is_encoded_again(tmp_path, caplog):
    fill(tmp_path, Encoder())
    second = sorted(tmp_path.glob("*.npy"))[1]
    content = bytearray(second.read_bytes())
    content[-1] ^= 1
    second.write_bytes(content)
    again = Encoder()
    store, _ = fill(tmp_path, again)
    assert again.asked == [TEXTS[3:6]]
    assert f"{second} is damaged" in caplog.text
    np.testing.assert_array_equal(store.open().matrix(), vectors(TEXTS))


def test_a_half_written_shard_is_none(tmp_path):
    fill(tmp_path, Encoder())
    first = min(tmp_path.glob("*.npy"))
    first.rename(tmp_path / ".000000.123.npy")
    with pytest.raises(InputError, match="1 of 4 shards are missing"):
        Store(tmp_path, MANIFEST).open()


def test_processes_share_the_shards(tmp_path):
    first, second = Encoder(), Encoder()
    fill(tmp_path, first, share=[0, 1])
    fill(tmp_path, second, share=[2, 3])
    assert len(first.asked) == len(second.asked) == 2
    np.testing.assert_array_equal(Store(tmp_path, MANIFEST).open().matrix(), vectors(TEXTS))


@pytest.mark.parametrize(
    ("key", "other"), [("encoder", "another"), ("texts", "others"), ("dimension", 5), ("shard", 4)]
)
def test_embeddings_of_something_else_are_never_mixed_in(tmp_path, key, other):
    fill(tmp_path, Encoder())
    with pytest.raises(InputError) as error:
        Store(tmp_path, replace(MANIFEST, **{key: other}))
    assert f"are of {key} {getattr(MANIFEST, key)}, and these would be of {key} {other}" in error.value.what
    assert error.value.where == str(tmp_path / "manifest.json")


def test_a_broken_manifest(tmp_path):
    fill(tmp_path, Encoder())
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="malformed JSON"):
        Store(tmp_path, MANIFEST)


@pytest.mark.parametrize(("value", "dtype"), [(np.nan, "float32"), (1e6, "float16")])
def test_what_cannot_be_ranked_is_not_kept(tmp_path, value, dtype):
    def embed(texts):
        made = vectors(texts)
        made[made == 4] = value
        return made

    with pytest.raises(InputError, match=f"the embedding of text 4 holds NaN or infinity in {dtype}"):
        fill(tmp_path, embed, replace(MANIFEST, dtype=dtype))
    assert len(list(tmp_path.glob("*.npy"))) == 1


def test_no_room_is_told_before_anything_is_encoded(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(100))
    with pytest.raises(InputError, match=r"the embeddings take 0\.0 GB, and 0\.0 GB are free"):
        Store(tmp_path, MANIFEST)


def test_what_is_there_needs_no_more_room(tmp_path, monkeypatch):
    fill(tmp_path, Encoder())
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(0))
    np.testing.assert_array_equal(Store(tmp_path, MANIFEST).open().matrix(), vectors(TEXTS))


def test_a_disk_that_fills_up_keeps_what_is_there(tmp_path, monkeypatch):
    save = np.save
    calls = []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        save(*arguments)

    monkeypatch.setattr(module.np, "save", full)
    with pytest.raises(InputError, match="the disk is full"):
        fill(tmp_path, Encoder())
    monkeypatch.setattr(module.np, "save", save)
    again = Encoder()
    fill(tmp_path, again)
    assert len(again.asked) == 3


def test_the_identity_says_all_of_it():
    assert len({replace(MANIFEST, **{key: "x"}).identity for key in json.loads('["encoder", "texts", "dtype"]')}) == 3
