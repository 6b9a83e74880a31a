"""What a check found, part by part; a part that fails does not keep the others from being looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from omegaconf import DictConfig

from src.errors import InputError
from src.options import as_input_error

Made = TypeVar("Made")

OK, PROBLEM, SKIPPED = "ok", "problem", "not checked"


class NotCheckedError(Exception):
    """A part needs another one that failed, or cannot be looked at here."""


@dataclass(frozen=True)
class Finding:
    """What was found of one part of the run."""

    part: str
    state: str
    what: str
    error: InputError | None = None


@dataclass
class Findings:
    """All that was found, in order."""

    config: DictConfig
    all: list[Finding] = field(default_factory=list)

    @property
    def problems(self) -> list[Finding]:
        """What would make the run fail."""
        return [each for each in self.all if each.state == PROBLEM]

    def check(self, part: str, look: Callable[[], tuple[Made, str]]) -> Made | None:
        """What `look` made, its words being noted; or None, and why."""
        if self.failed(part):
            self.all.append(Finding(part, SKIPPED, "its options come first"))
            return None
        try:
            made, what = look()
        except NotCheckedError as reason:
            self.all.append(Finding(part, SKIPPED, str(reason)))
        except Exception as error:  # whatever it is, the run would fail on it
            self.problem(part, self._plain(part, error))
        else:
            self.all.append(Finding(part, OK, what))
            return made
        return None

    def problem(self, part: str, error: InputError) -> None:
        """Something that does, unless it was told already."""
        if str(error) not in {str(each.error) for each in self.problems}:
            self.all.append(Finding(part, PROBLEM, error.what, error))

    def failed(self, part: str) -> bool:
        """Whether the part has a problem, or one of its options."""
        wheres = (each.error.where or "" for each in self.problems if each.error)
        return any(each.part == part for each in self.problems) or any(w.startswith(f"{part}.") for w in wheres)

    def _plain(self, part: str, error: Exception) -> InputError:
        mistake = error if isinstance(error, InputError) else as_input_error(error, self.config)
        reason = str(error.__cause__ or error).strip() or "no message"
        return mistake or InputError(f"{type(error).__name__}: {reason.splitlines()[0]}", where=part)
