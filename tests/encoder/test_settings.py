import json
from dataclasses import asdict, replace

import pytest

from src.encoder.settings import EncoderSettings
from src.errors import InputError

SETTINGS = EncoderSettings(
    name="tiny",
    shared=True,
    pooling="mean",
    normalize=True,
    query_prompt="Frage: ",
    passage_prompt="文: ",
    max_query_length=32,
    max_passage_length=64,
)


def test_prompts_and_lengths_by_side():
    assert (SETTINGS.prompt("query"), SETTINGS.max_length("query")) == ("Frage: ", 32)
    assert (SETTINGS.prompt("passage"), SETTINGS.max_length("passage")) == ("文: ", 64)


def test_what_is_written_is_read(tmp_path):
    SETTINGS.write(tmp_path)
    assert EncoderSettings.read(tmp_path) == SETTINGS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pooling", "max"),
        ("pooling", None),
        ("normalize", "yes"),
        ("shared", 1),
        ("query_prompt", None),
        ("max_query_length", 0),
        ("max_passage_length", "64"),
        ("matryoshka_dimensions", [64, 0]),
        ("matryoshka_dimensions", 64),
    ],
)
def test_a_bad_value_is_refused_by_its_key(tmp_path, key, value):
    with pytest.raises(InputError, match=f"model.{key}"):
        replace(SETTINGS, **{key: value})
    saved = {"format": 1, **asdict(SETTINGS), key: value}
    (tmp_path / "encoder.json").write_text(json.dumps(saved))
    with pytest.raises(InputError, match=r"encoder\.json"):
        EncoderSettings.read(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", json.dumps({"format": 2, **asdict(SETTINGS)}), json.dumps({"_target_": "os.system", "format": 1})],
)
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "encoder.json").write_text(content)
    with pytest.raises(InputError, match=r"encoder\.json"):
        EncoderSettings.read(tmp_path)


def test_a_folder_without_an_encoder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no saved encoder"):
        EncoderSettings.read(tmp_path)


def test_sizes_are_written_where_there_are_any(tmp_path):
    SETTINGS.write(tmp_path)
    assert "matryoshka_dimensions" not in json.loads((tmp_path / "encoder.json").read_text())
    cut = replace(SETTINGS, matryoshka_dimensions=(64, 32))
    cut.write(tmp_path)
    assert EncoderSettings.read(tmp_path) == cut
