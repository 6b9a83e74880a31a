"""What a person sees of a question that was put to texts: ranked answers, and the bias of the ranking by language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from src.reporting.tables import new_table

if TYPE_CHECKING:
    from src.asking.bias import QueryBias
    from src.asking.index import Asked
    from src.asking.texts import Texts

SHOWN = 300  # characters of an answer


def answers_table(asked: Asked, texts: Texts) -> RenderableType:
    """Rank, score and language beside each text, its source below."""
    grid = Table.grid(padding=(0, 1))
    for justify in ("right", "right", "left"):
        grid.add_column(justify=justify, no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for rank, score, number in asked.answers:
        text = texts[number]
        body = Group(Text(_cut(text.text)), Text(_source(text.source, text.id), style="dim"))
        grid.add_row(f" {rank}", f"{score:.3f}", Text(text.language, style="bold"), body)
    return Group(Text(f" {asked.question}", style="bold"), Text(), grid)


def answers_lines(asked: Asked, texts: Texts) -> list[str]:
    """One JSON object an answer."""
    head = {"question": asked.question, "question_language": asked.language}
    lines = []
    for rank, score, number in asked.answers:
        text = texts[number]
        found = {"rank": rank, "score": score, "language": text.language, "id": text.id, "source": text.source}
        lines.append(json.dumps({**head, **found, "text": text.text}, ensure_ascii=False))
    return lines


def bias_table(bias: QueryBias, asked: Asked) -> RenderableType:
    """A row a language, the one found first on top."""
    translated = bias.answer is not None
    last = [f"answer {bias.answer} at"] if translated else []
    table = new_table("language", f"in top {bias.top}", "share", "share of all", "first at", *last)
    table.title = Text(f" language bias of this question · {bias.top} best of {bias.pool:,} texts")
    for each in bias.languages:
        name = f"{each.language} (asked in)" if each.language == asked.language else each.language
        ranked = [f"{each.translation:,}" if each.translation else "–"] if translated else []
        shares = (f"{100 * share:.1f} %" for share in (each.share, each.pool_share))
        table.add_row(name, str(each.found), *shares, f"{each.first:,}", *ranked)
    return Group(table, Text(_told(bias), style="dim"))


def bias_line(bias: QueryBias, asked: Asked) -> str:
    """The same as one JSON object."""
    languages = [each._asdict() for each in bias.languages]
    of = {"top": bias.top, "texts": bias.pool, "answer": bias.answer, "id": bias.id, "distance": bias.distance}
    return json.dumps({"bias_of": asked.question, **of, "languages": languages}, ensure_ascii=False)


def _told(bias: QueryBias) -> str:
    if bias.answer is None:
        return " * The texts have no ids: no translations to look up."
    if bias.distance is None:
        return f" * Answer {bias.answer} ({bias.id}) has no translation among the texts."
    share = f"{100 * bias.distance / bias.pool:.1f} % of all texts"
    return f" * Answer {bias.answer} ({bias.id}): {bias.distance:,} ranks from first to last translation, {share}."


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 2]} …"


def _source(source: str, ident: str | None) -> str:
    return source if ident is None else f"{source} · {ident}"
