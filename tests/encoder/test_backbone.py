import json

import pytest
import torch
from transformers import AutoModel

from src.encoder.backbone import load_config, quiet, usable_positions
from src.errors import InputError
from tests.encoder.checkpoints import build


def test_usable_positions_are_those_that_can_be_run(bert, xlmr):
    for folder, expected in ((bert, 64), (xlmr, 512)):
        with quiet():
            backbone = AutoModel.from_pretrained(folder)
        assert usable_positions(backbone) == expected
        with torch.no_grad():
            backbone(torch.full((1, expected), 5))
            with pytest.raises((RuntimeError, IndexError)):
                backbone(torch.full((1, expected + 1), 5))


@pytest.mark.parametrize(("side", "other"), [("query", "passage"), ("passage", "query")])
def test_a_length_above_the_positions_is_refused_by_its_key(xlmr, side, other):
    lengths = [f"model.max_{side}_length=513", f"model.max_{other}_length=512"]
    with pytest.raises(InputError, match=f"model.max_{side}_length 513 > 512 positions"):
        build("model=hf", f"model.name_or_path={xlmr}", *lengths)


def test_a_prompt_that_leaves_no_room_is_refused(xlmr):
    with pytest.raises(InputError, match=r"model\.max_query_length"):
        build("model=hf", f"model.name_or_path={xlmr}", "model.query_prompt='The The'", "model.max_query_length=4")


def test_an_encoder_decoder_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}))
    with pytest.raises(InputError, match="t5 is not an encoder alone"):
        load_config(str(tmp_path))


def test_quiet_restores_what_transformers_shows():
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with pytest.raises(RuntimeError), quiet():
        raise RuntimeError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
