import pytest
import pytorch_lightning as pl
import torch

from tests.toy import toy_run


class Norms(pl.Callback):
    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_train_batch_end(self, trainer, module, *_):  # after the step, before the next clears them
        gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
        self.seen.append(float(torch.nn.utils.get_total_norm(gradients)))


def weights_after(folder, precision, *, clip=None):
    _, module, datamodule = toy_run(folder)
    norms = Norms()
    trainer = pl.Trainer(
        accelerator="cpu",
        precision=precision,
        gradient_clip_val=clip,
        max_steps=3,
        max_epochs=-1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        limit_val_batches=0,
        callbacks=[norms],
    )
    trainer.fit(module, datamodule=datamodule)
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()]), norms.seen


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "bf16-true"])
def test_gradients_are_clipped_in_every_precision(tmp_path, precision):
    _, free = weights_after(tmp_path / "free", precision)
    _, clipped = weights_after(tmp_path / "clipped", precision, clip=0.01)
    assert min(free) > 0.05
    assert max(clipped) == pytest.approx(0.01, rel=0.02)


def test_half_precision_trains_almost_alike(tmp_path):
    whole, _ = weights_after(tmp_path / "whole", "32-true", clip=1.0)
    half, _ = weights_after(tmp_path / "half", "bf16-mixed", clip=1.0)
    assert half.dtype == torch.float32
    assert not torch.equal(half, whole)
    assert torch.corrcoef(torch.stack([half, whole]))[0, 1] > 0.99
