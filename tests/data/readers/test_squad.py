import json
import re
from functools import partial

import numpy as np
import pytest

from src.data.readers import squad
from src.errors import InputError

SENTENCES = {
    "de": ["Ada schrieb Programme.", "Bob las sie.", "Eve hörte zu."],
    "en": ["Ada wrote programs.", "Bob read them.", "Eve listened."],
}


def paragraph(language, number, questions, marked=True):
    """Sentence k of the paragraph answers question k."""
    sentences = [f"{text[:-1]} {number}." for text in SENTENCES[language]]
    context = " ".join(sentences)
    starts = [context.index(text) for text in sentences]
    breaks = [[start, start + len(text)] for start, text in zip(starts, sentences, strict=True)]
    qas = [
        {
            "id": f"p{number}q{k}",
            "question": f"{language} question {number}.{k}?",
            "answers": [{"text": sentences[k][:3], "answer_start": starts[k]}],
        }
        for k in questions
    ]
    return {"context": context, "qas": qas} | ({"sentence_breaks": breaks, "sentences": sentences} if marked else {})


def document(language, paragraphs=20, per_article=2, questions=(0, 1, 2), marked=True):
    made = [paragraph(language, number, questions, marked) for number in range(paragraphs)]
    articles = [made[start : start + per_article] for start in range(0, paragraphs, per_article)]
    return {"version": "1.1", "data": [{"title": "T", "paragraphs": parts} for parts in articles]}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for language in SENTENCES:
        save(folder, language, document(language))
    return folder


def save(folder, language, value):
    (folder / f"{language}.json").write_text(json.dumps(value), encoding="utf-8")


def read(folder, **settings):
    return squad.read(folder.parent / "cache", name="mine", folder=folder, **settings)


def questions(data, index, language):
    return data.questions.get(index.question, np.full(len(index), language))


def passages(data, index, language):
    return data.passages.get(index.passage, np.full(len(index), language))


def number(text):
    """The paragraph that a generated text is of."""
    return int(re.search(r"(\d+)", text)[1])


def test_paragraphs_are_shared_by_their_questions(folder):
    data = read(folder)
    assert (len(data.train), len(data.validation), len(data.passages)) == (54, 6, 20)
    assert data.train.languages == ("de", "en")
    assert set(data.train.question_languages) == set(data.train.passage_languages) == {0b11}
    for language in (0, 1):
        asked, found = questions(data, data.train, language), passages(data, data.train, language)
        assert [number(text) for text in asked] == [number(text) for text in found]


@pytest.mark.parametrize("marked", [True, False])
def test_sentences_are_those_that_answer(folder, marked):
    for language in SENTENCES:
        save(folder, language, document(language, marked=marked))
    data = read(folder, passage="sentence", validation_fraction=0)
    assert (len(data.train), len(data.passages), data.validation) == (60, 60, None)
    for language, code in enumerate(("de", "en")):
        for asked, found in zip(
            questions(data, data.train, language), passages(data, data.train, language), strict=True
        ):
            at, k = asked.split()[-1][:-1].split(".")
            assert found == f"{SENTENCES[code][int(k)][:-1]} {at}."


def test_no_paragraph_is_on_both_sides_of_the_validation_split(folder):
    data = read(folder, passage="sentence")
    sides = [{number(text) for text in questions(data, index, 1)} for index in (data.train, data.validation)]
    assert sides[0] | sides[1] == set(range(20))
    assert sides[1] == {18, 19}  # one article of ten


def test_one_article_is_split_by_paragraph(folder):
    save(folder, "en", document("en", per_article=20))
    data = read(folder, languages=["en"], passage="sentence")
    assert {number(text) for text in questions(data, data.validation, 0)} == {9, 19}
    assert len(data.train) == 54


def test_articles_that_share_a_paragraph_stay_together(folder):
    articles = document("en", per_article=1, marked=False)
    first, last = (articles["data"][place]["paragraphs"][0] for place in (0, -1))
    last["context"] = first["context"]
    save(folder, "en", articles)
    data = read(folder, languages=["en"])
    assert {number(text) for text in passages(data, data.validation, 0)} == {9}
    assert {number(text) for text in passages(data, data.train, 0)} == set(range(19)) - {9}


def test_a_language_that_lacks_questions_has_its_bit_off(folder):
    save(folder, "de", document("de", questions=(1,)))
    data = read(folder, passage="sentence", validation_fraction=0)
    by_id = dict(zip(questions(data, data.train, 1), data.train.question_languages, strict=True))
    assert by_id["en question 0.1?"] == 0b11
    assert by_id["en question 0.0?"] == by_id["en question 0.2?"] == 0b10
    assert data.train.passage_languages.tolist() == data.train.question_languages.tolist()


def test_passages_that_share_a_text_in_one_language_are_one_group(folder):
    translated = document("de")
    for part in (p for article in translated["data"] for p in article["paragraphs"]):
        # In German, the first two sentences are one: questions 0 and 1 share it, though not in English.
        (start, _), (_, end), last = part["sentence_breaks"]
        part["sentence_breaks"], part["sentences"] = [[start, end], last], [part["context"][:end], part["sentences"][2]]
    save(folder, "de", translated)
    data = read(folder, passage="sentence", validation_fraction=0)
    first = {text: i for i, text in enumerate(questions(data, data.train, 1))}
    passage = [data.train.passage[first[f"en question 0.{k}?"]] for k in range(3)]
    group = data.passages.identity(np.array(passage))
    assert len(set(passage)) == 3
    assert group[0] == group[1] != group[2]


def test_a_sentence_that_a_paragraph_repeats_is_one_identity(folder):
    repeated = document("en")
    part = repeated["data"][0]["paragraphs"][0]
    part["sentences"][2] = part["sentences"][0]  # the text of the file's own sentences counts, not the context's
    save(folder, "en", repeated)
    data = read(folder, passage="sentence", validation_fraction=0)
    group = data.passages.identity(data.train.passage[:3])
    assert group[0] == group[2] != group[1]


def test_an_article_range_and_its_complement_share_nothing(folder):
    first = read(folder, article_range=[0, 0.7], validation_fraction=0)
    rest = read(folder, article_range=[0.7, 1], validation_fraction=0)
    assert {number(text) for text in questions(first, first.train, 0)} == set(range(14))
    assert {number(text) for text in questions(rest, rest.train, 0)} == set(range(14, 20))


def test_answers_not_located_lose_their_sentence_only(folder, caplog):
    lost = document("de")
    lost["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] = -1
    save(folder, "de", lost)
    data = read(folder, passage="sentence", validation_fraction=0)
    assert "de: 1 questions have no passage" in caplog.text
    assert (data.train.question_languages[0], data.train.passage_languages[0]) == (0b11, 0b10)
    whole = read(folder, validation_fraction=0)
    assert set(whole.train.passage_languages) == {0b11}


def test_answers_that_are_not_where_they_should_be_are_counted(folder, caplog):
    moved = document("de")
    moved["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] += 1
    save(folder, "de", moved)
    read(folder, passage="sentence")
    assert "de: 1 answers do not stand at their answer_start" in caplog.text
    assert "en: " not in caplog.text
    caplog.clear()
    read(folder)
    assert "answer_start" not in caplog.text  # the paragraph is the passage wherever the answer stands


def test_no_answer_located_anywhere(folder):
    lost = document("en")
    for part in (p for article in lost["data"] for p in article["paragraphs"]):
        for question in part["qas"]:
            question["answers"][0]["answer_start"] = -1
    save(folder, "en", lost)
    with pytest.raises(InputError, match="use passage: paragraph"):
        read(folder, languages=["en"], passage="sentence")


def test_unanswerable_questions_are_counted_and_left_out(folder, caplog):
    version2 = document("en")
    version2["data"][0]["paragraphs"][0]["qas"][0] |= {"is_impossible": True, "answers": []}
    save(folder, "en", version2)
    data = read(folder, languages=["en"], validation_fraction=0)
    assert "en: left out 1 questions" in caplog.text
    assert len(data.train) == 59


def test_read_again_from_the_cache_and_anew_when_a_file_changes(folder, monkeypatch):
    first = read(folder)
    with monkeypatch.context() as patch:
        patch.setattr(squad, "read_squad", lambda _: pytest.fail("read again"))
        assert read(folder).fingerprint == first.fingerprint
    save(folder, "de", document("de", paragraphs=10))
    assert read(folder).fingerprint != first.fingerprint
    assert set(first.sources) == {"de.json", "en.json"}


def test_a_file_that_breaks_the_format_leaves_no_cache(folder):
    (folder / "de.json").write_text('{"data": [\n{"paragraphs": oops}]}')
    with pytest.raises(InputError, match=r"malformed JSON[^§]*de\.json, line 2"):
        read(folder)
    assert list((folder.parent / "cache" / "datasets").iterdir()) == []


def test_an_unknown_passage_unit(folder):
    with pytest.raises(InputError, match="unknown passage 'page'"):
        read(folder, passage="page")


XQUAD_R = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")


@pytest.fixture(scope="module")
def xquad_r(real_data, tmp_path_factory):
    folder = real_data("xquad_r")
    raw = {code: json.loads((folder / f"{code}.json").read_text(encoding="utf-8"))["data"] for code in XQUAD_R}
    data = squad.read(
        tmp_path_factory.mktemp("cache"), name="xquad_r", folder=folder, passage="sentence", validation_fraction=0
    )
    return raw, data


def test_xquad_r_has_every_concept_in_every_language(xquad_r):
    _, data = xquad_r
    assert data.train.languages == XQUAD_R
    assert len(data.train) == len(data.questions) == 1190
    assert set(data.train.question_languages) == set(data.train.passage_languages) == {2**11 - 1}


@pytest.mark.parametrize("code", XQUAD_R)
def test_xquad_r_sentences_agree_with_an_independent_reading(xquad_r, code):
    raw, data = xquad_r
    expected = []
    for article in raw[code]:
        for part in article["paragraphs"]:
            for qa in part["qas"]:
                start = qa["answers"][0]["answer_start"]
                inside = [i for i, (begin, end) in enumerate(part["sentence_breaks"]) if begin <= start < end]
                expected.append((qa["question"], part["sentences"][inside[0]].strip()))
    language = XQUAD_R.index(code)
    assert (
        list(zip(questions(data, data.train, language), passages(data, data.train, language), strict=True)) == expected
    )


def test_xquad_r_translations_of_one_passage_are_one_id(xquad_r):
    _, data = xquad_r
    groups = data.passages.identity(data.train.passage)
    for language in range(11):
        by_text = {}
        for text, group in zip(passages(data, data.train, language), groups, strict=True):
            assert by_text.setdefault(text, group) == group


def test_a_language_may_have_several_files(tmp_path):
    whole = document("en", paragraphs=20)
    halves = [{**whole, "data": whole["data"][:5]}, {**whole, "data": whole["data"][5:]}]
    for name, part in zip(("a", "b", "whole"), (*halves, whole), strict=True):
        (tmp_path / f"{name}.json").write_text(json.dumps(part))
    read = partial(squad.read, tmp_path / "cache", name="halves", folder=tmp_path, languages=["en"])
    one, both = read(files={"en": "whole.json"}), read(files={"en": ["a.json", "b.json"]})
    assert set(both.sources) == {"a.json", "b.json"}
    assert list(both.questions.iterate(0)) == list(one.questions.iterate(0))
    assert passages(both, both.train, 0) == passages(one, one.train, 0)
    with pytest.raises(InputError, match=r"the question id 'p0q0' is also in .*a\.json") as error:
        read(files={"en": ["a.json", "whole.json"]})
    assert error.value.where.endswith("whole.json")


@pytest.mark.parametrize(("file", "concepts"), [("new_wiki", 7938), ("reddit", 9803)])
def test_squadshifts_in_english(real_data, tmp_path, file, concepts):
    folder = real_data("squadshifts")
    data = squad.read(tmp_path, name="shifts", folder=folder, files={"en": f"{file}_v1.0.json.gz"}, passage="sentence")
    assert len(data.train) + len(data.validation) == concepts
    assert 0.03 < len(data.validation) / concepts < 0.15
    shared = set(data.passages.identity(data.train.passage)) & set(data.passages.identity(data.validation.passage))
    assert not shared
