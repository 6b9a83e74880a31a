import json
import os
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf

from src.errors import InputError
from src.reporting.folder import (
    check_writable,
    plain,
    read_config,
    read_json,
    replacing,
    resolved,
    write_config,
    write_json,
)


def test_a_folder_is_made_and_left_empty(tmp_path: Path):
    folder = check_writable(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"hydra\.run\.dir") as caught:
        check_writable(tmp_path / "file" / "run")
    assert caught.value.where == str(tmp_path / "file" / "run")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "record.json"
    write_json(path, {"status": "running"})

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text('{"status": "fin')
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert json.loads(path.read_text()) == {"status": "running"}
    assert os.listdir(tmp_path) == ["record.json"]


def test_json_is_standard_whatever_it_is_given(tmp_path: Path):
    value = {
        "nan": float("nan"),
        1: np.float32(0.5),
        "a": np.arange(2),
        "p": Path("x/y"),
        "s": {"b", "a"},
        "t": (True,),
    }
    write_json(tmp_path / "x.json", value)
    text = (tmp_path / "x.json").read_text()
    assert "NaN" not in text
    assert json.loads(text) == {"nan": None, "1": 0.5, "a": [0, 1], "p": "x/y", "s": ["a", "b"], "t": [True]}
    assert plain(np.int64(3)) == 3


def test_malformed_json_names_file_and_line(tmp_path: Path):
    (tmp_path / "x.json").write_text('{"a": 1,\n "b": }\n')
    with pytest.raises(InputError, match="line 2"):
        read_json(tmp_path / "x.json")


@pytest.mark.parametrize("content", [b"[1, 2]", b"null", '{"name": "\u00e4"}'.encode()[:11]])
def test_what_is_no_json_object_names_the_file(tmp_path: Path, content: bytes):
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(InputError, match=r"record\.json"):
        read_json(tmp_path / "record.json")


@pytest.mark.parametrize(
    "content", [b"seed: 1\nsamp", b"seed: 1\nsampler: {alpha: 0", b"- seed\n- 1", b"seed: ${a", b"3", b"a: \xc3", b""]
)
def test_a_torn_configuration_names_the_file(tmp_path: Path, content: bytes):
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(InputError, match=r"config\.yaml"):
        read_config(tmp_path)


def test_the_configuration_is_written_resolved(tmp_path: Path):
    config = OmegaConf.create({"seed": 3, "sampler": {"seed": "${seed}", "alpha": 0.5}, "tags": ["a"]})
    write_config(tmp_path, resolved(config))
    text = (tmp_path / "config.yaml").read_text()
    assert "${" not in text
    assert OmegaConf.to_container(OmegaConf.load(tmp_path / "config.yaml")) == {
        "seed": 3,
        "sampler": {"seed": 3, "alpha": 0.5},
        "tags": ["a"],
    }
