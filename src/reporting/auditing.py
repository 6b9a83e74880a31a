"""What a person sees of a zero-shot audit."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.reporting.commands import nearby, python

SHOWN = 240  # characters of a text in an example
EXACT = "exact: the same letters and digits, whatever the case, punctuation, spacing and language tag."
NEAR = (
    "near: exact copies, and texts whose sets of character n-grams are at least {similarity:g} alike (Jaccard), very "
    "short texts only as a whole. Texts made from one template are alike, too: look at the examples."
)
SENTENCES = (
    "A text was trained on also where it is a sentence of a training passage, which Thai does not "
    "mark: there it is not found."
)
WHOLE = "Passages are compared as wholes: a text that is a sentence of a training passage is not found."
OTHERS = "Other passages answer no question: a pool may hold what was trained on, to distract."


def report_audit(
    out: Console, audit: Mapping[str, Any], file: Path, *, examples: int, overrides: Sequence[str] = ()
) -> None:
    """Print an audit: counts by language, examples, notes, where it is saved, what to type next."""
    if len(audit["benchmarks"]) > 1:
        _section(out, _heading(f"{len(audit['benchmarks'])} benchmarks", audit["training"]))
        _section(out, _suite_table(audit))
    for name, benchmark in audit["benchmarks"].items():
        if len(audit["benchmarks"]) == 1:
            _section(out, _heading(name, audit["training"]))
            for part, counted in benchmark["parts"].items():
                if counted["all"]["texts"]:
                    _section(out, _table(part, counted))
        for part, overlaps in benchmark["overlaps"].items():
            for overlap in chosen_examples(overlaps, examples):
                _section(out, _example(part, overlap))
    _section(out, _notes(audit))
    _section(out, Rule("saved", align="left", style="dim"))
    out.print(Text(f" everything  {nearby(file)}"), soft_wrap=True)
    _section(out, Rule("next", align="left", style="dim"))
    for purpose, command in _next(overrides).items():
        out.print(Text(f" # {purpose}\n {command}"), soft_wrap=True)


def chosen_examples(overlaps: Sequence[Mapping[str, Any]], number: int) -> list[Mapping[str, Any]]:
    """Of each language in turn, near-duplicates first: they are what has to be looked at."""
    by_language: dict[str, list[Mapping[str, Any]]] = {}
    for overlap in sorted(overlaps, key=lambda each: each["exact"]):
        by_language.setdefault(overlap["language"], []).append(overlap)
    depth = max(map(len, by_language.values()), default=0)
    turns = (each[turn] for turn in range(depth) for each in by_language.values() if turn < len(each))
    return [overlap for overlap, _ in zip(turns, range(number), strict=False)]


def _heading(name: str, training: Mapping[str, Any]) -> Text:
    sizes = f"{training['questions']:,} questions · {training['passages']:,} passages"
    return Text.assemble((f" {name}", "bold"), f" in {training['name']} · {sizes}")


def _table(part: str, counted: Mapping[str, Any]) -> Table:
    measures = [measure for measure in ("exact", "near") if measure in counted["all"]]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column(part, no_wrap=True, min_width=18)
    for column in ("texts", *(name for measure in measures for name in (measure, "share"))):
        table.add_column(column, justify="right", no_wrap=True)
    for language, count in counted["languages"].items():
        table.add_row(Text(language), *_cells(count, measures))
    if len(counted["languages"]) > 1:
        table.add_section()
        table.add_row("all", *_cells(counted["all"], measures), style="bold")
    return table


def _suite_table(audit: Mapping[str, Any]) -> Table:
    """A row a benchmark: of each part the share that was trained on, and the language with most of it."""
    measure = "near" if audit["similarity"] else "exact"
    parts = next(iter(audit["benchmarks"].values()))["parts"]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, caption="by language: audit.json", caption_justify="left")
    table.add_column(f"{measure}, most in", no_wrap=True)
    for part in parts:
        table.add_column(part, justify="right", no_wrap=True)
    for name, benchmark in audit["benchmarks"].items():
        table.add_row(Text(name), *(_most(benchmark["parts"][part], f"{measure}_share") for part in parts))
    return table


def _most(counted: Mapping[str, Any], share: str) -> str:
    most = max(counted["languages"].items(), key=lambda each: each[1][share], default=None)
    if most is None:
        return "–"
    where = f", {most[0]} {100 * most[1][share]:.1f} %" if most[1][share] else ""
    return f"{100 * counted['all'][share]:.1f} %{where}"


def _cells(count: Mapping[str, Any], measures: Sequence[str]) -> Iterator[str]:
    yield f"{count['texts']:,}"
    for measure in measures:
        yield f"{count[measure]:,}"
        yield f"{100 * count[f'{measure}_share']:.1f} %"


def _notes(audit: Mapping[str, Any]) -> Table:
    near = [NEAR.format(similarity=audit["similarity"])] if audit["similarity"] else []
    grid = Table.grid(padding=(0, 1))
    for note in (EXACT, *near, SENTENCES if audit["sentences"] else WHOLE, OTHERS):
        grid.add_row(" *", Text(note, style="dim"))
    return grid


def _example(part: str, overlap: Mapping[str, Any]) -> Group:
    kind = "exact" if overlap["exact"] else f"{overlap['similarity']:.2f} alike"
    training = overlap["training"]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=11)
    grid.add_column(overflow="fold")
    grid.add_row("  benchmark", Text(_short(overlap["text"])))
    grid.add_row("  training", Text(_short(training["text"])))
    return Group(Text(f" {part}: {overlap['id']}, {kind}; trained on in {training['language']}", style="dim"), grid)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 2]} …"


def _section(out: Console, part: RenderableType) -> None:
    out.print()
    out.print(part)


def _next(overrides: Sequence[str]) -> dict[str, str]:
    def without(*groups: str) -> list[str]:
        return [word for word in overrides if word.lstrip("+~").split("=")[0].split(".")[0] not in groups]

    own = ("similarity", "sentences", "examples", "listed", "max_overlap", "hydra")
    return {
        "train on this, score on that": shlex.join([python(), "-m", "src.train", *without(*own)]),
        "stop, with status 2, where more than 1 % of a language overlaps": shlex.join(
            [python(), "-m", "src.audit", *without("max_overlap", "hydra"), "max_overlap=0.01"]
        ),
    }
