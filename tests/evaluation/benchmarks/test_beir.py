import gzip
import json
import logging
import shutil

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.errors import InputError
from src.evaluation.benchmarks.beir import load
from src.evaluation.evaluate import score

DOCUMENTS = [
    {"_id": "d1", "title": "Albedo", "text": "is reflection"},
    {"_id": "d2", "text": "no title here"},
    {"_id": "q1", "title": "", "text": "a document with a query's id", "metadata": {}},
    {"_id": "d4", "title": "", "text": ""},
]
QUERIES = [{"_id": "q1", "text": "what reflects?"}, {"_id": "q3", "text": "unasked"}, {"_id": "q2", "text": "which?"}]
QRELS = [("q2", "d2", 1), ("q1", "d1", 2), ("q1", "d2", 0)]


def write(folder, documents=DOCUMENTS, queries=QUERIES, qrels=QRELS, split="test"):
    (folder / "qrels").mkdir(parents=True)
    for name, lines in (("corpus", documents), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels" / f"{split}.tsv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def read(tmp_path):
    def read(folder, **options):
        return load(folder, tmp_path / "cache", **options)

    return read


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "mine")


def test_the_published_layout(folder, read, caplog):
    with caplog.at_level(logging.WARNING):
        made = read(folder)
    assert "1 documents without any text" in caplog.text
    assert (made.name, made.languages, made.settings) == ("mine", ("en",), ("monolingual",))
    assert list(made.candidates.ids) == ["d1", "d2", "q1", "d4"]
    assert list(made.candidates.texts) == ["Albedo is reflection", "no title here", "a document with a query's id", ""]
    assert made.queries.ids == ["q1", "q2"]  # q3 is not judged
    judged = made.judgements
    assert (judged.query.tolist(), judged.candidate.tolist()) == ([0, 0, 1], [0, 1, 1])
    assert judged.grade.tolist() == [2, 0, 1]
    assert (made.own, made.missing, made.metrics) == (None, None, ("nDCG@10", "R@100"))
    assert sorted(made.sources) == ["corpus.jsonl", "qrels/test.tsv", "queries.jsonl"]


def test_gzipped_files_are_the_same_benchmark(folder, read):
    plain = read(folder)
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert read(folder).fingerprint == plain.fingerprint


def test_other_words_are_another_benchmark_and_shown(folder, read):
    plain, alone = read(folder), read(folder, document_template="{text}")
    asked = read(folder, query_template="Find it: {text}")
    assert asked.queries.texts[0] == "Find it: what reflects?"
    assert alone.candidates.texts[0] == "is reflection"
    assert [made.template for made in (plain, alone, asked)] == [
        "{title} {text}", "{text}", "{title} {text}; query: Find it: {text}",
    ]  # fmt: skip
    assert len({plain.fingerprint, asked.fingerprint, alone.fingerprint}) == 3


def test_a_querys_own_instruction(tmp_path, read):
    queries = [{**query, "instruction": f"Do {query['_id']}:"} for query in QUERIES]
    made = read(write(tmp_path / "tools", queries=queries), query_template="{instruction} {text}")
    assert made.queries.texts == ["Do q1: what reflects?", "Do q2: which?"]


def test_changed_files_are_read_again(folder, read):
    plain = read(folder)
    (folder / "corpus.jsonl").write_text((folder / "corpus.jsonl").read_text().replace("Albedo", "Light"))
    assert read(folder).candidates.texts[0] == "Light is reflection"
    assert read(folder).fingerprint != plain.fingerprint


def test_split_name_and_language(tmp_path, read):
    made = read(write(tmp_path / "mine", split="dev"), split="dev", name="laws", language="de")
    assert (made.name, made.languages) == ("laws_dev", ("de",))


def test_identical_ids(folder, read, tmp_path):
    assert read(folder, ignore_identical_ids=True).own.tolist() == [2, -1]
    for name in ("arguana", "quora"):
        copy = shutil.copytree(folder, tmp_path / name)
        assert read(copy).own.tolist() == [2, -1]
        assert read(copy, ignore_identical_ids=False).own is None


def test_a_missing_document_is_relevant_and_never_found(tmp_path, read):
    folder = write(tmp_path / "mine", qrels=[("q2", "gone", 1), ("q2", "also gone", 0), *QRELS])
    with pytest.raises(InputError, match=r"2 judgements .*lacks, the first about 'gone'") as error:
        read(folder, missing_documents=1)
    assert error.value.where == f"{folder / 'qrels' / 'test.tsv'}, line 2"
    made = read(folder, missing_documents=2, metrics=("R@100", "nDCG@10"))
    best = np.array([[1, 0, 0, 0], [0, 1, 0, 0]], np.float32)
    (_, second) = score(made, best, np.eye(4, dtype=np.float32)).per_query.to_pylist()
    assert (second["R@100"], second["nDCG@10"]) == pytest.approx((0.5, 1 / (1 + 1 / np.log2(3))))


@pytest.mark.parametrize(
    ("change", "message", "where"),
    [
        ({"documents": [{"_id": "d1", "title": "no text"}]}, "missing column 'text'", "corpus.jsonl, line 1"),
        ({"documents": [*DOCUMENTS, DOCUMENTS[1]]}, "'d2' comes twice", "corpus.jsonl, line 5"),
        ({"documents": [{"_id": 7, "text": "a"}]}, "'_id' must be a string", "corpus.jsonl, line 1"),
        ({"documents": [{"id": "7", "text": "a"}]}, "missing column '_id'", "corpus.jsonl, line 1"),
        ({"documents": []}, "corpus is empty", "corpus.jsonl"),
        ({"documents": DOCUMENTS[1:]}, "lacks, the first about 'd1'", "test.tsv, line 3"),
        ({"queries": QUERIES[1:]}, "unknown query, 'q1'", "test.tsv, line 3"),
        ({"queries": []}, "unknown query, 'q2'", "test.tsv, line 2"),
        ({"queries": [*QUERIES, QUERIES[0]]}, "'q1' comes twice", "queries.jsonl, line 4"),
        ({"queries": [{"_id": "q1", "text": " "}]}, "'q1' has no text", "queries.jsonl, line 1"),
        ({"qrels": [*QRELS, ("q1", "d1", 1)]}, "judged twice", "test.tsv, line 5"),
        ({"qrels": [*QRELS, ("q2", "d1", 1)]}, "not sorted", "test.tsv, line 5"),
        ({"qrels": [("q1", "d1", "high")]}, "not an integer", "test.tsv, line 2"),
        ({"qrels": [("q1", "d1")]}, "found 2 columns", "test.tsv, line 2"),
        ({"qrels": []}, "no judgement", "test.tsv"),
    ],
)
def test_bad_files_are_named(tmp_path, read, change, message, where):
    with pytest.raises(InputError, match=message) as error:
        read(write(tmp_path / "mine", **change))
    assert error.value.where.endswith(where)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "dev"}, "no file qrels/dev.tsv or qrels/dev.tsv.gz"),
        ({"language": "English"}, "'English' is not a language code"),
        ({"document_template": "{title}"}, "template '{title}'"),
        ({"query_template": "{question}"}, "template '{question}'"),
        ({"metrics": ["nDCG@ten"]}, "unknown metric"),
    ],
)
def test_bad_options_are_named(folder, read, options, message):
    with pytest.raises(InputError, match=message):
        read(folder, **options)


def test_a_truncated_corpus(folder, read, tmp_path):
    lines = "".join(json.dumps({"_id": f"d{n}", "text": np.base_repr(n**7, 36)}) + "\n" for n in range(3000))
    (folder / "corpus.jsonl").unlink()
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(lines.encode())[:-5000])
    with pytest.raises(InputError, match="cannot read the file") as error:
        read(folder)
    assert "corpus.jsonl.gz, at or after line" in error.value.where
    assert not any((tmp_path / "cache" / "corpora").iterdir())


def test_the_configuration(folder, tmp_path):
    config = OmegaConf.load("conf/benchmark/beir.yaml")
    made = instantiate(OmegaConf.merge(config, {"folder": str(folder), "cache_dir": str(tmp_path)}))()
    assert made.template == "{title} {text}"


def test_arguana(real_data, read):
    """1,298 queries are documents themselves; five judgements are about documents that the published corpus lacks."""
    made = read(real_data("beir") / "arguana")
    sizes = (len(made.queries), len(made.candidates), len(made.judgements), len(made.missing.query))
    assert (made.name, *sizes) == ("arguana", 1406, 8674, 1401, 5)
    own = np.flatnonzero(made.own >= 0)
    assert len(own) == 1298
    assert all(made.candidates.ids[made.own[row]] == made.queries.ids[row] for row in own.tolist())
    assert (made.judgements.grade == 1).all()
    rng = np.random.default_rng(0)
    summary = score(made, rng.normal(size=(1406, 4)).astype("f"), rng.normal(size=(8674, 4)).astype("f")).summary
    assert summary["settings"]["monolingual"]["queries"] == 1406
