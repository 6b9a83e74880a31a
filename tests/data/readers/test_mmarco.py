import numpy as np
import pytest

from src.data.readers import mmarco
from src.errors import InputError

QUESTIONS = (7, 30, 31, 500, 1_048_585)
PASSAGES = range(10)
TRIPLES = [(500, 3, 4), (7, 0, 9), (30, 3, 2), (500, 3, 8), (1_048_585, 6, 4), (31, 1, 0), (7, 0, 2)]
NAMES = {"en": "english", "zh": "chinese"}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


def collection(code):
    return f"data/google/collections/{NAMES[code]}_collection.tsv"


def queries(code):
    return f"data/google/queries/train/{NAMES[code]}_queries.train.tsv"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "mmarco"
    write(folder / "data/triples.train.ids.small.tsv", TRIPLES)
    for code in NAMES:
        write(folder / collection(code), [(i, f"{code} passage {i}") for i in PASSAGES])
        # The queries' files are not in the order of their ids.
        write(folder / queries(code), [(i, f'{code} "question {i}') for i in reversed((*QUESTIONS, 8))])
    return folder


def read(folder, **settings):
    settings = {"languages": ["zh", "en"], "validation_questions": 0} | settings
    return mmarco.read(folder.parent / "cache", name="mmarco", folder=folder, **settings)


def texts(data, index, language):
    """(question, passage, negative) of every concept, as the published ids that the texts end with."""
    languages = np.full(len(index), language)
    columns = (
        data.questions.get(index.question, languages),
        data.passages.get(index.passage, languages),
        data.passages.get(index.negatives.passages, languages),
    )
    return [tuple(int(text.split()[-1]) for text in row) for row in zip(*columns, strict=True)]


def test_every_triple_is_a_concept_in_every_language(folder):
    data = read(folder)
    assert data.train.languages == ("zh", "en")
    assert texts(data, data.train, 0) == texts(data, data.train, 1) == TRIPLES
    assert data.train.negatives.of(3).tolist() == data.train.negatives.passages[3:4].tolist()
    assert data.questions.get(data.train.question[:1], np.array([0])) == ['zh "question 500']
    assert data.validation is None


def test_only_texts_in_use_are_kept(folder):
    data = read(folder, max_triples=2)
    assert texts(data, data.train, 0) == TRIPLES[:2]
    assert (len(data.questions), len(data.passages)) == (2, 4)


def test_ids_are_mapped_from_disk_and_masks_are_one_value(folder):
    train = read(folder).train
    assert isinstance(train.question, np.memmap)
    assert isinstance(train.negatives.passages, np.memmap)
    assert train.question_languages.strides == train.passage_languages.strides == train.dataset.strides == (0,)
    assert (train.question_languages[0], train.question_languages.dtype) == (0b11, np.uint8)


def test_held_out_questions_are_not_trained_on(folder):
    data = read(folder, validation_questions=2)
    trained, held_out = texts(data, data.train, 0), texts(data, data.validation, 0)
    assert len(held_out) == 2
    assert not {question for question, *_ in trained} & {question for question, *_ in held_out}
    assert {*trained, *held_out} <= set(TRIPLES)
    assert {question for question, *_ in [*trained, *held_out]} == set(QUESTIONS)
    assert len(trained) == sum(question not in {q for q, *_ in held_out} for question, *_ in TRIPLES)


def test_held_out_questions_are_spread_over_the_ids(folder):
    """Published ids run close to alphabetically."""
    data = read(folder, validation_questions=2)
    assert {question for question, _, _ in texts(data, data.validation, 0)} == {QUESTIONS[1], QUESTIONS[3]}


def test_texts_that_a_language_lacks_switch_its_bit_off(folder, caplog):
    rows = [(i, f"zh passage {i}" if i != 6 else " ") for i in PASSAGES if i != 3]
    write(folder / collection("zh"), rows)
    write(folder / queries("en"), [(i, f"en question {i}") for i in QUESTIONS if i != 31])
    train = read(folder).train
    assert train.passage_languages.tolist() == [0b10, 0b11, 0b10, 0b10, 0b10, 0b11, 0b11]
    assert train.question_languages.tolist() == [0b11] * 5 + [0b01, 0b11]
    assert "chinese_collection.tsv lacks 2 of 8 ids" in caplog.text
    assert "english_queries.train.tsv lacks 1 of 5 ids" in caplog.text


def test_without_languages_all_that_are_there(folder):
    assert read(folder, languages=None).train.languages == ("en", "zh")


def test_the_earlier_translation(folder):
    (folder / "data/google").rename(folder / "data/helsinki")
    assert texts(read(folder, variant="helsinki"), read(folder, variant="helsinki").train, 0) == TRIPLES


def test_read_again_from_the_cache(folder, monkeypatch):
    first = read(folder)
    monkeypatch.setattr(mmarco, "read_triples", lambda *_: pytest.fail("read again"))
    assert read(folder).fingerprint == first.fingerprint
    assert set(first.sources) == {
        "data/triples.train.ids.small.tsv",
        *(f(code) for code in NAMES for f in (collection, queries)),
    }


def test_nothing_is_left_of_the_work(folder):
    read(folder)
    (made,) = (folder.parent / "cache" / "datasets").iterdir()
    assert {path.name for path in made.iterdir()} == {"train", "questions", "passages"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"languages": ["en", "th"]}, r"'th'[^§]*choose from ar, de"),
        ({"languages": ["en", "en"]}, "not different ones"),
        ({"languages": []}, "not different ones"),
        (
            {"languages": ["en", "de"]},
            r"missing data/google/queries/train/german_queries\.train\.tsv, data/google/coll",
        ),
        ({"variant": "bing"}, r"unknown variant 'bing'[^§]*google or helsinki"),
        ({"variant": "helsinki", "languages": None}, "no collection of mMARCO here"),
        ({"validation_questions": 5}, "5 of 5 questions cannot be held out"),
        ({"validation_questions": -1}, "cannot be held out"),
        ({"max_triples": 0}, "max_triples is 0"),
    ],
)
def test_settings_that_cannot_be(folder, settings, message):
    with pytest.raises(InputError, match=message):
        read(folder, **settings)


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("data/triples.train.ids.small.tsv", "7\t0", r"expected three ids[^§]*b'7\\t0'[^§]*small\.tsv, line 8"),
        ("data/triples.train.ids.small.tsv", "7\t0\tx", r"expected three ids[^§]*line 8"),
        ("data/triples.train.ids.small.tsv", "7\t0\t-1", r"expected three ids[^§]*line 8"),
        ("data/triples.train.ids.small.tsv", "7\t0\t3000000000", r"expected three ids[^§]*line 8"),
        ("data/triples.train.ids.small.tsv", "", r"expected three ids[^§]*line 8"),
        ("data/triples.train.ids.small.tsv", "9\t0\t1", r"question 9 has no text in any[^§]*small\.tsv, line 8"),
        ("data/triples.train.ids.small.tsv", "7\t0\t11", r"passage 11 has no text in any[^§]*small\.tsv, line 8"),
        (queries("en"), "9 no tab", r"expected an id, a tab and a text[^§]*english_queries\.train\.tsv, line 7"),
        (queries("en"), "500\tagain", r"id 500 after 500: duplicate[^§]*english_queries\.train\.tsv, line 7"),
        (collection("zh"), "nine\ttext", r"expected an id[^§]*chinese_collection\.tsv, line 11"),
    ],
)
def test_a_bad_line_is_named(folder, file, line, message):
    with (folder / file).open("a", encoding="utf-8") as opened:
        opened.write(line + "\n")
    write(folder / collection("en"), [(i, f"en passage {i}") for i in PASSAGES])
    if file == collection("zh"):  # read on to the end
        write(folder / "data/triples.train.ids.small.tsv", [*TRIPLES, (7, 0, 12)])
    with pytest.raises(InputError, match=message):
        read(folder)


def test_a_collection_out_of_order_is_refused(folder):
    write(folder / collection("en"), [(i, f"en passage {i}") for i in (0, 2, 1, 3)])
    with pytest.raises(InputError, match=r"id 1 after 2[^§]*english_collection\.tsv, line 3"):
        read(folder)
