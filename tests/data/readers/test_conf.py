import json
from pathlib import Path

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from src.errors import InputError

CONF = Path(__file__).resolve().parents[3] / "conf" / "dataset"
PARAGRAPH = {"context": "Ada wrote.", "qas": []}


def squad(folder):
    for language in ("de", "en"):
        question = {"id": "q", "question": f"{language}?", "answers": [{"text": "Ada", "answer_start": 0}]}
        document = {"data": [{"paragraphs": [PARAGRAPH | {"qas": [question]}]}]}
        (folder / f"my-{language}.json").write_text(json.dumps(document))
    return {"pattern": "my-{language}.json", "files": {"fr": "my-de.json"}, "validation_fraction": 0}


def jsonl(folder):
    lines = [{"id": "1", "language": language, "question": "?", "passage": "x"} for language in ("de", "en", "fr")]
    (folder / "mine.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return {"validation_fraction": 0}


def mmarco(folder):
    for name in ("german", "english", "french"):
        for part in (f"collections/{name}_collection.tsv", f"queries/train/{name}_queries.train.tsv"):
            path = folder / "data" / "google" / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("1\tone\n2\ttwo\n")
    (folder / "data" / "triples.train.ids.small.tsv").write_text("1\t2\t1\n")
    return {"validation_questions": 0}


@pytest.mark.parametrize("write", [squad, jsonl, mmarco])
def test_a_reader_runs_from_its_yaml(write, tmp_path):
    config = OmegaConf.load(CONF / f"{write.__name__}.yaml")
    chosen = {"folder": str(tmp_path), "languages": ["en", "de"]}
    read = instantiate(OmegaConf.merge(config, chosen, write(tmp_path)))
    data = read(tmp_path / "cache")
    assert data.name == write.__name__
    assert data.train.languages == data.questions.languages == ("en", "de")
    assert (data.train.question_languages.tolist(), data.train.passage_languages.tolist()) == ([0b11], [0b11])
    assert data.passages.get(data.train.passage, [1]) != data.questions.get(data.train.question, [1])
    assert read(tmp_path / "cache").fingerprint == data.fingerprint


@pytest.mark.parametrize("name", ["squad", "jsonl", "mmarco"])
@pytest.mark.parametrize(("folder", "message"), [({}, "needs a folder"), ({"folder": "absent"}, "no file or folder")])
def test_the_folder_must_be_given_and_be_there(name, folder, message, tmp_path):
    read = instantiate(OmegaConf.merge(OmegaConf.load(CONF / f"{name}.yaml"), folder))
    with pytest.raises(InputError, match=rf"{message}[^§]*add dataset\.folder=PATH; conf/dataset/{name}\.yaml"):
        read(tmp_path)
