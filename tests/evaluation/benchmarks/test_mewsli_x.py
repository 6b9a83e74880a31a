import json

import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from src.errors import InputError
from src.evaluate import CONF
from src.evaluation.benchmarks.mewsli_x import LANGUAGES, load, mark
from src.evaluation.suite import benchmarks_of

TEXT = "Title here\n\nA strike in Helsinki began.\nIt ended in Espoo."
SPANS = [{"start": 0, "end": 10}, {"start": 12, "end": 39}, {"start": 40, "end": 58}]


def entity(name, language, description="First.  Second\nline."):
    spans = [{"start": 0, "end": 6}, {"start": 8, "end": len(description)}]
    urls = {"description_url": "u", "title": "t"}
    return {
        **urls,
        "entity_id": name,
        "description": description,
        "description_language": language,
        "sentence_spans": spans,
    }


def mention(name, start, end, entity_id, **other):
    return {
        "example_id": name,
        "mention_span": {"start": start, "end": end, "text": TEXT[start:end]},
        "entity_id": entity_id,
        **other,
    }


def article(language, *mentions, text=TEXT, spans=SPANS):
    about = {"document_title": "t", "document_url": "u", "document_id": "d"}
    return {
        "context": {**about, "language": language, "text": text, "sentence_spans": spans},
        "mentions": list(mentions),
    }


ENTITIES = [entity("Q1", "uk"), entity("Q2", "en"), entity("Q3", "sv")]
ARTICLES = [
    article("en", mention("m1", 24, 32, "Q1"), mention("m2", 52, 57, "Q3")),
    article("ar", mention("m3", 24, 32, "Q2")),
]


def write(folder, entities=ENTITIES, articles=ARTICLES):
    for name, lines in (("candidate_set_entities", entities), ("wikinews_mentions-test", articles)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_the_published_layout(tmp_path):
    made = load(write(tmp_path), cache_dir=tmp_path)
    assert (made.name, made.measured, made.headline) == ("mewsli_x", ("multilingual",), "mAP@20")
    assert made.languages == (*LANGUAGES, "sv")
    assert dict(zip(made.queries.ids, made.queries.texts, strict=True)) == {
        "m3": "Helsinki: A strike in { Helsinki } began.",
        "m1": "Helsinki: A strike in { Helsinki } began.",
        "m2": "Espoo: It ended in { Espoo } .",
    }
    assert list(made.candidates.ids) == ["Q2", "Q1", "Q3"]
    assert set(made.candidates.texts) == {"First. Second line."}
    assert list(made.queries.ids) == ["m3", "m1", "m2"]  # language by language, as the candidates
    right = {made.queries.ids[q]: made.candidates.ids[c] for q, c in enumerate(made.judgements.candidate)}
    assert right == {"m1": "Q1", "m2": "Q3", "m3": "Q2"}


def test_fewer_mention_languages_keep_the_pool_and_another_name(tmp_path):
    made = load(write(tmp_path), languages=["en"], cache_dir=tmp_path)
    assert (made.name, len(made.queries), len(made.candidates)) == ("mewsli_x[en]", 2, 3)


def test_another_split_is_another_benchmark(tmp_path):
    (write(tmp_path) / "wikinews_mentions-test.jsonl").rename(tmp_path / "wikinews_mentions-dev.jsonl")
    assert load(tmp_path, split="dev", cache_dir=tmp_path).name == "mewsli_x_dev"


def test_a_line_may_hold_a_single_mention(tmp_path):
    single = {**article("en"), "mention": mention("m", 24, 32, "Q1")}
    assert list(load(write(tmp_path, articles=[single]), cache_dir=tmp_path).queries.ids) == ["m"]


def test_braces_in_the_sentence_become_parentheses():
    assert mark("a {b} in Rome {c}", 9, 13) == "Rome: a (b) in { Rome } (c)"
    assert mark("{a} {b} in Rome", 11, 15) == "Rome: (a) (b) in { Rome }"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"articles": [article("en", mention("m", 24, 32, "Q9"))]}, "unknown entity 'Q9'"),
        ({"articles": [article("en", mention("m", 24, 45, "Q1"))]}, "no sentence holds the mention"),
        ({"articles": [article("en", mention("m", 24, 32, "Q1"), text="")]}, "text is not in the file"),
        ({"articles": [{"mentions": []}]}, "missing object 'context'"),
        ({"articles": [article("en", {"example_id": "m"})]}, "is no span"),
        ({"articles": [article("en", mention("m", 24, 24, "Q1"))]}, "is no span"),
        ({"entities": [{**ENTITIES[0], "sentence_spans": None}]}, "missing list 'sentence_spans'"),
        ({"entities": [{**ENTITIES[0], "sentence_spans": []}]}, "without description"),
    ],
)
def test_bad_lines_are_named(tmp_path, change, message):
    with pytest.raises(InputError, match=message) as error:
        load(write(tmp_path, **change), cache_dir=tmp_path)
    assert str(error.value.where).endswith(".jsonl, line 1")


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match=r"no file wikinews_mentions-dev\.jsonl"):
        load(write(tmp_path), split="dev", cache_dir=tmp_path)
    with pytest.raises(InputError, match="Mewsli-X has no language 'fr'"):
        load(tmp_path, languages=["fr"], cache_dir=tmp_path)


def test_the_suite_of_xtreme_r(tmp_path, real_data):
    """Its three tasks, composed from their own files."""
    folders = {"lareqa": real_data("xquad_r"), "tatoeba": real_data("tatoeba"), "mewsli_x": write(tmp_path)}
    words = [f"benchmark.members.{task}.folder={folder}" for task, folder in folders.items()]
    with initialize_config_dir(CONF, version_base="1.3"):
        few = ["benchmark.members.tatoeba.languages=[swh]", "benchmark.members.lareqa.languages=[en,de]"]
        config = compose("evaluate", ["benchmark=xtreme_r", f"cache_dir={tmp_path}", *words, *few])
    suite = instantiate(config.benchmark)()
    assert (suite.name, suite.over) == ("xtreme_r", "tasks")
    assert [each.name for each in suite.members] == ["xquad_r[en,de]", "tatoeba[swh]_to_english", "mewsli_x"]
    lareqa, tatoeba, mewsli = benchmarks_of(suite)
    assert (lareqa.headline, lareqa.score_setting) == ("mAP@20", "multilingual")
    assert (tatoeba.headline, tatoeba.measured) == ("Success@1", ("crosslingual",))
    assert mewsli.headline == "mAP@20"
