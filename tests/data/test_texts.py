import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from src.data import texts as module
from src.data.texts import ParallelTexts
from src.errors import InputError

GERMAN = ["eins", None, "drei", "", "fünf"]
CHINESE = ["一", "二", None, "四", "五"]


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 2)  # several record batches from five texts
    group = np.array([0, 1, 0, 3, 4])
    return ParallelTexts.write(tmp_path / "texts", ["de", "zh"], {"de": GERMAN, "zh": iter(CHINESE)}, group)


def test_texts_come_back_by_id_and_language(written):
    assert len(written) == 5
    assert written.get(np.array([4, 0, 1, 3]), np.array([0, 1, 1, 0])) == ["fünf", "一", "二", ""]


def test_held_and_iterate_follow_the_ids(written):
    assert written.held(0).tolist() == [True, False, True, True, True]
    assert list(written.iterate(1)) == ["一", "二", "四", "五"]


@pytest.mark.parametrize(("row", "language"), [(1, 0), (5, 0), (-1, 1)])
def test_a_text_that_is_not_held_is_an_error(written, row, language):
    with pytest.raises(InputError, match=f"no text with id {row}"):
        written.get(np.array([row]), np.array([language]))


def test_identity_is_the_group(written, tmp_path):
    assert written.identity(np.array([2, 4, 1])).tolist() == [0, 4, 1]
    plain = ParallelTexts.write(tmp_path / "plain", ["de"], {"de": GERMAN})
    assert plain.group is None
    assert plain.identity(np.array([2, 4])).tolist() == [2, 4]


def test_pickles_as_its_path(written):
    data = pickle.dumps(written)
    assert len(data) < 300
    again = pickle.loads(data)
    assert again.fingerprint == written.fingerprint
    assert again.get(np.array([4]), np.array([1])) == ["五"]


def test_fingerprint_is_of_the_content_alone(tmp_path):
    def fingerprint(name, languages=("a", "b"), a=("x", "yz"), b=("u", None), group=None):
        return ParallelTexts.write(tmp_path / name, languages, {"a": a, "b": b}, group).fingerprint

    first = fingerprint("first")
    assert first == fingerprint("second")
    changed = [
        fingerprint("moved boundary", a=("xy", "z")),
        fingerprint("empty, not absent", b=("u", "")),
        fingerprint("other order", languages=("b", "a")),
        fingerprint("grouped", group=np.array([0, 0])),
    ]
    assert len({first, *changed}) == 5


def test_a_failed_write_leaves_nothing(tmp_path):
    def failing():
        yield "one"
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        ParallelTexts.write(tmp_path / "texts", ["de"], {"de": failing()})
    assert list(tmp_path.iterdir()) == []


def test_languages_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(ValueError, match="one row per id"):
        ParallelTexts.write(tmp_path / "texts", ["de", "zh"], {"de": ["a"], "zh": ["b", "c"]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["../de", "", "d e"])
def test_a_language_that_cannot_name_a_file(tmp_path, language):
    with pytest.raises(InputError, match="cannot name a file"):
        ParallelTexts.write(tmp_path / "texts", [language], {language: ["a"]})


def test_no_texts_at_all(tmp_path):
    empty = ParallelTexts.write(tmp_path / "texts", ["de"], {"de": []})
    assert len(empty) == 0
    assert empty.held(0).tolist() == []
    assert list(empty.iterate(0)) == []


def test_what_was_read_does_not_stay_resident(tmp_path, monkeypatch):
    """96 MB of texts, all read one by one and in order: a kernel may map 2 MB around each."""
    rows = 6000
    texts = ParallelTexts.write(tmp_path / "texts", ("en",), {"en": (f"{i} " + "x" * 16_000 for i in range(rows))})
    [file] = tmp_path.glob("texts/en.arrow")
    order = np.random.default_rng(0).permutation(rows)
    resident = {}
    for most in (10**9, 16):
        monkeypatch.setattr(module, "READ", most)
        assert [text.split()[0] for text in texts.get(order, np.zeros(rows, int))] == [str(i) for i in order]
        assert sum(1 for _ in texts.iterate(0)) == rows
        resident[most] = _resident(file)
    assert resident[16] < 32e6 < 90e6 < resident[10**9]


def _resident(file):
    """Bytes of a file that are mapped into this process's memory."""
    about = Path("/proc/self/smaps")
    if not about.exists():
        pytest.skip("the system does not say what is resident")
    parts = about.read_text().split(str(file))[1:]
    return sum(1024 * int(re.search(r"Rss: +(\d+) kB", part)[1]) for part in parts)


def test_half_of_a_surrogate_pair_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"half of a surrogate pair[^§]*'de'"):
        ParallelTexts.write(tmp_path / "texts", ["de"], {"de": ["eins", "zw\ud800i"]})
