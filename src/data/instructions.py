"""Instructions: what precedes the queries of each dataset, and the same queries under another dataset's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from src.data.pair_index import PairIndex
from src.data.tokens import TokenTable
from src.errors import InputError
from src.sampling.streams import hashed, stream_key, uniform

NONE = -1


@dataclass(frozen=True)
class Prompts:
    """Distinct prompts of queries, and which of them each dataset has."""

    texts: tuple[str, ...]
    model: str  # the model's own, with which all of them begin
    instruction: tuple[bool, ...]  # whether the prompt is an instruction, or the model's own prompt alone
    of: Mapping[str, int]  # dataset's name -> its prompt

    @property
    def instructions(self) -> NDArray[np.int64]:
        """Numbers of the prompts that are instructions."""
        return np.flatnonzero(self.instruction)

    def by_question(self, index: PairIndex) -> NDArray[np.int16]:
        """[question ids] the prompt of each; an InputError for a question of two datasets with different ones."""
        return _by_question(index, np.array([self.of[name] for name in index.datasets], np.int16))


def read_prompts(
    instructions: Mapping[str, str], template: str, prompt: str, datasets: Sequence[str], *, others: bool
) -> Prompts:
    """The prompt of each dataset: the model's own, then `template` up to its {text}; without an instruction the former.

    An InputError for an instruction of no dataset; and, if queries are wanted under `others`, unless there are two.
    """
    if not template.endswith("{text}") or template.count("{instruction}") != 1 or template.count("{text}") != 1:
        raise InputError(
            f"the template {template!r} must hold {{instruction}} and end with {{text}}", where="instruction_template"
        )
    for name, instruction in instructions.items():
        if name not in datasets:
            fix = f"one of {', '.join(datasets)}"
            raise InputError(f"no dataset {name!r} to instruct", where=f"instructions.{name}", fix=fix)
        if not isinstance(instruction, str) or not instruction.strip():
            raise InputError(f"an instruction is a text, got {instruction!r}", where=f"instructions.{name}")
    lead = template.removesuffix("{text}")
    written = {name: prompt + lead.replace("{instruction}", text) for name, text in instructions.items()}
    if others and len(set(written.values())) < 2:
        raise InputError(
            f"another instruction needs two different ones, got {len(set(written.values()))}",
            where="terms, instructions",
            fix=f"instruct two datasets of {', '.join(datasets)}, or leave the term out",
        )
    texts = tuple(dict.fromkeys(written.get(name, prompt) for name in datasets))
    of = {name: texts.index(written.get(name, prompt)) for name in datasets}
    return Prompts(texts, prompt, tuple(text in written.values() for text in texts), of)


class InstructedTokens:
    """Tokens of queries, each after the prompt of its dataset: a table by (id, language) like any other."""

    def __init__(self, index: PairIndex, prompts: Prompts, table: Callable[[str], TokenTable], seed: int) -> None:
        """`table` makes the tokens of all texts after one prompt."""
        self.prompts, self.seed = prompts, seed
        self.tables = [table(text) for text in prompts.texts]
        self._prompt = prompts.by_question(index)

    def get(self, ids: NDArray[np.integer], languages: NDArray[np.integer]) -> list[NDArray[np.int32]]:
        """Tokens of parallel arrays of ids and language numbers; an InputError if a text is not held."""
        return self.under(self._prompt[ids], ids, languages)

    def under(
        self, prompts: NDArray[np.integer], ids: NDArray[np.integer], languages: NDArray[np.integer]
    ) -> list[NDArray[np.int32]]:
        """The same, each after the prompt of a number."""
        found: dict[int, NDArray[np.int32]] = {}
        for prompt in np.unique(prompts):
            held = np.flatnonzero(prompts == prompt)
            found.update(zip(held.tolist(), self.tables[prompt].get(ids[held], languages[held]), strict=True))
        return [found[place] for place in range(len(ids))]

    def prompt(self, ids: NDArray[np.integer]) -> NDArray[np.int16]:
        """The number of each question's prompt."""
        return self._prompt[ids]

    def texts(self, prompts: NDArray[np.integer]) -> list[str]:
        """Prompts by their numbers."""
        return [self.prompts.texts[prompt] for prompt in prompts]

    def other(self, ids: NDArray[np.integer], step: int, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """An instruction other than each question's own, drawn by step and row of the global batch alone.

        NONE for a question that has no instruction. InputErrors of `read_prompts` promise a second one.
        """
        choices, own = self.prompts.instructions, self._prompt[ids]
        key = int(hashed(stream_key(self.seed, "other_instruction"), step)[0])
        place = np.searchsorted(choices, own)
        drawn = (uniform(key, rows) * (len(choices) - 1)).astype(np.int64)
        other = choices[np.minimum(drawn + (drawn >= place), len(choices) - 1)]
        return np.where(np.isin(own, choices), other, NONE)


def _by_question(index: PairIndex, by_dataset: NDArray[np.int16]) -> NDArray[np.int16]:
    """[question ids] the prompt of each; an InputError for a question of two datasets with different ones."""
    wanted = by_dataset[index.dataset]
    prompt = np.zeros(int(index.question.max()) + 1, np.int16)
    prompt[index.question] = wanted
    differing = np.flatnonzero(prompt[index.question] != wanted)
    if len(differing):
        concept = differing[0]
        name = index.datasets[index.dataset[concept]]
        raise InputError(
            f"question {index.question[concept]} is in {name} and in another dataset, with different instructions",
            where="instructions",
            fix="give both datasets the same instruction, or their questions different ids",
        )
    return prompt
