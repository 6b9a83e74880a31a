"""Any benchmarks as one suite, composed by a YAML: XTREME-R's retrieval tasks, or your own choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.suite import Suite


def load(name: str, members: Mapping[str, Any], *, over: str = "tasks") -> Suite:
    """`members` are benchmarks as their own YAMLs configure them, by any key; the average is a mean over `over`."""
    return Suite(name, tuple(_load(key, member) for key, member in members.items()), over)


def _load(key: str, member: Callable[[], Benchmark | Suite]) -> Benchmark | Suite:
    if not callable(member):
        fix = "compose it from conf/benchmark, for example by `- xquad_r@members.xquad_r` in the suite's defaults"
        raise InputError("a member is no benchmark", where=f"benchmark.members.{key}", fix=fix)
    return member()
