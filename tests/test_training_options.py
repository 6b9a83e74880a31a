"""What a run can be told, through the entry point: each option does what it says."""

import csv
import json
from pathlib import Path

import pytest

from tests.command import SMALL, type_in


@pytest.fixture
def train(tmp_path, cache_dir):
    def run(*words: str) -> dict:
        answer = type_in(
            "src.train", *SMALL, "logger=csv", f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path}/run", *words
        )
        assert answer.status == 0, answer.text
        return json.loads((tmp_path / "run" / "record.json").read_text())

    return run


def curve(folder: Path, metric: str) -> dict[int, float]:
    with (folder / "csv" / "metrics.csv").open() as file:
        return {int(row["step"]) + 1: float(row[metric]) for row in csv.DictReader(file) if row[metric]}


@pytest.mark.parametrize(("monitor", "best"), [("val/loss", min), ("val/multilingual/mAP", max)])
def test_the_checkpoint_is_chosen_by_what_it_is_told(train, tmp_path, monitor, best):
    every = ("callbacks.validation.every_n_steps=1", "model.training.lr=0.02", "max_steps=6")
    record = train(f"callbacks.checkpoint.monitor={monitor}", *every)
    values = curve(tmp_path / "run", monitor)
    assert len(values) == 6
    assert values[int(Path(record["checkpoint"]["file"]).stem.split("=")[-1])] == best(values.values())
    assert record["checkpoint"]["why"] == f"best {monitor}"


def test_stops_early_when_nothing_gets_better(train):
    words = ("callbacks.early_stopping.patience=1", "callbacks.validation.every_n_steps=1", "optimizer.lr=1e-12")
    record = train(*words, "max_steps=20", "callbacks.checkpoint.monitor=val/mAP")
    assert record["training"]["steps"] < 20
    assert record["training"]["pairs_seen"] == record["training"]["steps"] * 16 == record["plan"]["pairs"]


def test_the_last_weights_are_kept_when_nothing_is_monitored(train):
    record = train("callbacks.checkpoint.monitor=null")
    assert record["checkpoint"]["why"].startswith("the last step, 4")


def test_two_encoders_in_bf16_with_a_learned_temperature_both_ways(train):
    shared = train()["model"]["parameters"]
    words = ("model.shared=false", "model.pooling=cls", "trainer.precision=bf16-mixed", "objective.symmetric=true")
    record = train(*words, "objective.learn_temperature=true", "model.query_prompt='Query: '")
    assert record["model"]["parameters"] == 2 * shared


def test_accumulation_sees_the_same_rows_with_fewer_negatives(train):
    whole = train()["training"]
    halves = train("trainer.accumulate_grad_batches=2")["training"]
    assert halves["realised_language_pairs"] == whole["realised_language_pairs"]
    assert (whole["negatives_per_query"], halves["negatives_per_query"]) == (15, 7)


def english(path: Path, paragraphs: int = 12) -> Path:
    """A file in the SQuAD format: two questions a paragraph."""
    documents = []
    for number in range(paragraphs):
        text = f"Town {number} lies on river {number}."
        questions = (("town", 0), ("river", text.index("river")))
        qas = [
            {
                "id": f"{what}{number}",
                "question": f"Which {what} is number {number}?",
                "answers": [{"text": f"{what} {number}", "answer_start": start}],
            }
            for what, start in questions
        ]
        documents.append({"title": f"t{number}", "paragraphs": [{"context": text, "qas": qas}]})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": "1.1", "data": documents}))
    return path


def test_other_data_chooses_the_checkpoint(train, tmp_path):
    file = english(tmp_path / "shifts" / "reddit_v1.0.json")
    other = ("dataset@validation_data=squadshifts", f"validation_data.folder={file.parent}")
    words = (*other, f"validation_data.files={{en: [{file.name}]}}", "callbacks.checkpoint.monitor=val/loss")
    record = train(*words, "callbacks.validation.every_n_steps=2", "callbacks.validation.max_batches=9")
    assert record["validation_data"]["languages"] == ["en"]
    assert record["validation_data"]["concepts"]["validation"]["all"] == 24
    assert list(record["validation_data"]["sources"]) == [file.name]
    losses = curve(tmp_path / "run", "val/loss")
    assert record["checkpoint"]["why"] == "best val/loss"
    assert losses.keys() == {2, 4}
    assert curve(tmp_path / "run", "val/mAP").keys() == {2, 4}
    assert not any("multilingual" in name for name in (tmp_path / "run" / "csv" / "metrics.csv").read_text().split(","))
    own = train("callbacks.checkpoint.monitor=val/loss", "callbacks.validation.every_n_steps=2")
    assert "validation_data" not in own
    assert curve(tmp_path / "run", "val/loss") != losses


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "where: validation_data.folder"),
        (("validation_data.folder=nowhere",), "where: validation_data.folder"),
        (("validation_data.folder=HERE",), "missing new_wiki_v1.0.json, nyt_v1.0.json, reddit_v1.0.json"),
        (("validation_data.folder=HERE", "+validation_data.size=3"), "validation_data has no option 'size'"),
    ],
)
def test_wrong_validation_data_is_told_by_its_own_name(tmp_path, cache_dir, words, told):
    given = [word.replace("HERE", str(tmp_path)) for word in words]
    where = (f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path}/run", "logger=csv")
    answer = type_in("src.train", *SMALL, *where, "dataset@validation_data=squadshifts", *given)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text


def write(path: Path, rows: list[tuple]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


def test_the_papers_first_equation_on_triples_of_mmarco(train, tmp_path):
    for name, code in (("english", "en"), ("german", "de")):
        write(
            tmp_path / f"m/data/google/collections/{name}_collection.tsv", [(i, f"{code} text {i}") for i in range(90)]
        )
        queries = [(i, f"{code} asks {i}") for i in range(40)]
        write(tmp_path / f"m/data/google/queries/train/{name}_queries.train.tsv", queries)
    write(tmp_path / "m/data/triples.train.ids.small.tsv", [(i, i, 40 + i) for i in range(40)])
    data = ("dataset=mmarco", f"dataset.folder={tmp_path}/m", "dataset.validation_questions=5", "pretokenize=false")
    record = train(*data, "negatives=1", "objective.denominator=explicit")
    assert record["data"]["concepts"]["train"]["all"] == 35
    assert record["training"]["negatives_per_query"] == 16  # the explicit negatives of all rows, and no positives


def test_data_with_no_pair_in_one_language_train_without_a_validation(train, tmp_path):
    asked = [{"id": f"{i}", "language": "de", "question": f"Wer ist {i}?"} for i in range(60)]
    told = [{"id": f"{i}", "language": "en", "passage": f"This is {i}."} for i in range(60)]
    (tmp_path / "cross.jsonl").write_text("\n".join(map(json.dumps, asked + told)))
    data = ("dataset=jsonl", f"dataset.folder={tmp_path}/cross.jsonl", "sampler=crosslingual")
    record = train(*data, "callbacks.validation.every_n_steps=2")
    assert record["checkpoint"]["why"].startswith("the last step, 4: no validation")
    assert {path.name for path in (tmp_path / "run" / "checkpoints").iterdir()} == {"last.ckpt", "last-1.ckpt"}
    assert "nothing is validated: jsonl" in (tmp_path / "run" / "log.txt").read_text()
