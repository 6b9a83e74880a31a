"""Grams, and signatures and buckets against datasketch's own."""

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH

from src.zero_shot import candidates
from src.zero_shot.candidates import Buckets
from src.zero_shot.grams import grams_of, jaccard
from src.zero_shot.signatures import Banding, banding, signatures
from tests.zero_shot.eleven import PASSAGES

WORDS = [f"{one}{two}" for one in ("ba", "ko", "lim", "stra", "vu", "xe") for two in ("den", "no", "ri", "tal", "zu")]


def sentences(count: int, seed: int = 0) -> list[str]:
    """Half of them edits of the one before."""
    rng = np.random.default_rng(seed)
    texts: list[list[str]] = []
    for place in range(count):
        words = list(texts[-1]) if place % 2 else [*rng.choice(WORDS, 20)]
        words[rng.integers(20)] = WORDS[rng.integers(len(WORDS))]
        texts.append(words)
    return [" ".join(words) for words in texts]


def minhash(grams, functions: int) -> MinHash:
    made = MinHash(num_perm=functions, seed=1, scheme="affine32", hashfunc=lambda value: value)
    made.update_batch([int(value) >> 32 for value in grams])
    return made


def test_grams_are_those_of_each_text():
    texts = ["abcdef", "", "abc", "東京都ab", "abcdabcd", "abcdef"]
    grams = grams_of(texts)
    # ab of 都ab is too short for a gram, as letters begin none of fewer than four characters
    assert grams.counts.tolist() == [3, 0, 0, 3, 5, 3]
    assert len(grams.of(4)) == 4
    assert grams.of(0).tolist() == grams.of(5).tolist()
    assert jaccard(grams.of(0), grams.of(4)) == pytest.approx(1 / 6)
    assert grams.select(np.array([0, 0, 0, 1, 0, 0], bool)).of(0).tolist() == grams.of(3).tolist()
    assert grams_of([]).counts.tolist() == grams_of(["", ""]).counts[:0].tolist() == []


@pytest.mark.parametrize(
    ("text", "length"),
    [("東京都庁", 2), ("ひらがな", 2), ("한국어로", 2), ("𠀀𠀁𠀂𠀃", 2), ("नमस्ते", 4), ("สวัสดี", 4), ("𐌰𐌱𐌲𐌳𐌴", 4)],
)
def test_a_character_that_says_much_begins_a_shorter_gram(text: str, length: int):
    assert grams_of([text]).counts.tolist() == [len(text) - length + 1]


def test_signatures_are_those_of_datasketch():
    texts = [*sentences(300), *(text.original for text in PASSAGES.values())]  # more than are signed together
    grams = grams_of(texts)
    signed = signatures(grams, 104)
    for text in [0, 255, 256, *range(299, len(texts))]:
        assert signed[text].tolist() == minhash(grams.of(text), 104).hashvalues.tolist()


@pytest.mark.parametrize("pairs_at_once", [1_000_000, 5])
def test_pairs_are_those_of_datasketch(pairs_at_once: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(candidates, "PAIRS", pairs_at_once)
    grams = grams_of(sentences(60))
    bands = Banding(26, 4, 0.0)
    index = MinHashLSH(num_perm=bands.functions, params=(bands.bands, bands.rows))
    hashed = [minhash(grams.of(text), bands.functions) for text in range(len(grams))]
    for text, values in enumerate(hashed):
        index.insert(text, values)
    signed = signatures(grams, bands.functions)
    found = [pair for pairs in Buckets(signed, bands).pairs(signed) for pair in zip(*map(list, pairs), strict=True)]
    assert found == sorted(set(found))
    assert set(found) == {(one, other) for one, values in enumerate(hashed) for other in index.query(values)}
    assert len(found) > 60


def test_pairs_that_are_in_memory_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(candidates, "PAIRS", 5)
    slices = candidates._slices(np.array([2, 3, 1, 7, 0, 5, 1]))
    assert [(part.start, part.stop) for part in slices] == [(0, 2), (2, 3), (3, 4), (4, 6), (6, 7)]


@pytest.mark.parametrize("similarity", [0.5, 0.7, 0.8, 0.9, 0.95])
def test_what_is_similar_enough_shares_a_bucket(similarity: float):
    bands = banding(similarity)
    assert (1 - similarity**bands.rows) ** bands.bands <= 1e-3
    assert bands.functions <= 128
    assert 0 < bands.least < similarity


def test_the_signature_estimates_the_similarity():
    texts = sentences(400, seed=1)
    grams = grams_of(texts)
    signed = signatures(grams, 104)
    pairs = range(0, 400, 2)
    true = np.array([jaccard(grams.of(pair), grams.of(pair + 1)) for pair in pairs])
    estimated = np.array([(signed[pair] == signed[pair + 1]).mean() for pair in pairs])
    assert abs((estimated - true).mean()) < 0.01
    assert np.std(estimated - true) < 0.06
