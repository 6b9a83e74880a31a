import gzip
import json

import pytest

from src.errors import InputError
from src.evaluation.benchmarks import squad, squadshifts

CONTEXT = "The sky is blue. Grass is green. Snow is white."


def qas(name, start):
    return {"id": name, "question": f"what {name}?", "answers": [{"answer_start": start, "text": "x"}]}


def document(*paragraphs):
    return {"data": [{"title": "t", "paragraphs": [{"context": c, "qas": asked} for c, asked in paragraphs]}]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "dev.json"
    path.write_text(
        json.dumps(document((CONTEXT, [qas("a", 11), qas("b", 29)]), ("Other.", []), (CONTEXT, [qas("c", 0)])))
    )
    return path


def right(benchmark):
    return {
        benchmark.queries.ids[query]: benchmark.candidates.texts[candidate]
        for query, candidate in zip(benchmark.judgements.query, benchmark.judgements.candidate, strict=True)
    }


def test_paragraphs_and_a_repeated_one_is_one_candidate(file, tmp_path):
    made = squad.load(file, cache_dir=tmp_path)
    assert (made.name, made.measured, made.template) == ("squad-dev", ("monolingual",), "{paragraph}")
    assert list(made.candidates.texts) == [CONTEXT, "Other."]
    assert list(made.queries.texts) == ["what a?", "what b?", "what c?"]
    assert right(made) == dict.fromkeys("abc", CONTEXT)


def test_sentences(file, tmp_path):
    made = squad.load(file, passage="sentence", cache_dir=tmp_path)
    assert list(made.candidates.texts) == ["The sky is blue.", "Grass is green.", "Snow is white.", "Other."]
    assert right(made) == {"a": "The sky is blue.", "b": "Grass is green.", "c": "The sky is blue."}
    assert made.fingerprint != squad.load(file, cache_dir=tmp_path).fingerprint


def test_the_files_own_sentences_are_taken_but_blank_ones(tmp_path):
    path = tmp_path / "dev.json"
    made = document((CONTEXT, []), ("Left; right. ", [qas("a", 6)]))
    made["data"][0]["paragraphs"][1]["sentence_breaks"] = [[0, 5], [6, 12], [12, 13]]
    path.write_text(json.dumps(made))
    benchmark = squad.load(path, passage="sentence", cache_dir=tmp_path)
    assert list(benchmark.candidates.texts)[3:] == ["Left;", "right."]
    assert right(benchmark) == {"a": "right."}


def test_space_around_a_paragraph_makes_no_other(tmp_path):
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(document((f"{CONTEXT} ", [qas("a", 1)]), (CONTEXT, [qas("b", 1)]))))
    assert list(squad.load(path, cache_dir=tmp_path).candidates.texts) == [CONTEXT]


def test_a_question_whose_answer_has_no_place_is_not_asked_of_sentences(tmp_path):
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(document((CONTEXT, [qas("a", -1), qas("b", 29)]))))
    assert list(squad.load(path, passage="sentence", cache_dir=tmp_path).queries.ids) == ["b"]
    assert list(squad.load(path, cache_dir=tmp_path).queries.ids) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("{", {}, "malformed JSON"),
        (json.dumps(document((CONTEXT, [qas("a", -1)]))), {"passage": "sentence"}, "no answer is located"),
        (json.dumps(document((CONTEXT, [qas("a", 1)]))), {"passage": "word"}, "unknown passage 'word'"),
    ],
)
def test_bad_input_is_told(tmp_path, text, options, message):
    path = tmp_path / "dev.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        squad.load(path, cache_dir=tmp_path, **options)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        squad.load(tmp_path / "none.json", cache_dir=tmp_path)


def test_domains_in_the_published_layout(file, tmp_path):
    content = file.read_bytes()
    (tmp_path / "nyt_v1.0.json").write_bytes(content)
    (tmp_path / "amazon_reviews_v1.0.json.gz").write_bytes(gzip.compress(content))
    suite = squadshifts.load(tmp_path, domains=["nyt", "amazon"], cache_dir=tmp_path)
    assert (suite.name, suite.over) == ("squadshifts[nyt,amazon]", "domains")
    assert [member.name for member in suite.members] == ["squadshifts-nyt", "squadshifts-amazon"]
    assert len({member.fingerprint for member in suite.members}) == 1


def test_a_missing_or_unknown_domain_is_told(file, tmp_path):
    (tmp_path / "nyt_v1.0.json").write_bytes(file.read_bytes())
    with pytest.raises(InputError, match=r"no file new_wiki_v1.0.json") as error:
        squadshifts.load(tmp_path, cache_dir=tmp_path)
    assert "benchmark.domains=[nyt]" in str(error.value)
    with pytest.raises(InputError, match="SQuADShifts has no domain 'wiki'"):
        squadshifts.load(tmp_path, domains=["wiki"], cache_dir=tmp_path)


@pytest.mark.slow
def test_the_real_files(real_data, tmp_path):
    suite = squadshifts.load(real_data("squadshifts"), domains=["new_wiki", "reddit", "amazon"], cache_dir=tmp_path)
    sizes = {member.name: (len(member.queries), len(member.candidates)) for member in suite.members}
    assert sizes == {
        "squadshifts-new_wiki": (7938, 1581),
        "squadshifts-reddit": (9803, 2033),
        "squadshifts-amazon": (9885, 2050),
    }
