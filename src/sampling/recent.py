"""A memory of the last few results, for plans that are read step by step but computed many steps at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

KEPT = 3


class Recent(Generic[Result]):
    """A function of one number that remembers its last results; unlike functools.lru_cache it can be pickled."""

    def __init__(self, function: Callable[[int], Result]) -> None:
        self._function = function
        self._results: dict[int, Result] = {}

    def __call__(self, number: int) -> Result:
        """The function's result for `number`."""
        if number not in self._results:
            result = self._function(number)
            self._results[number] = result
            if len(self._results) > KEPT:
                del self._results[next(iter(self._results))]
        return self._results[number]
