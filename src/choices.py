"""Choices of the configuration's groups, checked as they are typed: of these mistakes Hydra says too little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from src.errors import InputError

ELSEWHERE = ("-cd", "--config-dir", "hydra.searchpath")  # give groups further choices


def check_choices(conf: str, arguments: Sequence[str]) -> None:
    """InputError where a group is given null, or a list that holds what is none of its choices."""
    known = not any(argument.startswith(ELSEWHERE) for argument in arguments)
    for override in _overrides(arguments):
        folder = Path(conf, override.key_or_group)
        if folder.is_dir() and not override.is_delete():
            choices = sorted(path.stem for path in folder.glob("*.yaml"))
            _check(override, override.value(), choices, known=known)


def _overrides(arguments: Sequence[str]) -> Iterator[Override]:
    """Those of each job of a sweep; none where Hydra itself will say what is wrong with them."""
    parser = OverridesParser.create()
    try:
        for override in parser.parse_overrides([word for word in arguments if "=" in word and word[0] != "-"]):
            if override.is_choice_sweep():
                key = override.get_key_element()
                yield from parser.parse_overrides([f"{key}={value}" for value in override.sweep_string_iterator()])
            elif not override.is_sweep_override():
                yield override
    except HydraException:
        return


def _check(override: Override, value: Any, choices: Sequence[str], *, known: bool) -> None:
    key, one_of = override.get_key_element().lstrip("+"), ", ".join(choices)
    if isinstance(value, list):
        for each in value:
            if not isinstance(each, str) or (known and each not in choices):
                what = f"{key} has no choice {each!r}"
                raise InputError(what, where=override.input_line, fix=f"a list of any of {one_of}")
    elif not isinstance(value, str | dict):
        shown = "null" if value is None else repr(value)
        fix = f"leave it out, {key}=[] for none, or one of {one_of}"
        raise InputError(f"{key} is chosen by name, not by {shown}", where=override.input_line, fix=fix)
