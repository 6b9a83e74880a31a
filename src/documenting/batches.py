"""docs/batches.md: one batch of each strategy, read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from textwrap import fill

from rich.console import Console

from src.preflight.compose import compose_run
from src.reading.batch import read_batch
from src.reading.plan import planned
from src.reporting.batch import report_batch

DATA = ("dataset.languages=[en,de,es,zh]", "batch_size=32")
ROWS, WIDTH = 4, 100
HEAD = """# One batch of each strategy

Written by `python -m src.reference`, from the embedded default with seed 1: real rows, cut to four languages and 32
pairs so that they can be read. `python -m src.rows` prints any batch of any run, of your own data and strategy too.

A row is a concept, asked in one language and answered in another or the same. Its question is compared with all
passages of the batch: its own is right, the others are its *negatives*, but for the same passage again, its
translations and other known answers, which ids mask. *answered in it* counts the questions whose own passage is in
their language too; *negatives in it* are those in the question's language, a mean over its questions. Where right
passages are in the question's language more often, or less often, than negatives are, language alone tells something
of what is right, and an encoder can learn that instead of what the texts say.
"""


@dataclass(frozen=True)
class Example:
    """A batch, and two sentences on it: what to notice, and what it teaches."""

    strategy: str
    step: int
    notice: str


EXAMPLES = (
    Example(
        "monolingual",
        0,
        "Everything is in one language, which is drawn anew for each batch. Language tells nothing, so the encoder "
        "learns what answers what within each language; nothing ever asks it to bring two languages together.",
    ),
    Example(
        "crosslingual",
        1,
        "No question is answered in its own language, and some of its negatives are in it. The encoder learns that "
        "content counts across languages, and also that a passage in the question's own language is wrong.",
    ),
    Example(
        "hybrid",
        2,
        "The coin fell on a monolingual batch, such as all of `monolingual` are. It teaches the distinctions within a "
        "language, and rewards a right answer in the question's own.",
    ),
    Example(
        "hybrid",
        3,
        "The coin fell on a cross-lingual batch, such as all of `crosslingual` are. It brings the languages together; "
        "that the own language is always wrong, which it teaches too, the other half of the batches contradicts.",
    ),
    Example(
        "annealed",
        0,
        "`hybrid` with a coin that changes: at the first step `alpha` is 1 and the batch monolingual. So the encoder "
        "first learns within languages what an answer is.",
    ),
    Example(
        "annealed",
        299,
        "At the last step of the same run `alpha` is 0 and the batch cross-lingual, as most are shortly before it. The "
        "languages are brought together late, and what monolingual batches taught has to last without them.",
    ),
    Example(
        "rowwise",
        0,
        "Half of the rows are in one language, the other half cross languages, in every batch alike. One question "
        "meets both kinds of rows in the same step, and no coin decides how often a run saw which.",
    ),
    Example(
        "balanced_negatives",
        0,
        "All questions are in one language, and half of the passages are, right ones and negatives alike. The batch "
        "mixes languages, and yet a passage's language tells nothing of whether it is right.",
    ),
    Example(
        "grouped",
        0,
        "One language asks and another answers, so every negative is in the language of the right passage. Language "
        "cannot tell them apart, as in monolingual batches, and yet each step brings two languages together.",
    ),
    Example(
        "mixed",
        0,
        "Each question is answered in its own language, and most of its negatives are in others. To know the language "
        "is enough to discard those: the batch teaches to tell languages apart, and is here as the control.",
    ),
)


def batches(conf: str, cache_dir: Path) -> str:
    """The page; the embedded data are made in `cache_dir` if they are not there."""
    return "\n".join([HEAD, *(line for example in EXAMPLES for line in _section(example, conf, cache_dir))])


def _section(example: Example, conf: str, cache_dir: Path) -> Iterator[str]:
    words = [f"sampler={example.strategy}", f"step={example.step}", f"rows={ROWS}", *DATA]
    yield from (f"## `{example.strategy}`, batch {example.step}", "")
    yield from (fill(example.notice, 120), "")
    yield from ("```bash", f"python -m src.rows {' '.join(words)}", "```", "")
    yield from ("```text", printed(example, conf, cache_dir), "```", "")


def printed(example: Example, conf: str, cache_dir: Path) -> str:
    """What the command prints, without its heading and what to type next."""
    config = compose_run(conf, [f"sampler={example.strategy}", *DATA, f"cache_dir={cache_dir}"])
    data, rows = planned(config, example.step)
    page = StringIO()
    out = Console(file=page, width=WIDTH, highlight=False, color_system=None, force_terminal=False)
    report_batch(out, read_batch(data, rows), rows=ROWS)
    return "\n".join(line.rstrip() for line in page.getvalue().strip("\n").splitlines())
