"""Options are checked as a job starts: known to what they configure, of the type it declares, within bounds."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object
from omegaconf import DictConfig, OmegaConf

from src.errors import InputError

ANY = range(2**31)  # whole numbers from 0 on
POSITIVE = range(1, 2**31)
SEEDS = range(2**32)  # as many as numpy takes

# float: from 0 on; a tuple: one of these
Bound = range | type[bool | float | str | dict] | tuple[str | bool | None, ...]

TRAINING: dict[str, Bound] = {
    "seed": SEEDS,
    "batch_size": POSITIVE,
    "max_steps": POSITIVE,
    "negatives": ANY,
    "gradient_cache": POSITIVE,
    "num_workers": ANY,
    "pretokenize": bool,
    "cache_dir": str,
    "name": str,
    "save_run": bool,
    "instructions": dict,
    "instruction_template": str,
    "trainer.resume": str,
    "trainer.num_nodes": POSITIVE,
    "trainer.accumulate_grad_batches": POSITIVE,
    "trainer.gradient_clip_val": float,
    "trainer.log_every_n_steps": POSITIVE,
    "trainer.deterministic": (True, False, "warn"),
    "trainer.chunk_overhead": ANY,
    "trainer.threads": POSITIVE,
    "callbacks.validation.every_n_steps": POSITIVE,
    "callbacks.validation.max_batches": POSITIVE,
    "callbacks.validation.max_queries": ANY,
    "callbacks.validation.max_candidates": POSITIVE,
    "callbacks.checkpoint.mode": ("auto", "max", "min"),
    "callbacks.checkpoint.keep": POSITIVE,
    "callbacks.checkpoint.optimizer": bool,
    "callbacks.checkpoint.keep_last": POSITIVE,
    "callbacks.checkpoint.every_n_steps": POSITIVE,
    "callbacks.early_stopping.patience": ANY,
    "callbacks.progress_bar": bool,
}
EVALUATION: dict[str, Bound] = {
    "seed": SEEDS,
    "cache_dir": str,
    "save_run": bool,
}
BOUNDS = {"train": TRAINING, "evaluate": EVALUATION}  # by entry point
NULLABLE = (
    *("gradient_cache", "instructions", "trainer.threads", "trainer.resume", "trainer.gradient_clip_val"),
    *("callbacks.checkpoint.every_n_steps", "callbacks.early_stopping.patience"),
)

KINDS: dict[str, tuple[Any, str]] = {  # as annotations begin, the values they stand for, and words for those
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "str": (str, "a text"),
    "Path": (str, "a path"),
    "Sequence": (list, "a list"),
    "list": (list, "a list"),
    "tuple": (list, "a list"),
    "Mapping": (dict, "a mapping"),
    "None": (NoneType, "null"),
}


def check_options(config: DictConfig, bounds: Mapping[str, Bound]) -> None:
    """InputError for the first option out of its bounds, of another type than declared, or known to nothing."""
    for key, bound in bounds.items():
        value = OmegaConf.select(config, key)
        if not (value is None and key in NULLABLE):
            _check_bound(key, value, bound)
    for group, section in _sections(config):
        _check_section(group, section)


def texts(value: str | Sequence[str] | None, where: str) -> list[str]:
    """A list of texts, where one of them may be given as it is; InputError for anything else."""
    listed = () if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, Sequence) or not all(isinstance(each, str) for each in listed):
        raise InputError(f"{where} must be a text or a list of texts, got {value!r}", where=where)
    return list(listed)


def as_input_error(error: Exception, config: DictConfig) -> InputError | None:
    """The mistake in the input that an exception stands for, if it does.

    Hydra wraps what a constructor raises; and a target that passes its options on (`**options`) shows only when
    called which it does not take.
    """
    if isinstance(error, InstantiationException):
        cause = error.__cause__
        return cause if isinstance(cause, InputError) else None
    unexpected = re.search(r"unexpected keyword argument '(\w+)'", str(error)) if isinstance(error, TypeError) else None
    for group, section in _sections(config):
        if unexpected and unexpected[1] in section:
            return _unknown(group, unexpected[1], f"conf/{group}/ has what it takes")
    return None


def _sections(config: DictConfig, above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Whatever names what it configures, at any depth, by its key."""
    for key in config:  # not always a text: a staircase of weights has numbers
        section, name = None if OmegaConf.is_missing(config, key) else config[key], above + str(key)
        if not isinstance(section, DictConfig):
            continue
        if "_target_" in section:
            options: dict[str, Any] = OmegaConf.to_container(section, resolve=True)  # type: ignore[assignment]
            if above == "terms.":
                options.pop("weight", None)  # the term's, but nothing that it is told
            yield name, options
        yield from _sections(section, f"{name}.")


def _check_bound(key: str, value: Any, bound: Bound) -> None:
    if isinstance(bound, range):
        whole = isinstance(value, int) and not isinstance(value, bool)
        good = whole and value in bound
        wanted = f"a whole number from {bound.start} " + (f"to {bound[-1]}" if whole and value > bound[-1] else "on")
    elif isinstance(bound, tuple):
        words = ("null" if each is None else str(each).lower() for each in bound)
        good, wanted = value in bound, f"one of {', '.join(words)}"
    elif bound is float:
        good, wanted = _fits(value, ["float"]) and value >= 0, "a number from 0 on"
    elif bound is str:
        good, wanted = isinstance(value, str) and value.strip() != "", "a text"
    elif bound is dict:
        good, wanted = isinstance(value, DictConfig), "a mapping"
    else:
        good, wanted = isinstance(value, bool), "true or false"
    if not good:
        raise InputError(f"{key} must be {wanted}, got {value!r}", where=key)


def _check_section(group: str, section: Mapping[str, Any]) -> None:
    try:
        target = get_object(section["_target_"])
    except Exception as error:  # importing it may fail in any way
        raise InputError(f"cannot load {section['_target_']}: {error}", where=f"{group}._target_") from error
    parameters = inspect.signature(target).parameters
    passes_on = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for key in [key for key in section if not key.startswith("_")]:
        if key not in parameters and not passes_on:
            known = ", ".join(name for name in parameters if name in section)
            raise _unknown(group, key, f"one of {known}" if known else "leave it out")
        kinds = _kinds(parameters[key]) if key in parameters else None
        if kinds and not _fits(section[key], kinds):
            wanted = " or ".join(dict.fromkeys(KINDS[kind][1] for kind in kinds))
            raise InputError(f"{group}.{key} must be {wanted}, got {section[key]!r}", where=f"{group}.{key}")


def _unknown(group: str, key: str, fix: str) -> InputError:
    return InputError(f"{group} has no option {key!r}", where=f"{group}.{key}", fix=fix)


def _kinds(parameter: inspect.Parameter) -> list[str] | None:
    """What a parameter's annotation is made of, if that is plain types; the owner of any other checks it itself."""
    written = parameter.annotation
    text = written if isinstance(written, str) else inspect.formatannotation(written)
    while "[" in text:  # only what is outermost counts
        text = re.sub(r"\[[^\[\]]*\]", "", text)
    kinds = text.split(" | ")
    return kinds if set(kinds) <= KINDS.keys() else None


def _fits(value: Any, kinds: Sequence[str]) -> bool:
    if isinstance(value, bool):  # an int to Python, not to a person
        return "bool" in kinds
    return any(isinstance(value, KINDS[kind][0]) for kind in kinds)
