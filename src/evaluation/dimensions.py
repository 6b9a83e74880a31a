"""Embeddings cut to their first numbers: texts are encoded once, and scored at several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from src.encoder.settings import check_sizes
from src.errors import InputError
from src.evaluation.benchmark import Benchmark
from src.evaluation.suite import Suite, averages

if TYPE_CHECKING:
    from src.encoder.dual_encoder import DualEncoder
    from src.retrieval.search import Search

KEY = "dimensions"

Summaries = Mapping[str, Mapping[str, Any]]


def check_dimensions(asked: object) -> None:
    """InputError where `dimensions` is neither null nor a list of sizes, told before anything is loaded."""
    if asked is not None:
        check_sizes(asked, where=KEY)


def sizes_of(encoder: DualEncoder, asked: Sequence[int] | None, search: Search | None = None) -> tuple[int, ...]:
    """Sizes to score beside the whole embedding, largest first: those asked for, else those it was trained for.

    InputError where the embeddings are shorter, or where the search cannot search vectors of such a size.
    """
    check_dimensions(asked)
    sizes = encoder.settings.matryoshka_dimensions if asked is None else asked
    if sizes and max(sizes) > encoder.dimension:
        raise InputError(
            f"the embeddings have {encoder.dimension} dimensions, {max(sizes)} are asked for",
            where=KEY,
            fix=f"sizes up to {encoder.dimension}",
        )
    cut = tuple(sorted((int(size) for size in sizes if size < encoder.dimension), reverse=True))
    for size in cut if search else ():
        search.check(size)  # type: ignore[union-attr]
    return cut


def name_at(name: str, size: int) -> str:
    """What the results at a size are called: cldr_facts@32."""
    return f"{name}@{size}"


def at_size(summary: Mapping[str, Any], size: int, whole: int) -> dict[str, Any]:
    """A summary of results at a size, named so; `whole` is the embeddings' own."""
    name = summary["name"]
    marked = {**summary, "name": name_at(name, size), "dimension": size, "cut_from": {"name": name, "dimension": whole}}
    if "members" in summary:
        marked["members"] = {name_at(member, size): score for member, score in summary["members"].items()}
    return marked


def is_whole(summary: Mapping[str, Any]) -> bool:
    """Whether the results are those of whole embeddings."""
    return "dimension" not in summary


def averages_at_each_size(scored: Benchmark | Suite, summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Those of suites, of whole embeddings first and then size by size; see `suite.averages`."""
    found: dict[str, Any] = averages(scored, {each["name"]: each for each in summaries if is_whole(each)})
    cut = [each for each in summaries if not is_whole(each)]
    for size in dict.fromkeys(each["dimension"] for each in cut):
        own = {each["cut_from"]["name"]: each for each in cut if each["dimension"] == size}
        whole = next(iter(own.values()))["cut_from"]["dimension"]
        marked = [at_size(each, size, whole) for each in averages(scored, own).values()]
        found |= {each["name"]: each for each in marked}
    return found
