"""Ask questions of any texts, by any encoder: python -m src.search checkpoint=outputs/<run> texts=<files or folder>."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from omegaconf import DictConfig

from src.entry import CONF, told_plainly
from src.entry import run as start
from src.errors import BAD_INPUT, INTERRUPTED

if TYPE_CHECKING:
    from src.asking.index import Index
    from src.asking.texts import Texts

FREE = ("query", "texts")  # options of any words, once or several times
READING = ("unit", "text_key", "language_key", "id_key", "language", "parallel")


@hydra.main(version_base="1.3", config_path=CONF, config_name="ask")
def main(config: DictConfig) -> None:
    """Index and answer, or say in plain words what is wrong."""
    try:
        with told_plainly(config):
            mistakes = run(config)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    if mistakes:
        sys.exit(BAD_INPUT)


def run(config: DictConfig) -> int:
    """Check and load everything, index, answer; returns how many questions were refused where nobody types them."""
    from src.asking.files import Reading, read_texts
    from src.reporting.closing import console
    from src.reporting.prompt import Conversation, typed

    check(config)
    reading = Reading(**{name: config[name] for name in READING})
    given = questions(config)
    index = indexed(config, read_texts(listed(config.texts), reading))
    if config.query_language is not None:
        index.check_question(config.query_language)
    talk = Conversation(
        index, console(), config.top, config.query_language, config.bias, as_json=config.format == "json"
    )
    if given is not None:
        talk.hold(given)
        return talk.mistakes
    logging.getLogger(__name__).info("%s", welcome(listed(config.texts), len(index.texts)))
    talk.hold(typed())
    return 0


def check(config: DictConfig) -> None:
    """InputError for the first option that cannot be."""
    from src.errors import InputError
    from src.options import POSITIVE, SEEDS, Bound, check_options

    bounds: dict[str, Bound] = {"top": POSITIVE, "bias": bool, "format": ("table", "json"), "parallel": bool}
    bounds |= {"seed": SEEDS, "cache_dir": str, "text_key": str, "language_key": str, "id_key": str, "device": str}
    bounds |= {key: str for key in ("language", "query_language", "queries") if config[key] is not None}
    check_options(config, bounds)
    if config.query is not None and not any(question.strip() for question in listed(config.query)):
        raise InputError("the question is empty", where="query", fix="leave query out to type questions")
    if config.query is not None and config.queries is not None:
        raise InputError("questions are given twice", where="query, queries", fix="leave out one of them")
    if config.queries is not None and not Path(config.queries).is_file():
        raise InputError("no such file", where=f"queries={config.queries}", fix="a file with a question a line")


def questions(config: DictConfig) -> Iterable[str] | None:
    """Those of `query`, of the file `queries` or of a pipe; None where a person will type them."""
    if config.query is not None:
        return listed(config.query)
    if config.queries is not None:
        from src.data.json_lines import text_lines

        asked = [line for _, line in text_lines(Path(config.queries))]
        if any(line.strip() for line in asked):
            return asked
        from src.errors import InputError

        raise InputError("the file holds no question", where=f"queries={config.queries}", fix="one a line")
    return None if sys.stdin.isatty() else _piped()


def _piped() -> Iterator[str]:
    yield from sys.stdin


def listed(value: Any) -> list[str]:
    """One text or several as a list."""
    return [str(value)] if isinstance(value, str | int | float) else [str(each) for each in value or ()]


def indexed(config: DictConfig, texts: Texts) -> Index:
    """The texts, embedded by the encoder of the configuration."""
    from hydra.utils import instantiate

    from src.asking.index import Index
    from src.encoder.chosen import load_encoder

    search, encoding = instantiate(config.search), instantiate(config.encoding)
    return Index(load_encoder(config), texts, search, encoding)


def welcome(named: Sequence[str], texts: int) -> str:
    """What a person who sits down to ask is told."""
    from src.asking.facts import NAME
    from src.asking.facts import questions as to_try
    from src.reporting.prompt import HELP

    tries = "".join(f"\n {question}" for question in to_try()) if NAME in named else ""
    return f"{texts:,} texts are ready.{' Try:' + tries if tries else ''}\n{HELP}"


def quoted(arguments: Sequence[str]) -> list[str]:
    """Arguments as Hydra's grammar takes them: questions and paths in any script, given once or several times."""
    free: dict[str, list[str]] = {}
    others = []
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if equals and key in FREE and value != "null" and not value.startswith(("[", "'", '"')):
            free.setdefault(key, []).append("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'")
        else:
            others.append(argument)
    return [*others, *(f"{key}=[{','.join(values)}]" for key, values in free.items())]


if __name__ == "__main__":
    sys.argv[1:] = quoted(sys.argv[1:])
    start(main)
