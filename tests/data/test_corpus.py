import hashlib
import tracemalloc

import pytest

import src.data.corpus
from src.data.corpus import Passage, cached_corpus, join_corpora
from src.errors import InputError

PASSAGES = [("d1", "one"), ("d2", "two words"), ("d3", "日本")]


def rows(passages):
    return lambda: (Passage(ident, text, f"x.jsonl, line {n}") for n, (ident, text) in enumerate(passages, start=1))


def write(folder, passages, *key, **options):
    return cached_corpus(folder, key or ("k",), rows(passages), where="x.jsonl", **options)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_rows_in_their_order_whatever_the_batches(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(src.data.corpus, "BATCH", batch)
    corpus = write(tmp_path, PASSAGES)
    assert list(zip(corpus.ids, corpus.texts, strict=True)) == PASSAGES
    strings = [string.encode() for passage in PASSAGES for string in passage]
    content = b"".join(len(string).to_bytes(8, "little") + string for string in strings)
    assert corpus.digest == hashlib.sha256(content).hexdigest()


def test_written_once_for_a_key(tmp_path):
    first = write(tmp_path, PASSAGES, "a", "b")

    def never():
        raise AssertionError("read again")

    again = cached_corpus(tmp_path, ("a", "b"), never, where="x.jsonl")
    assert again.digest == first.digest
    assert list(again.texts) == list(first.texts)
    with pytest.raises(AssertionError):
        cached_corpus(tmp_path, ("ab",), never, where="x.jsonl")


def test_the_digest_is_of_ids_and_texts(tmp_path):
    others = [[("d1", "on"), ("ed2", "two")], [("d1", "one"), ("d2", "two")], [("d2", "two"), ("d1", "one")]]
    assert len({write(tmp_path, passages, str(n)).digest for n, passages in enumerate(others)}) == 3


@pytest.mark.parametrize(
    ("passages", "message", "where"),
    [
        ([], "the corpus is empty", "x.jsonl"),
        ([*PASSAGES, ("d2", "again")], "'d2' comes twice, first at x.jsonl, line 2", "x.jsonl, line 4"),
        ([*PASSAGES, ("d4", " \n")], "'d4' is empty", "x.jsonl, line 4"),
        ([("", "text")], "without an id", "x.jsonl, line 1"),
        ([("d1", "\ud800")], "surrogate", "x.jsonl, line 1"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(tmp_path, passages, message, where):
    with pytest.raises(InputError, match=message) as error:
        write(tmp_path, passages)
    assert error.value.where == where
    assert not any((tmp_path / "corpora").iterdir())


def test_empty_texts_where_allowed_are_counted(tmp_path):
    assert write(tmp_path, [*PASSAGES, ("d4", ""), ("d5", " ")], allow_empty=True).empty == 2


def test_equal_hashes_of_different_ids_do_no_harm(tmp_path, monkeypatch):
    monkeypatch.setattr(src.data.corpus, "_hash", lambda ident: len(ident))
    assert len(write(tmp_path, PASSAGES)) == 3
    with pytest.raises(InputError, match="'d3' comes twice"):
        write(tmp_path, [*PASSAGES, ("d3", "x")], "other")


def test_corpora_one_after_the_other(tmp_path):
    first, second = write(tmp_path, PASSAGES, "1"), write(tmp_path, [("e1", "")], "2", allow_empty=True)
    joined = join_corpora([first, second])
    assert list(joined.ids) == ["d1", "d2", "d3", "e1"]
    assert (len(joined), joined.empty) == (4, 1)
    assert len({joined.digest, join_corpora([second, first]).digest, first.digest}) == 3
    assert join_corpora([first]) is first


def test_memory_does_not_grow_with_the_texts(tmp_path, monkeypatch):
    monkeypatch.setattr(src.data.corpus, "BATCH", 100)
    tracemalloc.start()
    corpus = write(tmp_path, ((f"d{n}", f"{n} " * 500) for n in range(4000)))
    found = corpus.ids.rows({"d7", "d3999", "d4000"})
    assert tracemalloc.get_traced_memory()[1] < 2 * 2**20  # of more than 9 MiB
    tracemalloc.stop()
    assert found == {"d7": 7, "d3999": 3999}
