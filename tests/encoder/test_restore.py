import pytest
import torch

from src.encoder.encode import encode
from src.encoder.restore import fit_weights, restore
from src.errors import InputError
from tests.encoder.checkpoints import TEXTS, build


@pytest.fixture
def run(tmp_path):
    """A run's folder: the chosen encoder, and a checkpoint of other weights beside it."""
    chosen, last = build("model=tiny"), build("model=tiny", seed=1)
    chosen.save(tmp_path / "encoder")
    (tmp_path / "checkpoints").mkdir()
    state = {f"encoder.{name}": weight for name, weight in last.state_dict().items()}
    torch.save({"state_dict": state | {"objective.log_scale": torch.zeros(1)}}, tmp_path / "checkpoints" / "last.ckpt")
    return tmp_path, chosen, last


def test_a_run_and_its_encoder_folder_give_the_chosen_encoder_and_a_checkpoint_its_own(run):
    folder, chosen, last = run
    for place, expected in (("", chosen), ("encoder", chosen), ("checkpoints/last.ckpt", last)):
        restored = restore(folder / place)
        assert (encode(restored, TEXTS, "query") == encode(expected, TEXTS, "query")).all()


@pytest.mark.parametrize(("place", "message"), [("checkpoints", "no trained encoder"), ("nowhere", "no such file")])
def test_another_place_is_refused(run, place, message):
    with pytest.raises(InputError, match=message):
        restore(run[0] / place)


def test_a_checkpoint_away_from_its_run_is_refused(run, tmp_path_factory):
    alone = tmp_path_factory.mktemp("alone") / "last.ckpt"
    (run[0] / "checkpoints" / "last.ckpt").rename(alone)
    with pytest.raises(InputError, match="keep it in its run's folder"):
        restore(alone)


def test_a_half_written_checkpoint_is_refused(run):
    path = run[0] / "checkpoints" / "last.ckpt"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot be read"):
        restore(path)


def test_weights_of_another_size_are_named(run):
    wide = build("model=tiny", "model.intermediate_size=64")
    with pytest.raises(InputError, match=r"does not fit the model: size mismatch for backbones\.shared"):
        fit_weights(wide, run[1].state_dict(), run[0] / "checkpoints" / "last.ckpt")
