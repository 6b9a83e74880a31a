"""Mistakes in the input and the configuration: told in plain words before training, with where and what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.command import SMALL, Answer, type_in

OWN_DATA = ("callbacks.validation.max_queries=0", "batch_size=8")


@pytest.fixture
def train(cache_dir, tmp_path) -> Callable[..., Answer]:
    """Types in a small run whose folder is tmp_path/run."""

    def run(*words: str, without: str | tuple[str, ...] = "-") -> Answer:
        small = [word for word in SMALL if not word.startswith(without)]
        where = [] if any("hydra." in word for word in words) else [f"hydra.run.dir={tmp_path / 'run'}"]
        return type_in("src.train", *small, "logger=csv", f"cache_dir={cache_dir}", *where, *words)

    return run


def refused(answer: Answer, *told: str) -> None:
    assert answer.status == 2, answer.text
    for what in told:
        assert what in answer.err
    assert "Traceback" not in answer.text
    assert "training on" not in answer.err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("max_steps=abc", "max_steps must be a whole number from 1 on, got 'abc'"),
        ("max_steps=", "max_steps must be a whole number from 1 on, got ''"),
        ("max_steps=0", "max_steps must be a whole number from 1 on, got 0"),
        ("max_steps=-1", "where: max_steps"),
        ("batch_size=0", "batch_size must be a whole number from 1 on"),
        ("batch_size=-8", "where: batch_size"),
        ("batch_size=16.5", "where: batch_size"),
        ("seed=-1", "where: seed"),
        ("negatives=x", "where: negatives"),
        ("negatives=1", "cldr_facts has no explicit negatives"),
        ("num_workers=-1", "where: num_workers"),
        ("cache_dir=", "cache_dir must be a text, got ''"),
        ("pretokenize=maybe", "pretokenize must be true or false"),
        ("optimized_metric=mAP", "does not measure 'mAP'\n  where: optimized_metric\n  fix:   one of monolingual/mAP"),
        ("callbacks.validation.every_n_steps=0", "where: callbacks.validation.every_n_steps"),
        ("callbacks.checkpoint.monitor=val/foo", "val/foo is never measured in this run"),
        ("callbacks.checkpoint.mode=best", "must be one of auto, max, min"),
        ("+sampler.alhpa=0.3", "sampler has no option 'alhpa'\n  where: sampler.alhpa\n  fix:   one of alpha"),
        ("sampler.alpha=2", "alpha must be between 0 and 1, got 2"),
        ("sampler.language_weighting=loud", "where: sampler.language_weighting"),
        ("sampler._target_=src.nowhere.Sampler", "cannot load src.nowhere.Sampler"),
        ("optimizer.lr=0", "the learning rate must be above 0, got 0"),
        ("optimizer.lr=fast", "optimizer.lr must be a number, got 'fast'"),
        ("optimizer.betas=[1,2]", "where: optimizer.betas"),
        ("objective.temperature=0", "the temperature must be above 0, got 0"),
        ("objective.denominator=all", "unknown denominator 'all'"),
        ("objective.denominator=explicit", "where: objective.denominator, negatives"),
        ("+model.foo=1", "model has no option 'foo'"),
        ("model.pooling=max", "unknown pooling 'max'"),
        ("model.hidden_size=15", "no such BERT"),
        ("model.layers=0", "where: model.layers"),
        ("model.vocabulary=10", "where: model.vocabulary"),
        ("dataset.languages=de", "dataset.languages must be a list or null, got 'de'"),
        ("dataset.languages=[]", "no language is named"),
        ("dataset.languages=[de,de]", "languages are named twice: ['de', 'de']"),
        ("dataset.languages=[de,xx]", "cldr_facts has no 'xx'"),
        ("benchmark.languages=[xx]", "where: benchmark.languages"),
        ("benchmark.split=dev", "unknown split 'dev'"),
        ("benchmark.metrics=[]", "where: benchmark.metrics"),
        ("benchmark.metrics=[mAP@0]", "unknown metric 'mAP@0'\n  where: metrics"),
        ("benchmark=xquad_r", "conf/benchmark/ says where to get it"),
        ("+trainer.foo=1", "foo"),
        ("+trainer.max_epochs=3", "trainer.max_epochs is not free"),
        ("+trainer.limit_val_batches=0", "trainer.limit_val_batches is not free"),
        ("+trainer.overfit_batches=2", "trainer.overfit_batches is not free"),
        ("trainer.precision=8", "where: trainer"),
        ("trainer.devices=0", "where: trainer.accelerator, trainer.devices"),
        ("trainer.accelerator=abacus", "where: trainer.accelerator, trainer.devices"),
        ("trainer.num_nodes=two", "trainer.num_nodes must be a whole number from 1 on, got 'two'"),
        ("trainer.accumulate_grad_batches=0", "where: trainer.accumulate_grad_batches"),
        ("trainer.accumulate_grad_batches=3", "fix:   make batch_size a multiple of 3"),
        ("trainer.threads=0", "where: trainer.threads"),
        ("trainer.gradient_clip_val=-1", "trainer.gradient_clip_val must be a number from 0 on, got -1"),
        ("trainer.deterministic=foo", "trainer.deterministic must be one of true, false, warn, got 'foo'"),
        ("trainer.strategy=foo", "trainer.strategy\n  fix:   trainer=cpu"),
        ("trainer.resume=[last.ckpt]", "trainer.resume must be a text, got ['last.ckpt']"),
        ("instructions=[cldr_facts]", "instructions must be a mapping, got ['cldr_facts']"),
        ("instruction_template=null", "instruction_template must be a text, got None"),
        ("trainer.resume=nowhere.ckpt", "no checkpoint file nowhere.ckpt"),
    ],
)
def test_an_option_that_cannot_be(train, tmp_path, word, told):
    refused(train(word), told, "  where: ")
    assert json.loads((tmp_path / "run" / "record.json").read_text())["status"] == "failed"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("sampler=foo", "Could not find 'sampler/foo'\n\nAvailable options in 'sampler':\n\tannealed\n"),
        ("experiment=foo", "Available options in 'experiment':"),
        ("trainer.foo=1", "Key 'foo' is not in struct\n    full_key: trainer.foo"),
        ("sampler.alhpa=0.3", "full_key: sampler.alhpa"),
        ("batch_size=[", "no viable alternative at input '['"),
    ],
)
def test_what_hydra_says_itself_stays_readable(train, word, told):
    answer = train(word)
    assert answer.status == 1
    assert told in answer.err
    assert "Traceback" not in answer.text


def test_a_batch_that_cannot_be_split_over_the_devices(train):
    ranks = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    refused(train(*ranks, "batch_size=63"), "a batch of 63 cannot be split over 2 device(s)", "a multiple of 2")


def test_nothing_to_stop_early_by(train):
    words = ("callbacks.early_stopping.patience=1", "callbacks.checkpoint.monitor=null")
    refused(train(*words), "nothing to stop early by", "or set callbacks.early_stopping.patience=null")


@pytest.mark.parametrize("key", ["hydra.run.dir", "hydra.sweep.dir", "cache_dir"])
def test_a_folder_that_cannot_be_written(train, tmp_path, key):
    (tmp_path / "file").write_text("in the way")
    sweep = ["seed=1,2", "-m"] if "sweep" in key else []
    answer = train(f"{key}={tmp_path / 'file' / 'inside'}", *sweep)
    refused(answer, "folder cannot be written: Not a directory.", f"where: {tmp_path / 'file' / 'inside'}", "fix:")


def test_a_model_that_is_nowhere(train, tmp_path):
    labse = train("model=labse", without="model.")
    refused(labse, "'sentence-transformers/LaBSE' is neither a folder nor in the cache", "hf download")
    refused(train("model=hf", without="model."), "where: model.name_or_path")
    (tmp_path / "empty").mkdir()
    refused(train("model=hf", f"model.name_or_path={tmp_path / 'empty'}", without="model."), "no config.json")


def test_a_model_is_looked_for_before_the_data_are_read(train, tmp_path):
    answer = train("model=labse", "dataset=jsonl", f"dataset.folder={tmp_path / 'nowhere'}", without=("model.", "data"))
    refused(answer, "LaBSE")


def test_a_checkpoint_that_does_not_fit(train, finished_run, tmp_path):
    last = finished_run[0] / "checkpoints" / "last.ckpt"
    refused(train(f"trainer.resume={last}", "max_steps=2"), "the checkpoint is of step 4, beyond max_steps=2")
    damaged = tmp_path / "damaged.ckpt"
    damaged.write_bytes(last.read_bytes()[:500])
    refused(train(f"trainer.resume={damaged}"), "the checkpoint cannot be read")
    code = tmp_path / "code.ckpt"
    torch.save({"state_dict": {}, "hook": print}, code)
    refused(train(f"trainer.resume={code}"), "the checkpoint cannot be read")


class TestSquadFiles:
    def write(self, folder: Path, change: Callable[[str, list], None] = lambda language, articles: None) -> Path:
        """Two languages, 4 articles of 4 paragraphs with a question each."""
        folder.mkdir()
        for language in ("de", "en"):
            articles = [
                {"title": f"{a}", "paragraphs": [self.paragraph(language, f"{a}-{p}") for p in range(4)]}
                for a in range(4)
            ]
            change(language, articles)
            (folder / f"{language}.json").write_text(json.dumps({"data": articles}, indent=1))
        return folder

    def paragraph(self, language: str, name: str) -> dict:
        answer = {"text": language, "answer_start": 0}
        question = {"id": name, "question": f"{language} question {name}?", "answers": [answer]}
        return {"context": f"{language} context {name}.", "qas": [question]}

    def typed(self, train, folder: Path | None, *more: str) -> Answer:
        where = [f"dataset.folder={folder}"] if folder else []
        return train("dataset=squad", *where, *OWN_DATA, *more, without="dataset.")

    def test_good_files_train(self, train, tmp_path):
        answer = self.typed(train, self.write(tmp_path / "data"))
        assert answer.status == 0, answer.text

    def test_no_folder(self, train, tmp_path):
        refused(self.typed(train, None), "dataset=squad needs a folder", "where: dataset.folder")
        refused(self.typed(train, tmp_path / "nowhere"), f"no file or folder '{tmp_path / 'nowhere'}'")

    def test_no_file_for_a_language(self, train, tmp_path):
        answer = self.typed(train, self.write(tmp_path / "data"), "dataset.languages=[de,fr]")
        refused(answer, "no file for fr; there are files for de, en", "dataset.pattern")

    def test_malformed(self, train, tmp_path):
        folder = self.write(tmp_path / "data")
        lines = (folder / "en.json").read_text().splitlines()
        (folder / "en.json").write_text("\n".join([*lines[:7], "oops", *lines[7:]]))
        refused(self.typed(train, folder), "malformed JSON", f"where: {folder / 'en.json'}, line 8")

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda paragraph: paragraph.pop("context"), "missing key 'context'; found 'qas'"),
            (lambda paragraph: paragraph.update(context=" "), "empty 'context'"),
            (lambda paragraph: paragraph["qas"][0].update(question=""), "empty 'question'"),
            (lambda paragraph: paragraph["qas"][0].update(id="0-0"), "duplicate question id '0-0'"),
        ],
    )
    def test_one_bad_paragraph(self, train, tmp_path, change, told):
        folder = self.write(tmp_path / "data", lambda _, articles: change(articles[1]["paragraphs"][2]))
        refused(self.typed(train, folder), told, f"where: {folder / 'de.json'}, at data[1].paragraphs[2]", "fix:")

    def test_too_few_concepts_for_a_batch(self, train, tmp_path):
        answer = self.typed(train, self.write(tmp_path / "data"), "batch_size=32")
        refused(answer, "too few concepts for batches of 32 in de (15), en (15)", "lower batch_size to 15")

    @pytest.mark.parametrize("sampler", ["crosslingual", "hybrid"])
    def test_nothing_to_cross(self, train, tmp_path, sampler):
        def own_ids(language: str, articles: list) -> None:
            for article in articles:
                for paragraph in article["paragraphs"]:
                    paragraph["qas"][0]["id"] += language

        parallel, other = self.write(tmp_path / "parallel"), self.write(tmp_path / "other", own_ids)
        one = self.typed(train, parallel, "dataset.languages=[de]", f"sampler={sampler}")
        refused(one, "cross-lingual batches need two languages, the data hold 'de' only", "sampler=monolingual")
        refused(self.typed(train, other, f"sampler={sampler}"), "no concept has its question and its passage in two")
        alone = self.typed(train, other, "sampler=monolingual")
        assert alone.status == 0, alone.text


class TestJsonLines:
    ROWS = tuple(
        {"id": f"{i}", "language": language, "question": f"{language} question {i}", "passage": f"{language} text {i}"}
        for i in range(20)
        for language in ("de", "en")
    )

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('{"id": "x", ', "malformed JSON"),
            ('{"id": "x", "question": "a", "passage": "b"}', "missing column 'language'"),
            ('{"id": "x", "language": "de"}', "missing column: neither 'question' nor 'passage'"),
            ('{"id": "x", "language": "de", "qestion": "a", "passage": "b"}', "unknown column 'qestion'"),
            ('{"id": "x", "language": "de", "question": " ", "passage": "b"}', "empty 'question'"),
            (json.dumps(ROWS[3]), "duplicate"),
        ],
    )
    def test_a_bad_line_is_named(self, train, tmp_path, line, told):
        path = tmp_path / "data.jsonl"
        path.write_text("\n".join([*map(json.dumps, self.ROWS), line]) + "\n")
        answer = train("dataset=jsonl", f"dataset.folder={path}", *OWN_DATA, without="dataset.")
        refused(answer, told, f"where: {path}, line 41")

    def test_no_line_at_all(self, train, tmp_path):
        path = tmp_path / "data.jsonl"
        path.write_text("")
        refused(train("dataset=jsonl", f"dataset.folder={path}", without="dataset."), "the files hold no line")
