"""Passages and queries of JSON Lines files, put into words by a template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter

from src.data.corpus import Passage
from src.data.json_lines import Object, read_objects
from src.errors import InputError

DOCUMENT = "{title} {text}"  # as BEIR joins them
QUERY = "{text}"

Wording = Callable[[Object], str]


def wording(template: str, key: str, columns: Mapping[str, str | None]) -> Wording:
    """What fills a template such as "{title} {text}" from a line's columns, without space around it.

    `columns` are those that the template may name, each with what stands for it where a line has none; None: an error.
    """
    fix = f"{{text}} and, if wanted, {', '.join(f'{{{name}}}' for name in columns if name != 'text')}"
    try:
        parts = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise InputError(f"malformed template {template!r}: {error}", where=key, fix=fix) from error
    fields = {str(name) for _, name, _, _ in parts}
    decorated = any(how or conversion for _, _, how, conversion in parts)  # such as {text:>9} or {text!r}
    if decorated or not fields <= set(columns) or "text" not in fields:
        raise InputError(f"the template {template!r} does not hold what it may", where=key, fix=fix)
    return lambda line: template.format(**{name: line.text(name, columns[name]) for name in fields}).strip()


def document_wording(template: str) -> Wording:
    """Documents by their `title` (which may be absent) and `text`."""
    return wording(template, "benchmark.document_template", {"title": "", "text": None})


def query_wording(template: str) -> Wording:
    """Queries by their `text` and, where lines have one, their own `instruction`."""
    return wording(template, "benchmark.query_template", {"instruction": None, "text": None})


def read_passages(paths: Iterable[Path], column: str, text: Wording, prefix: str = "") -> Iterator[Passage]:
    """The passages of all files, streamed; `column` has their ids, before which `prefix` is put."""
    for path in paths:
        for line in read_objects(path):
            yield Passage(prefix + line.text(column), text(line), line.where)


def stated(document_template: str, query_template: str) -> str:
    """How texts were made, as results show it."""
    return document_template if query_template == QUERY else f"{document_template}; query: {query_template}"
