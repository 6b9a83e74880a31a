"""What a run's setting has that a paper's has not, or of which the paper says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.comparing.runs import Run
from src.publishing.papers import Paper

NOT_STATED, NOT_RECORDED, NONE = "not stated", "not recorded", "none"


@dataclass(frozen=True)
class Apart:
    """One setting that differs, or of which one side is not known."""

    setting: str
    ours: str
    published: str

    @property
    def told(self) -> str:
        """Both sides in words."""
        return f"{self.setting}: {self.ours} here, {self.published} there"


def apart(runs: Sequence[Run], paper: Paper, sampler: str) -> list[Apart]:
    """The settings in which runs of one group are not, or not known to be, the paper's."""
    found = []
    for name, setting in paper.settings.items():
        if setting.sampler in (None, sampler):
            each = Apart(name, said_by(runs, setting.key), setting.published or NOT_STATED)
            found += [each] if each.ours != setting.published else []
    return found


def said_by(runs: Sequence[Run], key: str) -> str:
    """What runs say of a setting, as text: one value, or all that they have."""
    return " or ".join(dict.fromkeys(_said(run, key) for run in runs))


def _said(run: Run, key: str) -> str:
    """What a run, or the training behind an evaluation, says."""
    source = run.trained or run
    choices = source.record.get("choices") or {}
    for value in (_at(source.config, key.split(".")), choices.get(key), _at(source.record, key.split("."))):
        if value is not None and (not isinstance(value, Mapping) or not value):
            return _text(value)
    return NOT_RECORDED


def _at(tree: Any, keys: list[str]) -> Any:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _text(value: Any) -> str:
    if value in ("None", {}, []):  # a group left out, as Hydra spells it; no terms
        return NONE
    if isinstance(value, list):
        return " ".join(sorted(map(str, value)))
    return f"{value:g}" if isinstance(value, float) else str(value)
