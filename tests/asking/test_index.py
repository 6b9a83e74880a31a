"""Answers and their bias against rankings that are made by hand."""

import logging

import numpy as np
import pytest

from src.asking.bias import query_bias
from src.asking.index import Index
from src.asking.texts import Text, Texts
from src.encoder.debias import Debias
from src.encoder.encode import encode
from src.errors import InputError
from src.evaluation.encoding import Encoding
from src.retrieval.exact import ExactSearch
from src.retrieval.faiss_search import FaissSearch
from tests.toy import toy_data, toy_encoder

QUESTION = "en passage 3 says so so so"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return toy_encoder(toy_data(tmp_path_factory.mktemp("toy")))


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Two copies of the question, in en; the other texts, in three languages, score less."""
    rows = [Text(f"{code} passage {i}", code, f"{code}.txt:{i}", str(i)) for code in ("de", "fr") for i in range(4)]
    return Texts([*rows, Text(QUESTION, "en", "en.txt:1", "3"), Text(QUESTION, "en", "en.txt:2"), Text("x", "?", "x")])


@pytest.fixture
def index(encoder, texts) -> Index:
    return Index(encoder, texts, ExactSearch(), Encoding())


def by_hand(encoder, texts) -> list[int]:
    """Numbers of the texts, best first."""
    asked, found = (encode(encoder, each, "query") for each in ([QUESTION], [text.text for text in texts.rows]))
    scores = (found.astype(np.float64) @ asked[0].astype(np.float64)).astype(np.float32)
    return sorted(range(len(texts)), key=lambda i: (scores[i], texts[i].source), reverse=True)


def test_the_best_come_first_and_equal_texts_by_their_source(index, encoder, texts):
    asked = index.ask(QUESTION, 5)
    assert [answer.number for answer in asked.answers] == by_hand(encoder, texts)[:5]
    assert [answer.number for answer in asked.answers[:2]] == [9, 8]  # en.txt:2 before en.txt:1
    assert [answer.rank for answer in asked.answers] == [1, 2, 3, 4, 5]
    assert asked.answers[0].score == asked.answers[1].score == pytest.approx(1, abs=1e-6)
    assert len(index.ask(QUESTION, 99).answers) == len(texts) == 11


def test_the_bias_is_that_of_the_whole_ranking(index, encoder, texts):
    order = by_hand(encoder, texts)
    rank = {number: place for place, number in enumerate(order, start=1)}
    found = query_bias(index, index.ask(QUESTION, 2, "en"), answer=2)
    rows = {row.language: row for row in found.languages}
    assert (rows["en"].found, rows["en"].share, rows["en"].pool_share) == (2, 1.0, 2 / 11)
    assert (rows["de"].found, rows["de"].share, rows["de"].pool_share) == (0, 0.0, 4 / 11)
    assert rows["en"].first == 1
    assert rows["de"].first == min(rank[number] for number in range(4))
    assert [row.first for row in found.languages] == sorted(row.first for row in found.languages)
    assert {code: row.translation for code, row in rows.items()} == {
        "en": 2,  # itself: the better copy has no id
        "de": rank[3],
        "fr": rank[7],
        "?": None,
    }
    assert found.distance == max(rank[3], rank[7]) - 2
    without = query_bias(index, index.ask(QUESTION, 2), answer=1)
    assert (without.answer, without.id, without.distance) == (None, None, None)


def test_an_approximate_search_finds_what_it_can(encoder, texts):
    index = Index(encoder, texts, FaissSearch("HNSW8"), Encoding())
    assert {answer.number for answer in index.ask(QUESTION, 2).answers} == {8, 9}


def test_a_second_start_embeds_nothing(encoder, texts, tmp_path, monkeypatch, caplog):
    kept = Encoding(cache_dir=str(tmp_path), on_disk_from=1)
    first = Index(encoder, texts, ExactSearch(), kept).ask(QUESTION, 3).answers
    sides = []

    def counted(encoder, texts, side, **_):
        sides.append(side)
        return encode(encoder, texts, side)

    monkeypatch.setattr("src.encoder.encode.encode", counted)
    with caplog.at_level(logging.INFO):
        again = Index(encoder, texts, ExactSearch(), kept)
    assert "1 of 1 shards are in" in caplog.text
    assert again.ask(QUESTION, 3).answers == first
    assert sides == ["query"]


def test_debiasing_is_told_what_it_lacks(tmp_path, texts):
    encoder = toy_encoder(toy_data(tmp_path))
    zeros = np.zeros((3, 16), np.float32)
    zeros[1] = 0.2
    encoder.debias = Debias(("de", "en", "fr"), zeros, np.zeros((3, 0, 16), np.float32), True, "", {})
    with pytest.raises(InputError, match=r"needs a language it was fitted for, not \?"):
        Index(encoder, texts, ExactSearch(), Encoding())
    index = Index(encoder, Texts(texts.rows[:-1]), ExactSearch(), Encoding())
    with pytest.raises(InputError, match="query_language"):
        index.ask(QUESTION, 2)
    assert index.ask(QUESTION, 2, "en").answers[0].score == pytest.approx(1, abs=1e-6)
    assert index.ask(QUESTION, 2, "de").answers[0].score < 1 - 1e-4  # another language's mean is removed
