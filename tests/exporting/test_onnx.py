"""The encoder as ONNX, for each architecture and kind of encoder; needs the packages of `.[onnx]`."""

from importlib.util import find_spec

import pytest
import torch

from src.exporting.check import CheckError
from src.exporting.onnx import PACKAGES, check_onnx, check_onnx_possible, write_onnx
from tests.encoder.checkpoints import build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(find_spec, PACKAGES)), reason="ONNX is not installed (pip install -e '.[onnx]')"),
]
LENGTHS = ("model.max_query_length=48", "model.max_passage_length=20")


@pytest.mark.parametrize(
    ("architecture", "overrides", "files"),
    [
        ("bert", ("model.pooling=pooler", "model.query_prompt='Tea: '"), {"model.onnx"}),
        ("xlmr", ("model.pooling=mean", "model.shared=false"), {"query.onnx", "passage.onnx"}),
        ("bert", ("model.pooling=cls", "model.normalize=false"), {"model.onnx"}),
    ],
)
def test_the_graphs_embed_texts_of_any_number_and_length_alike(architecture, overrides, files, request, tmp_path):
    checkpoint = request.getfixturevalue(architecture)
    encoder = build("model=hf", f"model.name_or_path={checkpoint}", *LENGTHS, *overrides)
    check_onnx_possible(encoder)
    write_onnx(encoder, tmp_path)
    assert {path.name for path in (tmp_path / "onnx").glob("*.onnx")} == files
    found = check_onnx(encoder, tmp_path, ["en", "ru"])
    assert set(found["largest_difference"]) == {"query", "passage"}
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.mul_(1.01)
    with pytest.raises(CheckError, match="differ by"):
        check_onnx(encoder, tmp_path, ["en"])
