import json

import numpy as np
import pytest

from src.data.readers import jsonl
from src.errors import InputError

LINES = [
    {"id": "a", "language": "en", "question": "who?", "passage": "Ada.", "negatives": ["Bob.", "Eve."]},
    {"id": "a", "language": "de", "question": "wer?", "passage": "Ada!"},
    {"id": "b", "language": "en", "question": "when?", "passage": "1843.", "passage_id": "year"},
    {"id": "b", "language": "de", "question": "wann?"},
    {"id": "c", "language": "de", "question": "Jahr?", "passage_id": "year", "dataset": "other"},
    {"id": "c", "language": "en", "negative_ids": ["city"], "passage": "1843.", "passage_id": "year"},
    {"language": "zh", "passage": "伦敦。", "passage_id": "city"},
    {"language": "en", "passage": "London.", "passage_id": "city"},
]


@pytest.fixture
def read(tmp_path):
    def read(*lines, second_file=(), **settings):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        for name, part in (("1.jsonl", lines), ("2.jsonl", second_file)):
            (folder / name).write_text("".join(json.dumps(line) + "\n" for line in part), encoding="utf-8")
        settings = {"validation_fraction": 0} | settings
        return jsonl.read(tmp_path / "cache", name="mine", folder=folder, **settings)

    return read


def text(texts, ident, language):
    return texts.get(np.array([ident]), np.array([texts.languages.index(language)]))[0]


def test_a_concept_is_what_its_lines_say_together(read):
    data = read(*LINES[:4], second_file=LINES[4:])
    index = data.train
    assert index.languages == ("de", "en", "zh")
    assert index.question_languages.tolist() == [0b011, 0b011, 0b001]
    assert index.passage_languages.tolist() == [0b011, 0b010, 0b010]
    assert [text(data.questions, q, "de") for q in index.question] == ["wer?", "wann?", "Jahr?"]
    assert [text(data.passages, p, "en") for p in index.passage] == ["Ada.", "1843.", "1843."]
    assert index.passage[1] == index.passage[2] != index.passage[0]
    assert [index.datasets[d] for d in index.dataset] == ["mine", "mine", "other"]
    assert set(data.sources) == {"1.jsonl", "2.jsonl"}


def test_negatives_are_passages(read):
    data = read(*LINES)
    texts = [[text(data.passages, p, "en") for p in data.train.negatives.of(c)] for c in range(3)]
    assert texts == [["Bob.", "Eve."], [], ["London."]]
    (city,) = data.train.negatives.of(2)
    assert text(data.passages, city, "zh") == "伦敦。"


def test_chosen_languages_leave_out_what_they_do_not_complete(read, caplog):
    data = read(*LINES, languages=["en"])
    assert data.train.languages == ("en",)
    assert [text(data.questions, q, "en") for q in data.train.question] == ["who?", "when?"]
    assert "left out 1 concepts" in caplog.text
    german = read(*LINES, languages=["de"])
    assert [text(german.passages, p, "de") for p in german.train.passage] == ["Ada!"]
    assert german.train.negatives is None


@pytest.mark.parametrize("named", [True, False])
def test_concepts_that_share_a_passage_are_not_split(read, named):
    """By its id, or by its text alone."""
    lines = [
        {"id": f"{p}.{q}", "language": "en", "question": f"{p} {q}?", "passage": f"text {p}"}
        | ({"passage_id": str(p)} if named else {})
        for p in range(20)
        for q in range(3)
    ]
    data = read(*lines, validation_fraction=0.25)
    sides = [{text(data.passages, p, "en") for p in index.passage} for index in (data.train, data.validation)]
    assert len(data.validation) == 15
    assert not sides[0] & sides[1]


def question(ident="a", **more):
    return {"id": ident, "language": "en", "question": "who?"} | more


def passage(ident="a", text="Ada.", **more):
    return {"id": ident, "language": "en", "passage": text} | more


def test_question_and_passage_may_be_on_separate_lines(read):
    assert len(read(question(), passage()).train) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([question(), passage(), question()], r"duplicate question of 'a' in 'en'[^§]*1\.jsonl, line 3"),
        ([question(), passage(), passage()], r"duplicate passage of 'a' in 'en'[^§]*1\.jsonl, line 3"),
        (
            [question(), passage(passage_id="p"), question("b"), passage("b", "Bob.", passage_id="p")],
            r"duplicate passage of 'p' in 'en'[^§]*line 4",
        ),
        (
            [question(), passage(), {"id": "a", "language": "de", "passage": "x", "passage_id": "p"}],
            "another 'passage_id'",
        ),
        ([question(dataset="x"), passage(dataset="y")], r"another 'dataset' on an earlier line[^§]*line 2"),
        ([question(), passage(), question("b")], r"concept 'b' has no passage[^§]*line 3"),
        ([question(), passage(), passage("b")], r"concept 'b' has no question[^§]*line 3"),
        ([question(passage_id="gone")], r"concept 'a' has no passage in any language"),
        ([question(), passage(negative_ids=["gone"])], r"unknown negative id 'gone'[^§]*line 2"),
        ([question(), passage(passage_id="p", negative_ids=["p"])], "its own passage among its negatives"),
        ([], "hold no line"),
    ],
)
def test_what_the_lines_contradict(read, lines, message):
    with pytest.raises(InputError, match=message):
        read(*lines)


@pytest.mark.parametrize("languages", [["en", "fr"], [], ["en", "en"], [False]])
def test_languages_that_are_not_there(read, languages):
    with pytest.raises(InputError, match="are not among those found: de, en, zh"):
        read(*LINES, languages=languages)
