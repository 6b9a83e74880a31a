import gzip
import json

import pytest

from src.data.squad_format import find_sentence, read_squad, select_articles
from src.errors import InputError


def question(identifier="q1", start=0, **changes):
    return {"id": identifier, "question": "Who?", "answers": [{"text": "Ada", "answer_start": start}], **changes}


def document(*questions, context="Ada wrote. Bob read.", **paragraph):
    return {"data": [{"title": "T", "paragraphs": [{"context": context, "qas": list(questions), **paragraph}]}]}


def write(folder, value, name="en.json"):
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_a_file_comes_back_whole(tmp_path):
    breaks = {"sentence_breaks": [[0, 10], [11, 20]], "sentences": ["Ada wrote.", "Bob read!"]}
    articles = read_squad(write(tmp_path, document(question(), question("q2", 12), **breaks))).articles
    (paragraph,) = articles[0].paragraphs
    assert (articles[0].title, paragraph.context) == ("T", "Ada wrote. Bob read.")
    assert [(q.id, q.text, q.answer_start, q.answer) for q in paragraph.questions] == [
        ("q1", "Who?", 0, "Ada"),
        ("q2", "Who?", 12, "Ada"),
    ]
    assert [s.text for s in paragraph.sentences] == ["Ada wrote.", "Bob read!"]  # the file's text, not the slice
    assert [find_sentence(paragraph.sentences, start) for start in (0, 9, 10, 11, 19, 20)] == [0, 0, None, 1, 1, None]


def test_sentences_are_slices_where_the_file_has_only_breaks(tmp_path):
    articles = read_squad(write(tmp_path, document(question(), sentence_breaks=[[0, 10], [11, 20]]))).articles
    assert [s.text for s in articles[0].paragraphs[0].sentences] == ["Ada wrote.", "Bob read."]


def test_plain_squad_has_no_sentences_and_gz_reads_alike(tmp_path):
    path = tmp_path / "en.json.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + json.dumps(document(question())).encode()))
    assert read_squad(path).articles[0].paragraphs[0].sentences is None


def test_unanswerable_questions_are_left_out_and_counted(tmp_path):
    impossible = question("q2", is_impossible=True)
    read = read_squad(write(tmp_path, document(question(), impossible, question("q3", answers=[]))))
    assert [q.id for q in read.articles[0].paragraphs[0].questions] == ["q1"]
    assert read.unanswerable == 2


def test_an_answer_marked_as_not_located(tmp_path):
    read = read_squad(write(tmp_path, document(question(start=-1))))
    assert read.articles[0].paragraphs[0].questions[0].answer_start is None


PLACE = r"data\[0\]\.paragraphs\[0\]"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"version": "1.1"}, r"missing key 'data'; found 'version'"),
        ([], "expected an object, found list"),
        ({"data": {}}, "'data' must be list, found dict"),
        ({"data": []}, "no answerable question"),
        (document(question(is_impossible=True)), "no answerable question"),
        (document(question(), context=" "), rf"empty 'context'[^§]*{PLACE}"),
        (document(question(question="")), rf"empty 'question'[^§]*{PLACE}\.qas\[0\]"),
        (document({"id": "q1", "question": "Who?"}), rf"missing key 'answers'[^§]*{PLACE}\.qas\[0\]"),
        (document(question(answers=[{"text": "Ada"}])), r"missing key 'answer_start'[^§]*answers\[0\]"),
        (document(question(start="0")), "'answer_start' must be int, found str"),
        (document(question(start=20)), "answer_start 20 is outside the context of 20 characters"),
        (document(question(start=-2)), "answer_start -2 is outside"),
        (document(question(), question()), rf"duplicate question id 'q1', first at {PLACE}\.qas\[0\]"),
        (document(question(), sentence_breaks=[[0, 10]], sentences=["a", "b"]), "2 sentences but 1 sentence_breaks"),
        (document(question(), sentence_breaks=[[0, "10"]]), r"list of \[start, end\] pairs"),
    ],
)
def test_what_breaks_the_format_is_named_with_its_place(tmp_path, value, message):
    path = write(tmp_path, value)
    with pytest.raises(InputError, match=message) as error:
        read_squad(path)
    assert str(path) in str(error.value)


def test_malformed_json_names_file_and_line(tmp_path):
    path = write(tmp_path, '{\n "data": [\n  {"title" "T"}\n ]\n}')
    with pytest.raises(InputError, match=r"malformed JSON[^§]*en\.json, line 3"):
        read_squad(path)


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-12], lambda content: content[:20] + b"x" * 20, bytes.upper]
)
def test_a_damaged_gz_is_an_input_error(tmp_path, damage):
    path = tmp_path / "en.json.gz"
    path.write_bytes(damage(gzip.compress(json.dumps(document(question())).encode() * 50)))
    with pytest.raises(InputError, match=r"cannot read the file[^§]*en\.json\.gz"):
        read_squad(path)


def parallel(tmp_path, language, order):
    data = [document(question(f"q{i}"))["data"][0] | {"title": str(i)} for i in order]
    return read_squad(write(tmp_path, {"data": data}, f"{language}.json")).articles


def titles(selected):
    return {language: [int(article.title) for article in articles] for language, articles in selected.items()}


def test_ranges_that_meet_cover_every_article_once(tmp_path):
    articles = {language: parallel(tmp_path, language, range(7)) for language in ("de", "en")}
    first, rest = titles(select_articles(articles, [0, 0.7])), titles(select_articles(articles, [0.7, 1]))
    assert first["de"] == first["en"] == [0, 1, 2, 3, 4]
    assert first["de"] + rest["de"] == list(range(7))


def test_a_range_over_articles_that_are_not_parallel_is_refused(tmp_path):
    articles = {"de": parallel(tmp_path, "de", range(4)), "en": parallel(tmp_path, "en", [3, 2, 1, 0])}
    assert titles(select_articles(articles, [0, 1]))["en"] == [3, 2, 1, 0]
    with pytest.raises(InputError, match="4 questions, such as 'q0', are in the range in one language"):
        select_articles(articles, [0, 0.5])


@pytest.mark.parametrize("bad", [[0.5, 0.5], [0.6, 0.4], [-0.1, 1], [0, 1.1], [0.5], [0, 0.5, 1], ["a", 1], [None, 1]])
def test_a_range_that_is_none(tmp_path, bad):
    with pytest.raises(InputError, match="not two growing fractions"):
        select_articles({"de": parallel(tmp_path, "de", range(4))}, bad)


def test_a_range_without_an_article(tmp_path):
    with pytest.raises(InputError, match="no article of de"):
        select_articles({"de": parallel(tmp_path, "de", range(4))}, [0, 0.1])


SENTENCES = {
    **{"ar": 1222, "de": 1276, "el": 1234, "en": 1180, "es": 1215, "hi": 1244},
    **{"ru": 1219, "th": 852, "tr": 1167, "vi": 1209, "zh": 1196},
}


def _answers_past_their_sentence(articles):
    """Found by where they start, all the same."""
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    asked = [(paragraph.sentences, question) for paragraph in paragraphs for question in paragraph.questions]
    found = [(sentences[find_sentence(sentences, q.answer_start)], q) for sentences, q in asked]
    return sum(q.answer_start + len(q.answer) > sentence.end for sentence, q in found)


def test_xquad_r_is_parallel_and_keeps_its_traps(real_data):
    files = {path.stem: read_squad(path).articles for path in sorted(real_data("xquad_r").glob("*.json"))}
    sentences = {code: sum(len(p.sentences) for a in found for p in a.paragraphs) for code, found in files.items()}
    assert sentences == SENTENCES
    past_the_end = {code: _answers_past_their_sentence(found) for code, found in files.items()}
    assert (min(past_the_end.values()), max(past_the_end.values())) == (2, 20)
    cut = select_articles(files, [0.25, 0.75])
    assert {len(articles) for articles in cut.values()} == {24}
    turkish = [paragraph for article in files["tr"] for paragraph in article.paragraphs]
    shifted = [p for p in turkish for s in p.sentences if p.context[s.start : s.end] != s.text]
    assert len(shifted) == 2
    assert len({paragraph.context for paragraph in shifted}) == 1
