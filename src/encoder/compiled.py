"""`model.compile`: a backbone's layers as one compiled function, for chunks of any shape."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from src.errors import InputError

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder

COMPILERS = ("g++", "clang++", "c++")


def compile_backbones(encoder: DualEncoder) -> None:
    """Compile in place, at the first call: names of weights stay, and what is saved or copied is not compiled.

    Shapes are dynamic, since every chunk of a batch has its own; each mode (training, evaluation) is compiled once.
    """
    wanted = os.environ.get("CXX")
    if not any(map(shutil.which, [wanted] if wanted else COMPILERS)):
        raise InputError(
            f"torch.compile needs a C++ compiler, and there is no {wanted or ', '.join(COMPILERS)}",
            where="model.compile",
            fix="model.compile=false, or install g++",
        )
    backbones: Any = encoder.backbones
    for backbone in backbones.values():
        backbone.compile(dynamic=True)
