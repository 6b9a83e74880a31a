"""python -m src.audit as typed."""

import json
from pathlib import Path

import pytest

from tests.command import Answer, type_in
from tests.zero_shot.eleven import PASSAGES, QUESTIONS, UNRELATED

LANGUAGES = ("en", "th", "zh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training data, and a benchmark in BEIR's layout that holds edits of it."""
    folder = tmp_path_factory.mktemp("audited")
    lines = [
        {"id": f"{code}{place}", "language": code, "question": question, "passage": passage}
        for code in LANGUAGES
        for place, (question, passage) in enumerate(
            [(QUESTIONS[code].original, PASSAGES[code].original), (f"{code} {code}?", UNRELATED[code][0])]
        )
    ]
    write(folder / "train.jsonl", lines)
    edits = PASSAGES["th"].edits()
    told = [*edits.values(), UNRELATED["th"][0], UNRELATED["th"][1]]
    write(folder / "beir" / "corpus.jsonl", [{"_id": f"d{i}", "text": text} for i, text in enumerate(told)])
    asked = [QUESTIONS["zh"].edits()["word"], "这是一个谁也没有问过的新问题，与其他一切都毫无关系。"]
    write(folder / "beir" / "queries.jsonl", [{"_id": f"q{i}", "text": text} for i, text in enumerate(asked)])
    (folder / "beir" / "qrels").mkdir()
    judged = ["query-id\tcorpus-id\tscore", *(f"q0\td{i}\t1" for i in range(len(edits))), "q1\td6\t1"]
    (folder / "beir" / "qrels" / "test.tsv").write_text("\n".join(judged) + "\n")
    return folder


def write(path: Path, lines: list[dict]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def audit(folder: Path, *more: str) -> Answer:
    return type_in(
        "src.audit",
        *("dataset=jsonl", f"dataset.folder={folder / 'train.jsonl'}", "dataset.validation_fraction=0"),
        *("benchmark=beir", f"benchmark.folder={folder / 'beir'}", "benchmark.language=zh"),
        *(f"hydra.run.dir={folder / 'run'}", f"cache_dir={folder / 'cache'}", *more),
    )


def test_an_audit_as_typed(folder: Path):
    answer = audit(folder, "examples=1")
    assert answer.status == 0, answer.text
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["zh", "2", "0", "0.0", "%", "1", "50.0", "%"] in rows
    assert ["zh", "6", "3", "50.0", "%", "5", "83.3", "%"] in rows
    assert ["zh", "1", "1", "100.0", "%", "1", "100.0", "%"] in rows
    assert answer.out.count("trained on in") == 3
    assert "questions: q0" in answer.out
    assert "trained on in zh" in answer.out
    assert "max_overlap=0.01" in answer.out
    found = json.loads((folder / "run" / "audit.json").read_text())
    (benchmark,) = found["benchmarks"].values()
    assert [each["id"] for each in benchmark["overlaps"]["relevant passages"]] == [f"d{i}" for i in range(5)]
    assert benchmark["overlaps"]["other passages"][0]["training"]["text"] == UNRELATED["th"][0]
    assert found["training"]["questions"] == 6
    assert found["config"]["similarity"] == 0.7


def test_a_limit_stops_it_after_all_is_told(folder: Path):
    answer = audit(folder, "max_overlap=0.6")
    assert answer.status == 2
    assert "83.3% of the relevant passages of" in answer.err
    assert "in zh are in the training data or nearly so, but max_overlap allows only 60.0%" in answer.err
    assert "everything" in answer.out
    assert "Traceback" not in answer.text


def test_exact_copies_alone(folder: Path):
    answer = audit(folder, "similarity=null", "max_overlap=0.6")
    assert answer.status == 0, answer.text
    assert "near" not in answer.out


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("max_overlap=1.5", "max_overlap must be a share from 0 to 1, got 1.5"),
        ("similarity=0.2", "similarity must be a number from 0.5 to 0.95, or null, got 0.2"),
        ("examples=-1", "examples must be a whole number from 0 on, got -1"),
        ("benchmark.folder=nowhere", "nowhere"),
    ],
)
def test_mistakes_in_plain_words(folder: Path, option: str, told: str):
    answer = audit(folder, option)
    assert answer.status == 2
    assert told in answer.err
    assert "Traceback" not in answer.text


def test_help():
    answer = type_in("src.audit", "--help")
    assert answer.status == 0
    assert "max_overlap: null" in answer.out
