import numpy as np
import pytest

from src.data.cldr.parallel import parallel_facts
from src.data.readers.cldr_facts import read
from src.errors import InputError

LANGUAGES = ["de", "hi", "zh"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return read(tmp_path_factory.mktemp("cache"), languages=LANGUAGES)


def test_concepts_ids_address_question_and_answer_of_one_fact(data):
    made = parallel_facts(LANGUAGES, where="")
    for index in (data.train, data.validation, data.test):
        assert index.question.tolist() == index.passage.tolist()
        ids, languages = index.question[[0, -1, 5]], np.array([0, 1, 2])
        expected = [(code, fact) for code, fact in zip(LANGUAGES, ids.tolist(), strict=True)]
        assert data.questions.get(ids, languages) == [made.questions[code][fact] for code, fact in expected]
        assert data.passages.get(ids, languages) == [made.answers[code][fact] for code, fact in expected]


def test_parts_are_the_fixed_split_and_share_no_fact(data):
    made = parallel_facts(None, where="")
    parts = [index.passage.tolist() for index in (data.train, data.validation, data.test)]
    assert parts == [part.tolist() for part in made.split]
    assert sorted(fact for part in parts for fact in part) == list(range(len(data.passages)))


def test_every_language_holds_every_text(data):
    assert data.train.languages == data.questions.languages == data.passages.languages == tuple(LANGUAGES)
    for index in (data.train, data.validation, data.test):
        assert (index.question_languages == 0b111).all()
        assert (index.passage_languages == 0b111).all()
    assert data.passages.held(1).all()


def test_all_eleven_languages_by_default(tmp_path):
    data = read(tmp_path)
    assert len(data.train.languages) == 11
    assert (data.train.question_languages == 2**11 - 1).all()
    assert len(data.questions) == len(data.passages) == sum(map(len, (data.train, data.validation, data.test)))
    assert data.name == data.train.datasets[0] == "cldr_facts"


def test_a_second_read_makes_nothing_anew(data, tmp_path, monkeypatch):
    first = read(tmp_path, languages=["de"])
    monkeypatch.setattr("src.data.readers.cldr_facts._write", lambda *_: pytest.fail("written again"))
    again = read(tmp_path, languages=["de"])
    assert again.fingerprint == first.fingerprint
    assert again.passages.fingerprint == first.passages.fingerprint
    assert again.fingerprint != data.fingerprint


def test_a_changed_text_is_never_read_from_the_cache(tmp_path, monkeypatch):
    before = read(tmp_path, languages=["de"])
    made = parallel_facts(["de"], where="")
    monkeypatch.setitem(made.answers, "de", ("Neu.", *made.answers["de"][1:]))
    monkeypatch.setattr("src.data.readers.cldr_facts.parallel_facts", lambda *_, **__: made)
    after = read(tmp_path, languages=["de"])
    assert after.fingerprint != before.fingerprint
    assert next(after.passages.iterate(0)) == "Neu."


def test_an_unknown_language_names_the_setting(tmp_path):
    with pytest.raises(InputError, match=r"dataset\.languages"):
        read(tmp_path, languages=["fr"])
