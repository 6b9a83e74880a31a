"""What a person sees of two runs' differences: tables, the queries themselves, and files of both."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from src.comparing.tables import Grid
from src.mistakes.analysis import Analysis
from src.mistakes.cases import KINDS, Case, Found
from src.mistakes.differences import EVERYWHERE
from src.reporting.commands import nearby, override, python
from src.reporting.folder import replacing
from src.reporting.tables import SETTINGS, number

RUNS = ("A", "B")
SHOWN = 160  # characters of a text on the terminal
COLUMNS = (
    *("winner", "query", "query_language", "pool", "metric", "A", "B", "difference", "question", "stands_first"),
    *("candidate", "candidate_language", "right", "A_rank", "B_rank", "A_score", "B_score", "text"),
)
NOTES = (
    "Ranks of right texts: A's, then B's; a dash is below the best 1,000 (or what the run file has).",
    "Wrong texts are those above a right one in the run that loses, its best first.",
)


def grids(analysis: Analysis) -> list[Grid]:
    """Who wins by language of the question; what stands first where a run loses, in all and by language."""
    pair, cases = analysis.pair, analysis.cases
    title = f"{pair.benchmark} · {SETTINGS.get(pair.setting, pair.setting)} · {pair.metric}"
    won = [analysis.won(winner) for winner in (0, 1)]
    kinds = [[kind, *(_share(sum(case.kind == kind for case in of), len(of)) for of in won)] for kind in KINDS]
    found = [
        Grid(title, ["asked in", "queries", "A wins", "B wins", "equal", "A", "B", "A - B"], _by_language(analysis))
    ]
    headers = ["first in the run that loses", *(f"{RUNS[i]} wins {len(of):,}" for i, of in enumerate(won))]
    found.append(Grid("What stands first where it loses", headers, kinds))
    languages = dict.fromkeys(_language(analysis, case) for case in sorted(cases, key=lambda c: _language(analysis, c)))
    rows = [
        [f"{code}, {RUNS[winner]} wins", *(str(sum(each.kind == kind for each in mine)) for kind in KINDS)]
        for code in languages
        for winner in (0, 1)
        if (mine := [case for case in won[winner] if _language(analysis, case) == code])
    ]
    return [*found, Grid("What stands first, by the question's language", ["asked in", *KINDS], rows)]


def _by_language(analysis: Analysis) -> list[list[str]]:
    held, values = analysis.differences, analysis.differences.values
    rows = []
    for code in [*sorted(set(held.language)), None]:
        of = [place for place, language in enumerate(held.language) if code in (language, None)]
        one, other = values[:, of]
        counts = [len(of), (one > other).sum(), (other > one).sum(), (one == other).sum()]
        means = [one.mean(), other.mean()]
        difference = f"{means[0] - means[1]:+.3f}"
        rows.append([code or "all", *(f"{count:,}" for count in counts), *map(number, means), difference])
    return rows if len(rows) > 2 else rows[:1]


def _share(count: int, of: int) -> str:
    return f"{count:,} ({100 * count / of:.0f} %)" if of else "–"


def _language(analysis: Analysis, case: Case) -> str:
    return analysis.benchmark.languages[analysis.benchmark.queries.language[case.view.query]]


def write_csv(path: Path, analysis: Analysis) -> Path:
    """One row a text: the right ones of each query, and those that confuse the run that loses."""
    benchmark = analysis.benchmark
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for case in analysis.cases:
            query = case.view.query
            head = [RUNS[case.winner], benchmark.queries.ids[query], _language(analysis, case), case.view.pool]
            values = [analysis.pair.metric, *case.values, case.values[0] - case.values[1]]
            for right, texts in (("yes", case.right), ("no", case.confusing)):
                for found in texts:
                    about = [benchmark.candidates.ids[found.candidate], _code(analysis, found), right]
                    text = benchmark.candidates.texts[found.candidate]
                    question = [benchmark.queries.texts[query], case.kind]
                    writer.writerow([*head, *values, *question, *about, *found.rank, *found.score, text])
    return path


def write_markdown(path: Path, analysis: Analysis, listed: int) -> Path:
    """Tables, and the `listed` greatest wins of each run."""
    parts = [
        "# Where one run wins, and what the other puts first\n",
        _legend(analysis, "- **{0}**: {1} (`{2}`)") + "\n",
    ]
    parts += [grid.markdown() for grid in grids(analysis)]
    parts += ["\n".join(f"- {note}" for note in (*analysis.notes, *NOTES)) + "\n"]
    for winner, name in enumerate(RUNS):
        cases = analysis.won(winner)[:listed]
        parts.append(f"## {name} wins\n" if cases else f"## {name} wins no query\n")
        parts += [_page(analysis, case) for case in cases]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(parts), encoding="utf-8")
    return path


def _page(analysis: Analysis, case: Case) -> str:
    headers = ["language and text", "A rank", "B rank", f"{RUNS[case.loser]} score"]
    rows = [
        [f"{mark} {_code(analysis, found)}  {_text(analysis, found)}", *map(_rank, found.rank), _score(case, found)]
        for mark, texts in (("right", case.right), ("wrong", case.confusing))
        for found in texts
    ]
    return Grid(f"{_values(analysis, case)} · {_question(analysis, case)}", headers, rows).markdown()


def report_mistakes(out: Console, analysis: Analysis, files: list[Path], shown: int) -> None:
    """Print the tables, the `shown` greatest wins of each run, and where all is saved."""
    out.print()
    out.print(Text(_legend(analysis, " {0}  {1}  {2}")), soft_wrap=True)
    for grid in grids(analysis)[:2]:
        _section(out, grid.rich())
    for winner, name in enumerate(RUNS):
        cases = analysis.won(winner)[:shown]
        if cases:
            _section(out, Rule(f"{name} wins", align="left", style="dim"))
        for case in cases:
            _section(out, _example(analysis, case))
    notes = Table.grid(padding=(0, 1))
    for note in (*analysis.notes, *NOTES):
        notes.add_row(" *", Text(note, style="dim"))
    _section(out, notes)
    _section(out, Rule("saved", align="left", style="dim"))
    for file in files:
        out.print(Text(f" {nearby(file)}"), soft_wrap=True)
    _section(out, Rule("next", align="left", style="dim"))
    for purpose, command in _next(analysis).items():
        out.print(Text(f" # {purpose}\n {command}"), soft_wrap=True)


def _next(analysis: Analysis) -> dict[str, str]:
    pair = analysis.pair
    folders = [str(nearby(run.folder)) for run in pair.runs]
    others = [name for name in pair.runs[0].metrics[pair.benchmark]["settings"] if name != pair.setting]
    checkpoint = pair.runs[0].config.get("checkpoint", folders[0])
    words = {"the same in another setting": ["src.errors", *folders, f"setting={others[0]}"]} if others else {}
    if checkpoint is not None:
        words["ask A's encoder yourself"] = ["src.search", override("checkpoint", Path(checkpoint))]
    return {purpose: f"{python()} -m {shlex.join(command)}" for purpose, command in words.items()}


def _example(analysis: Analysis, case: Case) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    right = (f"{_code(analysis, each)} {_rank(each.rank[0])}, {_rank(each.rank[1])}" for each in case.right)
    grid.add_row("   right texts", Text(" · ".join(right)))
    for each in case.confusing:
        place = f"   {RUNS[case.loser]} {_rank(each.rank[case.loser])} wrong"
        other = f" ({RUNS[case.winner]} {_rank(each.rank[case.winner])})"
        body = Text.assemble((_code(analysis, each), "bold"), f" {_cut(_text(analysis, each))}", (other, "dim"))
        grid.add_row(place, body)
    head = Text.assemble(f" {_values(analysis, case)} · ", (_cut(_question(analysis, case)), "bold"))
    return Group(head, Text(f"   first: {case.kind}", style="dim"), grid)


def _legend(analysis: Analysis, layout: str) -> str:
    pair = analysis.pair
    rows = zip(RUNS, pair.labels, pair.runs, strict=True)
    return "\n".join(layout.format(name, label, nearby(run.folder)) for name, label, run in rows)


def _values(analysis: Analysis, case: Case) -> str:
    return f"{analysis.pair.metric} A {case.values[0]:.3f}, B {case.values[1]:.3f}"


def _question(analysis: Analysis, case: Case) -> str:
    pool = "" if case.view.pool == EVERYWHERE else f" → {case.view.pool}"
    text = " ".join(analysis.benchmark.queries.texts[case.view.query].split())
    return f"{_language(analysis, case)}{pool} · {text}"


def _code(analysis: Analysis, found: Found) -> str:
    return analysis.benchmark.languages[analysis.benchmark.candidates.language[found.candidate]]


def _text(analysis: Analysis, found: Found) -> str:
    return " ".join(analysis.benchmark.candidates.texts[found.candidate].split())


def _rank(rank: int | None) -> str:
    return "–" if rank is None else f"{rank:,}"


def _score(case: Case, found: Found) -> str:
    return number(found.score[case.loser])


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 2]} …"


def _section(out: Console, part: RenderableType) -> None:
    out.print()
    out.print(part)
