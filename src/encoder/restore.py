"""A trained encoder from what a run left: its folder, its encoder folder, or one of its checkpoints."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from src.encoder.debias import Debias
from src.encoder.dual_encoder import DualEncoder
from src.encoder.identity import weights_identity
from src.encoder.settings import FILE
from src.errors import InputError

log = logging.getLogger(__name__)

ENCODER = "encoder"  # the folder in a run's folder, and the prefix of the encoder's weights in a checkpoint


def restore(checkpoint: Path) -> DualEncoder:
    """The encoder of a run's folder, an encoder folder or a .ckpt file; InputError if it is none of these."""
    if checkpoint.is_file():
        folder = _structure_of(checkpoint)
        encoder = DualEncoder.load(folder, weights=False)
        fit_weights(encoder, encoder_weights(read_weights(checkpoint, where="checkpoint")), checkpoint)
        encoder.debias = _debias_of(encoder, folder)
        return _told(encoder)
    for folder in (checkpoint / ENCODER, checkpoint):
        if (folder / FILE).is_file():
            return _told(DualEncoder.load(folder))
    raise InputError(
        "no trained encoder here" if checkpoint.is_dir() else "no such file or folder",
        where=f"checkpoint={checkpoint}",
        fix="give the folder of a finished run, or a .ckpt file in its checkpoints/",
    )


def read_weights(checkpoint: Path, where: str) -> dict[str, Tensor]:
    """A training checkpoint's state dict."""
    return read_checkpoint(checkpoint, where)["state_dict"]


def encoder_weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Those of the encoder alone, by its own names."""
    prefix = f"{ENCODER}."
    return {name.removeprefix(prefix): held for name, held in state.items() if name.startswith(prefix)}


def read_checkpoint(checkpoint: Path, where: str) -> dict[str, Any]:
    """All that a training checkpoint holds; nothing but tensors and plain values is ever unpickled."""
    try:
        held = torch.load(checkpoint, map_location="cpu", weights_only=True)
        return {"state_dict": held["state_dict"], **held}
    except FileNotFoundError as error:
        raise InputError("no such checkpoint", where=f"{where}={checkpoint}") from error
    except Exception as error:  # a damaged file fails in many ways inside zip and pickle
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise InputError(f"the checkpoint cannot be read ({reason})", where=f"{where}={checkpoint}") from error


def fit_weights(module: nn.Module, state: dict[str, Tensor], checkpoint: Path, where: str = "checkpoint") -> None:
    """Load weights into a module; InputError naming the first that do not fit."""
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        problems = " ".join(line.strip() for line in str(error).splitlines()[1:3])
        raise InputError(
            f"the checkpoint does not fit the model: {problems}",
            where=f"{where}={checkpoint}",
            fix="compose the model, dataset and objective that it was trained with",
        ) from error


def _debias_of(encoder: DualEncoder, folder: Path) -> Debias | None:
    """The run's debiasing where it was fitted to these very weights, as the chosen checkpoint's are."""
    debias = Debias.load(folder, encoder.dimension)
    if debias is not None and debias.weights != weights_identity(encoder):
        log.warning("the debiasing in %s was fitted to the run's chosen weights: this checkpoint goes without", folder)
        return None
    return debias


def _told(encoder: DualEncoder) -> DualEncoder:
    if encoder.debias is not None:
        about = encoder.debias.about
        log.info("with the encoder comes debiasing, fitted on %s: %s", about.get("source"), about.get("method"))
    return encoder


def _structure_of(checkpoint: Path) -> Path:
    folder = checkpoint.parent.parent / ENCODER
    if not (folder / FILE).is_file():
        raise InputError(
            "a checkpoint alone does not say how its encoder is built",
            where=f"checkpoint={checkpoint}",
            fix=f"keep it in its run's folder, beside {folder}",
        )
    return folder
