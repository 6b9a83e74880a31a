from dataclasses import replace

import numpy as np
import pytest

from src.data.augmentation import Augmentation
from src.data.code_switching import CodeSwitching
from src.data.datamodule import PlannedBatches, Share
from src.data.instructions import NONE, InstructedTokens, read_prompts
from src.data.tokens import LazyTokens, tokenize, tokenize_table
from src.errors import InputError
from tests.data.rows import rows_of
from tests.toy import LANGUAGES, RoundRobin, toy_collator, toy_data, toy_encoder

TEMPLATE = "Instruct: {instruction}\nQuery: {text}"
LENGTH = 200  # nothing is cut
DATASETS = ("faq", "wiki", "news", "plain")
INSTRUCTIONS = {"faq": "find its answer", "wiki": "find an article", "news": "find who reports it"}


def prompts(instructions=INSTRUCTIONS, template=TEMPLATE, others=True):
    return read_prompts(instructions, template, "query: ", DATASETS, others=others)


def test_an_instruction_follows_the_models_own_prompt():
    read = prompts()
    assert read.texts[read.of["faq"]] == "query: Instruct: find its answer\nQuery: "
    assert read.texts[read.of["plain"]] == "query: "
    assert read.instructions.tolist() == [read.of["faq"], read.of["wiki"], read.of["news"]]


def test_braces_in_an_instruction_are_text():
    read = prompts({"faq": "find {text} {0}"}, others=False)
    assert read.texts[read.of["faq"]] == "query: Instruct: find {text} {0}\nQuery: "


@pytest.mark.parametrize(
    ("options", "what", "where"),
    [
        ({"instructions": {"faqs": "x"}}, "no dataset 'faqs'", "instructions.faqs"),
        ({"instructions": {"faq": " "}}, "an instruction is a text", "instructions.faq"),
        ({"instructions": {"faq": 3}}, "an instruction is a text", "instructions.faq"),
        ({"instructions": {}}, "two different ones, got 0", "terms, instructions"),
        ({"instructions": {"faq": "x"}}, "two different ones, got 1", "terms, instructions"),
        ({"instructions": {"faq": "x", "wiki": "x"}}, "two different ones, got 1", "terms, instructions"),
        ({"template": "{instruction} "}, "end with {text}", "instruction_template"),
        ({"template": "{text}"}, "must hold {instruction}", "instruction_template"),
        ({"template": "{text} {instruction}"}, "end with {text}", "instruction_template"),
    ],
)
def test_wrong_instructions_are_named(options, what, where):
    with pytest.raises(InputError, match=what) as caught:
        prompts(**options)
    assert caught.value.where == where
    if "no dataset" in what:
        assert "faq, wiki, news, plain" in caught.value.fix


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    data = toy_data(folder / "data")
    index = replace(data.train, dataset=(np.arange(len(data.train)) % 4).astype(np.uint8), datasets=DATASETS)
    encoder = toy_encoder(data)

    def table(prompt):
        settings = {"max_length": LENGTH, "cache_dir": folder / "cache", "pretokenize": True}
        return tokenize_table(data.questions, encoder.tokenizer, prompt=prompt, **settings)

    def collator(seed=1, other_instruction=True, augmentation=None):
        instructed = InstructedTokens(index, prompts(), table, seed)
        plain = toy_collator(data, encoder, folder / "cache", index, negatives=0)
        return replace(plain, questions=instructed, other_instruction=other_instruction, augmentation=augmentation)

    return data, index, encoder, collator, folder


def expected(data, encoder, ids, languages, prompt):
    texts = data.questions.get(ids, languages)
    return [
        tokenize([text], encoder.tokenizer, before, LENGTH)[0].tolist()
        for text, before in zip(texts, prompt, strict=True)
    ]


def step_of(collate, index, step=0, world=1, rank=0):
    return PlannedBatches(RoundRobin(index, 8), collate, Share(8, 1, world, rank), 9)[step]


def test_queries_come_after_the_instruction_of_their_dataset(toy):
    data, index, encoder, collator, _ = toy
    batch = step_of(collator(other_instruction=False), index)
    read = prompts()
    before = [read.texts[read.of[DATASETS[dataset]]] for dataset in batch.datasets]
    ids = index.question[batch.rows[:, 0]]
    assert rows_of(batch.queries) == expected(data, encoder, ids, batch.rows[:, 1], before)
    assert batch.other_instruction is None


def test_the_same_queries_come_under_another_instruction(toy):
    data, index, encoder, collator, _ = toy
    seen = set()
    for step in range(9):
        batch = step_of(collator(), index, step)
        others, held = batch.other_instruction, batch.other_instruction.rows.numpy()
        assert held.tolist() == [row for row, dataset in enumerate(batch.datasets) if DATASETS[dataset] != "plain"]
        np.testing.assert_array_equal(others.languages, batch.rows[held, 1])
        ids, languages = index.question[batch.rows[held, 0]], batch.rows[held, 1]
        wrong = {
            name: expected(
                data, encoder, ids, languages, ["query: " + TEMPLATE.format(instruction=text, text="")] * len(ids)
            )
            for name, text in INSTRUCTIONS.items()
        }
        for place, row in enumerate(rows_of(others.texts)):
            [name] = [name for name in wrong if wrong[name][place] == row]
            own = DATASETS[batch.datasets[held[place]]]
            assert name != own
            seen.add((own, name))
    assert len(seen) == 6  # each of three under each of the two others


def test_the_draw_depends_on_seed_step_and_row_alone(toy):
    _, index, _, collator, _ = toy
    whole = rows_of(step_of(collator(), index, 5).other_instruction.texts)
    halves = [step_of(collator(), index, 5, world=2, rank=rank).other_instruction for rank in range(2)]
    assert [row for half in halves for row in rows_of(half.texts)] == whole
    assert halves[1].rows.max() < 4
    assert rows_of(step_of(collator(seed=2), index, 5).other_instruction.texts) != whole


def test_code_switching_gives_a_query_the_same_words_under_both_instructions(toy):
    data, index, encoder, collator, folder = toy
    (folder / "en-de.txt").write_text("question frage\nquestion fragen\nabout über\n")
    queries, passages = (LazyTokens(texts, encoder.tokenizer, "", LENGTH) for texts in (data.questions, data.passages))
    switching = CodeSwitching(folder, "bilingual", 0.5, languages=LANGUAGES, seed=1)
    batch = step_of(collator(augmentation=Augmentation(switching, queries, passages)), index, 1)
    english = [
        (place, row) for place, row in enumerate(batch.other_instruction.rows.tolist()) if batch.rows[row, 1] == 1
    ]
    assert english
    assert batch.switched > 0
    texts, others = (
        [encoder.tokenizer.decode(row).rpartition(":")[2] for row in rows_of(chunks)]
        for chunks in (batch.queries, batch.other_instruction.texts)
    )
    assert [others[place] for place, _ in english] == [texts[row] for _, row in english]


def test_a_switched_query_keeps_its_instruction(toy):
    data, index, encoder, collator, folder = toy
    (folder / "en-de.txt").write_text("question frage\nabout über\n")
    queries, passages = (LazyTokens(texts, encoder.tokenizer, "", LENGTH) for texts in (data.questions, data.passages))
    switching = CodeSwitching(folder, "bilingual", 1.0, languages=LANGUAGES, seed=1)
    batch = step_of(collator(augmentation=Augmentation(switching, queries, passages)), index)
    plain = step_of(collator(), index)
    assert batch.switched > 0
    lead = len(encoder.tokenizer("query: ")["input_ids"]) - 1  # with the token that begins a text, not that ending it
    before, after = ([row[:lead] for row in rows_of(each.queries)] for each in (plain, batch))
    assert after == before


def test_datasets_may_share_an_instruction(toy):
    _, index, _, _, _ = toy
    read = read_prompts({"faq": "x", "wiki": "y", "news": "x"}, TEMPLATE, "", DATASETS, others=False)
    found = read.by_question(index)[index.question]
    assert found.tolist() == [read.of[DATASETS[dataset]] for dataset in index.dataset]


def test_a_question_of_two_datasets_with_different_instructions_is_refused(toy):
    _, index, _, _, _ = toy
    shared = replace(index, question=np.where(np.arange(len(index)) == 1, index.question[0], index.question))
    with pytest.raises(InputError, match=f"question {index.question[0]} is in faq"):
        InstructedTokens(shared, prompts(), lambda _: None, 1)
    same = read_prompts({"faq": "x", "wiki": "x"}, TEMPLATE, "", DATASETS, others=False)
    assert InstructedTokens(shared, same, lambda _: None, 1).prompt(index.question[:1]).tolist() == [same.of["faq"]]


def test_no_other_instruction_for_a_question_without_one(toy):
    _, index, _, _, _ = toy
    table = InstructedTokens(index, prompts(), lambda _: None, 1)
    other = table.other(index.question[:8], 3, np.arange(8))
    assert (other[3::4] == NONE).all()
    assert (other[index.dataset[:8] != 3] != NONE).all()
