"""The device that an encoder computes on."""

from __future__ import annotations

import torch

from src.errors import InputError


def choose_device(name: str) -> torch.device:
    """The device of that name, or for `auto` a GPU if there is one; InputError if it cannot be used."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError, TypeError) as error:  # each backend has its own
        reason = str(error).splitlines()[0]
        raise InputError(f"no device {name!r}: {reason}", where="device", fix="device=auto, or cpu") from error
