import gzip
import json
import logging

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.errors import InputError
from src.evaluation.benchmarks import miracl
from src.evaluation.benchmarks.miracl import PAPER, PUBLISHED, load


def passage(name, title="T", text="text"):
    return {"docid": name, "title": title, "text": text}


def write(folder, language, topics, qrels, passages, split="dev"):
    """One language in MIRACL's layout, its passages in as many files as there are lists."""
    own = folder / f"miracl-v1.0-{language}"
    for kind, text in (("topics", topics), ("qrels", qrels)):
        (own / kind).mkdir(parents=True, exist_ok=True)
        (own / kind / f"{kind}.miracl-v1.0-{language}-{split}.tsv").write_text(text)
    corpus = folder / f"miracl-corpus-v1.0-{language}"
    corpus.mkdir(exist_ok=True)
    for number, part in enumerate(passages):
        lines = "".join(json.dumps(each) + "\n" for each in part)
        (corpus / f"docs-{number}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))


@pytest.fixture
def folder(tmp_path):
    topics, qrels = "22\tNani?\n24\tno judgement\n23\tLini?\n", "23\tQ0\t2#0\t1\n22\tQ0\t1#0\t1\n22\tQ0\t1#1\t0\n"
    write(tmp_path, "sw", topics, qrels, [[passage("1#0", "Gabon", "nchi")], [passage("1#1"), passage("2#0")]])
    write(tmp_path, "te", "22\tఎవరు?\n", "22 Q0 1#0 1\n", [[passage("1#0", "", "వచనం"), passage("9#9")]])
    return tmp_path


def read(folder, **options):
    return load(folder, folder / "cache", **{"languages": ["sw", "te"], **options})


def test_the_published_layout(folder):
    made = read(folder)
    assert made.queries.ids == ["sw_22", "sw_23", "te_22"]
    assert made.queries.texts == ["Nani?", "Lini?", "ఎవరు?"]
    assert made.queries.language.tolist() == [0, 0, 1]
    assert list(made.candidates.ids) == ["sw_1#0", "sw_1#1", "sw_2#0", "te_1#0", "te_9#9"]
    assert [made.candidates.texts[0], made.candidates.texts[3]] == ["Gabon nchi", "వచనం"]
    assert made.candidates.language.tolist() == [0, 0, 0, 1, 1]
    judged = zip(*(column.tolist() for column in vars(made.judgements).values()), strict=True)
    assert sorted(judged) == [(0, 0, 1), (0, 1, 0), (1, 2, 1), (2, 3, 1)]
    assert (made.settings, made.metrics, made.template) == (("monolingual",), ("nDCG@10", "R@100"), "{title} {text}")
    assert len(made.sources) == 7
    assert "miracl-corpus-v1.0-sw/docs-1.jsonl.gz" in made.sources


def test_more_than_ten_files_in_the_order_of_their_numbers(tmp_path):
    write(tmp_path, "sw", "1\tq\n", "1 Q0 11 1\n", [[passage(str(n))] for n in range(12)])
    assert list(read(tmp_path, languages=["sw"]).candidates.ids) == [f"sw_{n}" for n in range(12)]


def test_a_smaller_pool_is_called_so(folder, caplog, monkeypatch):
    with caplog.at_level(logging.WARNING):
        assert read(folder).name == "miracl[reduced][sw,te]"
    assert "sw 3 of 131,924, te 2 of 518,079" in caplog.text
    monkeypatch.setattr(miracl, "PUBLISHED", {"sw": 3, "te": 2, "yo": 1})
    assert read(folder).name == "miracl[sw,te]"
    monkeypatch.setattr(miracl, "PUBLISHED", {"sw": 3, "te": 2})
    assert load(folder, folder / "cache").name == "miracl"
    assert read(folder, languages=["te"]).name == "miracl[te]"
    monkeypatch.setattr(miracl, "PAPER", ("te",))
    assert read(folder, languages="paper").name == "miracl[paper]"
    monkeypatch.setattr(miracl, "PUBLISHED", {"sw": 2, "te": 2})
    assert read(folder).name == "miracl[enlarged]"
    monkeypatch.setattr(miracl, "PUBLISHED", {"sw": 4, "te": 1})
    assert read(folder).name == "miracl[reduced]"


def test_another_split_is_another_benchmark(folder):
    write(folder, "te", "7\tఎవరు\n", "7 Q0 9#9 1\n", [], split="train")
    made = read(folder, languages=["te"], split="train")
    assert (made.name, made.queries.ids) == ("miracl_train[reduced][te]", ["te_7"])


def test_the_text_without_its_title_is_another_benchmark(folder):
    text = read(folder, document_template="{text}")
    assert (text.candidates.texts[0], text.template) == ("nchi", "{text}")
    both = read(folder)
    assert both.candidates.texts[0] == "Gabon nchi"
    assert text.fingerprint != both.fingerprint


def test_languages_share_the_cache(folder):
    read(folder)
    for path in folder.glob("miracl-corpus-v1.0-te/*"):
        path.with_suffix(".seen").touch()
    assert len(list((folder / "cache" / "corpora").iterdir())) == 2
    assert list(read(folder, languages=["te"]).candidates.ids) == ["te_1#0", "te_9#9"]
    assert len(list((folder / "cache" / "corpora").iterdir())) == 2


def test_languages_with_the_same_file_have_passages_of_their_own(tmp_path):
    for language in ("sw", "te"):
        write(tmp_path, language, "1\tq\n", "1 Q0 a 1\n", [[passage("a")]])
    one, other = (tmp_path / f"miracl-corpus-v1.0-{language}" / "docs-0.jsonl.gz" for language in ("sw", "te"))
    other.write_bytes(one.read_bytes())
    assert list(read(tmp_path).candidates.ids) == ["sw_a", "te_a"]


def test_the_presets():
    assert len(PUBLISHED) == 18
    assert sum(count for language, count in PUBLISHED.items() if language not in ("de", "yo")) == 90_416_887
    assert set(PUBLISHED) - set(PAPER) == {"de", "en", "yo"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"languages": ["sw", "xx"]}, "no language 'xx'"),
        ({"languages": ["sw", "sw"]}, "not a list of different languages"),
        ({"languages": "all"}, "'all' is not a list"),
        ({"languages": []}, "not a list"),
        ({"languages": "paper"}, "no file miracl-v1.0-ar/topics/topics.miracl-v1.0-ar-dev.tsv[^§]*there are sw, te"),
        ({"split": "test-a"}, "no file miracl-v1.0-sw/topics/topics.miracl-v1.0-sw-test-a.tsv"),
        ({"document_template": "{body}"}, "template '{body}'"),
    ],
)
def test_what_is_not_there_is_told(folder, options, message):
    with pytest.raises(InputError, match=message):
        read(folder, **options)


A = passage("a")


@pytest.mark.parametrize(
    ("topics", "qrels", "passages", "message", "where"),
    [
        ("1 no tab\n", "1 Q0 a 1\n", [[A]], "found no tab", "topics.miracl-v1.0-sw-dev.tsv, line 1"),
        ("1\tq\n", "1 Q0 a 1\n1 Q0 b 0\n", [[A]], "unknown candidate, 'b'", "qrels.miracl-v1.0-sw-dev.tsv, line 2"),
        ("2\tq\n", "1 Q0 a 1\n", [[A]], "unknown query, '1'", "qrels.miracl-v1.0-sw-dev.tsv, line 1"),
        ("1\tq\n", "1 Q0 a 1\n1 Q0 a 1\n", [[A]], "judged twice", "-dev.tsv, line 2"),
        ("1\tq\n1\tr\n", "1 Q0 a 1\n", [[A]], "'1' comes twice", "-dev.tsv, line 2"),
        ("1\tq\n", "1 Q0 a 1\n", [[A], [A]], "'sw_a' comes twice, first at .*docs-0", "docs-1.jsonl.gz, line 1"),
        ("1\tq\n", "1 Q0 a 1\n", [[A], [{"docid": "b"}]], "missing column 'text'", "docs-1.jsonl.gz, line 1"),
        ("1\tq\n", "1 Q0 a 1\n", [[A, passage("b", "", "")]], "'sw_b' is empty", "docs-0.jsonl.gz, line 2"),
        ("1\tq\n", "1 Q0 a 1\n", [[]], "corpus is empty", "miracl-corpus-v1.0-sw"),
    ],
)
def test_bad_files_are_named(tmp_path, topics, qrels, passages, message, where):
    write(tmp_path, "sw", topics, qrels, passages)
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, languages=["sw"])
    assert error.value.where.endswith(where)


def test_an_absent_file_of_passages(folder):
    (folder / "miracl-corpus-v1.0-sw" / "docs-0.jsonl.gz").unlink()
    with pytest.raises(InputError, match=r"without a gap but \[1\]"):
        read(folder)
    (folder / "miracl-corpus-v1.0-sw" / "docs-1.jsonl.gz").unlink()
    with pytest.raises(InputError, match=r"no file miracl-corpus-v1.0-sw/docs-0.jsonl.gz"):
        read(folder)


def test_a_truncated_file(folder):
    path = folder / "miracl-corpus-v1.0-sw" / "docs-1.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(InputError, match="cannot read the file") as error:
        read(folder)
    assert "docs-1.jsonl.gz, at or after line" in error.value.where


def test_the_configuration(folder):
    config = OmegaConf.load("conf/benchmark/miracl.yaml")
    changes = {"folder": str(folder), "languages": ["te"], "cache_dir": str(folder / "cache")}
    assert instantiate(OmegaConf.merge(config, changes))().queries.ids == ["te_22"]


def test_the_real_layout(real_data, tmp_path):
    languages = [language for language in PUBLISHED if language != "th"]
    made = load(real_data("miracl_mini"), tmp_path, languages=languages)
    assert made.name == f"miracl[reduced][{','.join(languages)}]"
    assert (len(made.queries), len(made.candidates), len(made.judgements)) == (740, 62697, 2247)
    assert np.bincount(made.judgements.grade).tolist() == [1241, 1006]
    passages = dict(zip(languages, np.bincount(made.candidates.language).tolist(), strict=True))
    assert (passages["yo"], passages["fa"]) == (705, 4931)
    language = made.queries.language[made.judgements.query]
    assert (made.candidates.language[made.judgements.candidate] == language).all()
