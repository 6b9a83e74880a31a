import gzip
import json
import logging

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.errors import InputError
from src.evaluation.benchmarks import mlqa_r, xquad_r
from src.evaluation.benchmarks.lareqa import load_lareqa

PUBLISHED = {"aa": (3, 5), "bb": (2, 4), "cc": (2, 2)}


def paragraph(sentences, questions):
    """`questions` maps an id to the sentence that answers it, or to a place in the paragraph."""
    starts = np.cumsum([0, *(len(s) + 1 for s in sentences)]).tolist()
    return {
        "context": " ".join(sentences),
        "sentences": sentences,
        "sentence_breaks": [[start, start + len(s)] for start, s in zip(starts, sentences, strict=False)],
        "qas": [
            {
                "id": i,
                "question": f"Who is {i}?",
                "answers": [{"text": "?", "answer_start": starts[sentences.index(at)] if isinstance(at, str) else at}],
            }
            for i, at in questions.items()
        ],
    }


def write(folder, **languages):
    """One file a language, given as articles of paragraphs."""
    folder.mkdir(exist_ok=True)
    for language, articles in languages.items():
        data = [{"title": f"{language}{i}", "paragraphs": paragraphs} for i, paragraphs in enumerate(articles)]
        (folder / f"{language}.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    """As in MLQA-R, no language holds all questions: aa asks 1 2 3, bb 1 2, cc 1 3."""
    return write(
        tmp_path / "data",
        aa=[
            [paragraph(["Aa one.", "Aa two."], {"1": "Aa one.", "2": "Aa two."})],
            [paragraph(["A.", "B.", "A."], {"3": 6})],
        ],
        bb=[
            [
                paragraph(["Bb pad.", "Bb two.", "Bb one."], {"2": "Bb two.", "1": "Bb one."}),
                paragraph(["Bb more."], {}),
            ]
        ],
        cc=[[paragraph(["Cc one."], {"1": "Cc one."})], [paragraph(["Cc three."], {"3": "Cc three."})]],
    )


def load(folder, **options):
    return load_lareqa("toy_r", folder, PUBLISHED, **options)


def judged(benchmark):
    """Query id -> ids of its relevant candidates."""
    found = {}
    for query, candidate in zip(benchmark.judgements.query, benchmark.judgements.candidate, strict=True):
        found.setdefault(benchmark.queries.ids[query], set()).add(benchmark.candidates.ids[candidate])
    return found


def test_candidates_are_sentences_numbered_as_lareqa_does(folder):
    benchmark = load(folder)
    texts = dict(zip(benchmark.candidates.ids, benchmark.candidates.texts, strict=True))
    assert list(texts) == [
        *("aa_1_0", "aa_1_1", "aa_2_0", "aa_2_1", "aa_2_2"),
        *("bb_1_0", "bb_1_1", "bb_1_2", "bb_2_0"),
        *("cc_1_0", "cc_2_0"),
    ]
    assert (texts["bb_1_2"], texts["aa_2_0"], texts["aa_2_2"]) == ("Bb one.", "A.", "A.")  # equal sentences stay apart
    assert [benchmark.languages[code] for code in benchmark.candidates.language] == [i[:2] for i in texts]


def test_relevant_are_the_answers_in_every_language_that_holds_the_question(folder):
    one, two, three = {"aa_1_0", "bb_1_2", "cc_1_0"}, {"aa_1_1", "bb_1_1"}, {"aa_2_2", "cc_2_0"}
    assert judged(load(folder)) == {
        **{"1_aa": one, "2_aa": two, "3_aa": three},
        **{"2_bb": two, "1_bb": one},
        **{"1_cc": one, "3_cc": three},
    }


def test_translations_of_a_question_share_a_concept(folder):
    benchmark = load(folder)
    concepts = dict(zip(benchmark.queries.ids, benchmark.concept.tolist(), strict=True))
    assert concepts["1_aa"] == concepts["1_bb"] == concepts["1_cc"] != concepts["3_aa"] == concepts["3_cc"]
    assert benchmark.queries.texts[0] == "Who is 1?"


def test_a_file_may_be_compressed(folder):
    whole = load(folder).fingerprint
    (folder / "bb.json.gz").write_bytes(gzip.compress((folder / "bb.json").read_bytes()))
    (folder / "bb.json").unlink()
    benchmark = load(folder)
    assert benchmark.fingerprint == whole
    assert set(benchmark.sources) == {"aa.json", "bb.json.gz", "cc.json"}


def test_context_follows_the_sentence_without_separator(folder):
    benchmark = load(folder, text="sentence_and_context")
    assert benchmark.candidates.texts[1] == "Aa two.Aa one. Aa two."
    assert benchmark.template == "{sentence}{context}"
    assert benchmark.fingerprint != load(folder).fingerprint


def test_braces_in_a_text_are_only_braces(tmp_path):
    folder = write(tmp_path, aa=[[paragraph(["A {sentence} here."], {"1": "A {sentence} here."})]])
    benchmark = load(folder, languages=["aa"], text="sentence_and_context")
    assert benchmark.candidates.texts == ["A {sentence} here.A {sentence} here."]


def test_fewer_languages_are_another_benchmark(folder):
    benchmark = load(folder, languages=["cc", "aa"])
    assert (benchmark.name, benchmark.languages) == ("toy_r[cc,aa]", ("cc", "aa"))
    assert judged(benchmark)["1_cc"] == {"cc_1_0", "aa_1_0"}
    assert "2_aa" in judged(benchmark)
    (folder / "bb.json").rename(folder / "dd.json")
    assert load(folder, languages=["aa", "cc", "dd"]).name == "toy_r[aa,cc,dd]"  # as many, but others


def test_a_range_of_articles_keeps_its_queries_and_candidates_and_their_numbers(folder, caplog):
    benchmark = load(folder, languages=["aa", "cc"], article_range=[0.5, 1])
    assert not caplog.records  # a part is not expected to have the published counts
    assert benchmark.name == "toy_r[aa,cc][0.5-1.0]"
    assert benchmark.candidates.ids == ["aa_2_0", "aa_2_1", "aa_2_2", "cc_2_0"]
    assert judged(benchmark) == {"3_aa": {"aa_2_2", "cc_2_0"}, "3_cc": {"aa_2_2", "cc_2_0"}}


def test_a_range_over_articles_that_are_not_parallel_is_refused(folder):
    with pytest.raises(InputError, match="in the range in one language and outside in another"):
        load(folder, article_range=[0, 0.5])


def test_data_that_is_not_the_published_is_said(folder, caplog):
    with caplog.at_level(logging.WARNING):
        load(folder)
    assert not caplog.records
    (folder / "cc.json").write_bytes((folder / "bb.json").read_bytes())
    load(folder)
    assert "in cc has 2 queries and 4 candidates, not the published (2, 2)" in caplog.text


def test_other_counts_than_published_are_another_benchmark(folder):
    assert load(folder).name == "toy_r"
    write(folder, cc=[[paragraph(["Cc one."], {"1": "Cc one."})], [paragraph(["Cc three.", "Cc."], {"3": 0})]])
    assert load(folder).name == "toy_r[enlarged]"
    write(folder, cc=[[paragraph(["Cc one.", "Cc."], {"1": "Cc one."})]])
    assert load(folder).name == "toy_r[reduced]"  # one question less
    assert load(folder, languages=["aa", "cc"]).name == "toy_r[aa,cc]"
    assert load(folder, languages=["cc", "bb", "aa"], article_range=[0, 1]).name == "toy_r[0.0-1.0]"


def test_missing_folder_and_files(folder, tmp_path):
    with pytest.raises(InputError, match="folder does not exist"):
        load(tmp_path / "nowhere")
    (folder / "bb.json").unlink()
    with pytest.raises(InputError, match=r"no file bb\.json") as caught:
        load(folder)
    assert "aa.json, cc.json" in str(caught.value)


def test_an_unknown_text(folder):
    with pytest.raises(InputError, match="unknown text 'context'"):
        load(folder, text="context")


def broken(change):
    part = paragraph(["Aa one.", "Aa two."], {"1": "Aa one."})
    change(part)
    return [[part]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: (p.pop("sentences"), p.pop("sentence_breaks")), "no sentence_breaks"),
        (lambda p: p.update(sentence_breaks=[], sentences=[]), "no sentence_breaks"),
        (lambda p: p["sentences"].pop(), "1 sentences but 2 sentence_breaks"),
        (lambda p: p.update(sentence_breaks=[[0, 7], [9, 8]]), "a sentence from 9 to 8"),
        (lambda p: p.update(sentence_breaks=[[0, 7], [8, 8]]), "a sentence from 8 to 8"),
        (lambda p: p["qas"][0]["answers"][0].update(answer_start=7), "'1' starts at 7, which is in no sentence"),
        (lambda p: p["qas"][0]["answers"][0].update(answer_start=99), "answer_start 99 is outside the context"),
        (lambda p: p["qas"].append(p["qas"][0]), "duplicate question id '1'"),
        (lambda p: p.update(sentences=["Aa one.", " "]), "candidate 'aa_1_1' is empty"),
        (lambda p: p.pop("context"), "missing key 'context'"),
    ],
)
def test_bad_content_is_refused(tmp_path, change, message):
    write(tmp_path, aa=broken(change))
    with pytest.raises(InputError, match=message):
        load(tmp_path, languages=["aa"])


def test_malformed_json_names_the_file_and_the_line(tmp_path):
    (tmp_path / "aa.json").write_text('{"data": [\n  oops]}')
    with pytest.raises(InputError, match=r"aa\.json, line 2"):
        load(tmp_path, languages=["aa"])


def test_xquad_r_has_its_published_counts(real_data, caplog):
    benchmark = xquad_r.load(real_data("xquad_r"))
    assert (len(benchmark.candidates), len(benchmark.queries)) == (13_014, 13_090)
    assert set(np.bincount(benchmark.judgements.query)) == {11}
    language = np.array(benchmark.candidates.language)[benchmark.judgements.candidate].reshape(-1, 11)
    assert (np.sort(language, axis=1) == np.arange(11)).all()  # one answer in every language
    assert len(np.unique(benchmark.concept)) == 1190
    assert not caplog.records


def test_parts_of_xquad_r_share_nothing(real_data):
    first, rest = (xquad_r.load(real_data("xquad_r"), article_range=part) for part in ([0, 0.6], [0.6, 1]))
    assert rest.name == "xquad_r[0.6-1.0]"
    assert not set(first.candidates.ids) & set(rest.candidates.ids)
    assert (len(first.queries) + len(rest.queries), len(first.candidates) + len(rest.candidates)) == (13_090, 13_014)


@pytest.mark.parametrize(("name", "module"), [("xquad_r", xquad_r), ("mlqa_r", mlqa_r)])
def test_the_configuration_loads_the_benchmark(folder, name, module, request):
    config = OmegaConf.load(request.config.rootpath / "conf" / "benchmark" / f"{name}.yaml")
    languages = list(module.PUBLISHED)[:2]
    for language, source in zip(languages, ("aa", "cc"), strict=True):
        (folder / f"{language}.json").write_bytes((folder / f"{source}.json").read_bytes())
    benchmark = instantiate(OmegaConf.merge(config, {"folder": str(folder), "languages": languages}))()
    assert benchmark.name == f"{name}[{','.join(languages)}]"
    assert len(benchmark.queries) == 5
    assert benchmark.headline == "mAP"
