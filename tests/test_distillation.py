"""A student learns of a frozen teacher, through the entry point."""

import csv
import json

import pytest

from tests.command import SMALL, type_in

SLOW = ("max_steps=6", "trainer.log_every_n_steps=1", "logger=csv")


@pytest.fixture
def train(finished_run, cache_dir, tmp_path):
    def run(*words):
        answer = type_in("src.train", *SMALL, *SLOW, f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path}/run", *words)
        return answer, tmp_path / "run"

    return run


def column(folder, name):
    with (folder / "csv" / "metrics.csv").open() as file:
        return [float(row[name]) for row in csv.DictReader(file) if row[name]]


@pytest.mark.slow
def test_the_students_texts_come_nearer_to_the_teachers(train, finished_run, cache_dir):
    words = ("terms=[distillation]", f"terms.distillation.checkpoint={finished_run[0]}", "optimizer.lr=0.01")
    answer, folder = train(*words, "objective_weight=0", "optimizer.warmup=0")
    assert answer.status == 0, answer.text
    cosines = column(folder, "train/distillation/teacher_cosine")
    assert 1 - cosines[-1] < 0.9 * (1 - cosines[0])
    assert column(folder, "train/distillation/weight") == [1.0] * 6
    assert column(folder, "train/objective/weight") == [0.0] * 6
    assert column(folder, "train/loss") == pytest.approx(column(folder, "train/distillation/loss"))
    made = len(list((cache_dir / "embeddings").iterdir()))
    again, _ = train(*words, f"hydra.run.dir={folder}-again")
    assert again.status == 0, again.text
    assert len(list((cache_dir / "embeddings").iterdir())) == made
    assert again.err.count("1 of 1 shards are in") == 2  # queries and passages: nothing is embedded twice
    assert json.loads((folder / "record.json").read_text())["status"] == "finished"


def test_a_teacher_is_any_model(train, finished_run):
    model = (
        "model@terms.distillation.teacher=hf",
        f"terms.distillation.teacher.name_or_path={finished_run[0]}/encoder",
    )
    answer, _ = train("terms=[distillation]", *model, "terms.distillation.language=de", "max_steps=1")
    assert answer.status == 0, answer.text
    assert "texts: those in de" in answer.err


def test_a_missing_teacher_is_told_before_anything_starts(train):
    answer, _ = train("terms=[distillation]", "terms.distillation.checkpoint=nowhere")
    assert answer.status == 2
    assert "where: terms.distillation.checkpoint=nowhere" in answer.err
    assert "training on" not in answer.err
