"""Checks of a term's options, as its run starts."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from src.errors import InputError


def check_choice(value: Any, choices: Collection[str], where: str) -> None:
    """InputError unless it is one of these."""
    if value not in list(choices):
        raise InputError(f"unknown choice {value!r}", where=where, fix=f"one of {', '.join(choices)}")


def check_bool(value: Any, where: str) -> None:
    """InputError unless it is true or false."""
    if not isinstance(value, bool):
        raise InputError(f"must be true or false, got {value!r}", where=where)


def check_above_zero(value: Any, where: str) -> None:
    """InputError unless it is a finite number above 0."""
    if not is_number(value) or value <= 0:
        raise InputError(f"must be a number above 0, got {value!r}", where=where)


def is_number(value: Any) -> bool:
    """Whether it is a finite number, which to a person true is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def check_whole(value: Any, least: int, where: str) -> None:
    """InputError unless it is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"must be a whole number of at least {least}, got {value!r}", where=where)
