"""A conversation with an index: each line is a question, or a command that begins with a colon."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.text import Text

from src.asking.bias import query_bias
from src.asking.index import Asked, Index
from src.errors import InputError
from src.reporting.answers import answers_lines, answers_table, bias_line, bias_table

log = logging.getLogger(__name__)

HELP = """\
 QUESTION         in any language
 :bias [N]        languages in the ranking of the last question; where the translations of answer N stand
 :top N           show N answers from now on
 :language CODE   what the next questions are asked in; without a code: not said
 :help  :quit"""


@dataclass(eq=False)
class Conversation:
    """What is asked, and how it is shown."""

    index: Index
    out: Console
    top: int = 10
    language: str | None = None  # of the questions
    bias: bool = False  # shown with every answer
    as_json: bool = False
    last: Asked | None = None
    mistakes: int = 0

    def hold(self, lines: Iterable[str]) -> None:
        """Answer line after line, until there is none or one says `:quit`; a mistake in a line is told."""
        for line in lines:
            words = line.split()
            if words[:1] in ([":quit"], [":q"]):
                return
            if words:
                with self._mistakes_told():
                    if words[0].startswith(":"):
                        self._command(words[0], words[1:])
                    else:
                        self.ask(" ".join(words))

    def ask(self, question: str) -> None:
        """Show the best answers, and the bias where that is wanted each time."""
        self.last = self.index.ask(question, self.top, self.language)
        if self.as_json:
            self._lines(answers_lines(self.last, self.index.texts))
        else:
            self._show(answers_table(self.last, self.index.texts))
        if self.bias:
            self.show_bias(1)

    def show_bias(self, answer: int) -> None:
        """Show the languages in the last question's ranking."""
        if self.last is None:
            raise InputError("no question was asked yet", fix="type one")
        if not 1 <= answer <= len(self.last.answers):
            raise InputError(f"there is no answer {answer}", fix=f":bias 1 to :bias {len(self.last.answers)}")
        found = query_bias(self.index, self.last, answer)
        if self.as_json:
            self._lines([bias_line(found, self.last)])
        else:
            self._show(bias_table(found, self.last))

    def _command(self, name: str, words: list[str]) -> None:
        commands: dict[str, Callable[[], None]] = {
            ":bias": lambda: self.show_bias(_number(words, 1)),
            ":top": lambda: self._set_top(_number(words)),
            ":language": lambda: self._set_language(words[0] if words else None),
            ":help": lambda: self._show(Text(HELP)),
        }
        if name not in commands:
            raise InputError(f"no command {name}", fix=", ".join([*commands, ":quit"]))
        commands[name]()

    def _set_top(self, top: int) -> None:
        self.top = top

    def _set_language(self, language: str | None) -> None:
        self.index.check_question(language)
        self.language = language

    @contextmanager
    def _mistakes_told(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            self.mistakes += 1
            log.error("error: %s", error)

    def _show(self, part: RenderableType) -> None:
        self.out.print()
        self.out.print(part)

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.out.print(Text(line), soft_wrap=True)


def typed(prompt: str = "? ") -> Iterator[str]:
    """Lines from the keyboard, with the history of this session, until Ctrl-D or Ctrl-C."""
    with suppress(ImportError):
        import readline  # noqa: F401 (arrow keys and history)
    while True:
        try:
            yield input(prompt)
        except (EOFError, KeyboardInterrupt):
            return


def _number(words: list[str], default: int | None = None) -> int:
    written = words[0] if words else str(default)
    if not written.isdecimal() or int(written) < 1:
        raise InputError("a whole number from 1 on is needed", fix=":top 5, :bias 2")
    return int(written)
