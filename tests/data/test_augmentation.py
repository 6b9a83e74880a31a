from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from src.data.augmentation import Augmentation
from src.data.code_switching import CodeSwitching
from src.data.datamodule import PlannedBatches, Share
from src.data.tokens import LazyTokens
from tests.data.rows import rows_of
from tests.toy import LANGUAGES, RoundRobin, toy_collator, toy_data, toy_encoder

WORDS = {"question": "frage", "about": "über", "passage": "absatz", "says": "sagt", "so": "also"}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    for pair in ("en-de", "en-fr", "fr-de"):  # no lexicon from de
        (folder / f"{pair}.txt").write_text("".join(f"{word} {new}{pair[-2:]}\n" for word, new in WORDS.items()))
    data = toy_data(folder / "data", negatives=2)
    encoder = toy_encoder(data)
    queries, passages = (LazyTokens(texts, encoder.tokenizer, "", 32) for texts in (data.questions, data.passages))
    plain = toy_collator(data, encoder, folder / "cache", data.train, negatives=2)

    def collator(probability, kind="bilingual", sides="both"):
        switching = CodeSwitching(folder, kind, probability, sides, languages=LANGUAGES, seed=1)
        return replace(plain, augmentation=Augmentation(switching, queries, passages))

    def texts(chunks):
        rows = [encoder.tokenizer.decode(ids, skip_special_tokens=True) for ids in rows_of(chunks)]
        return [row.replace(" ", "") for row in rows]

    return SimpleNamespace(data=data, plain=plain, collator=collator, texts=texts, folder=folder)


def batch(toy, collate, step=0, world=1, rank=0, accumulate=1):
    plan = RoundRobin(toy.data.train, 8)
    micros = PlannedBatches(plan, collate, Share(8, accumulate, world, rank), 10)
    return [micros[step * accumulate + micro] for micro in range(accumulate)]


def kinds(one):
    return {"query": rows_of(one.queries), "passage": rows_of(one.passages), "negative": rows_of(one.negatives)}


def identities(one):
    tensors = (one.question_ids, one.passage_ids, one.negative_ids, one.negative_languages, one.negative_owner)
    return [torch.from_numpy(one.rows), *tensors]


def test_nothing_is_changed_at_p_0(toy):
    for step in range(3):
        [plain], [switched] = batch(toy, toy.plain, step), batch(toy, toy.collator(0.0), step)
        assert kinds(plain) == kinds(switched)
        assert (plain.switched, switched.switched) == (None, 0.0)


def test_every_known_word_is_switched_at_p_1_and_ids_stay(toy):
    for step in range(3):
        [plain], [switched] = batch(toy, toy.plain, step), batch(toy, toy.collator(1.0), step)
        assert all(torch.equal(*pair) for pair in zip(identities(plain), identities(switched), strict=True))
        codes = [LANGUAGES[language] for language in plain.rows[:, 1]]
        each = list(zip(codes, toy.texts(plain.queries), toy.texts(switched.queries), strict=True))
        for code, before, after in each:
            assert "question" in before
            assert (before == after) == (code == "de")
            assert ("question" in after) == (code == "de")
        assert 0 < switched.switched < 1


@pytest.mark.parametrize(("sides", "changed"), [("queries", {"query"}), ("passages", {"passage", "negative"})])
def test_only_the_sides_that_were_asked_for_are_switched(toy, sides, changed):
    [plain], [switched] = batch(toy, toy.plain), batch(toy, toy.collator(1.0, sides=sides))
    before, after = kinds(plain), kinds(switched)
    assert {kind for kind in before if before[kind] != after[kind]} == changed


@pytest.mark.parametrize("kind", ["bilingual", "multilingual"])
@pytest.mark.parametrize(("world", "accumulate"), [(2, 1), (1, 2), (4, 1), (2, 2)])
def test_slices_joined_are_the_batch_of_one_process(toy, kind, world, accumulate):
    collate = toy.collator(0.5, kind)
    [whole] = batch(toy, collate, step=3)
    by_rank = [batch(toy, toy.collator(0.5, kind), 3, world, rank, accumulate) for rank in range(world)]
    parts = [by_rank[rank][micro] for micro in range(accumulate) for rank in range(world)]
    for name, rows in kinds(whole).items():
        assert [row for part in parts for row in kinds(part)[name]] == rows


def test_a_step_is_the_same_whatever_came_before(toy):
    """As after a resume, or in another worker."""
    straight, jumping = toy.collator(0.5), toy.collator(0.5)
    forward = [kinds(batch(toy, straight, step)[0]) for step in range(5)]
    assert [kinds(batch(toy, jumping, step)[0]) for step in (4, 0, 2)] == [forward[step] for step in (4, 0, 2)]
    assert forward[0] != forward[4]


def test_a_concept_is_switched_anew_each_time_it_comes(toy):
    collate = toy.collator(0.5)
    concept = np.tile(np.array([3, 1, 1], np.int32), (8, 1))
    first, second = (collate(concept, slice(0, 8), step, 0) for step in (0, 1))
    assert len({tuple(row) for row in rows_of(first.queries)}) > 1
    assert rows_of(first.queries) != rows_of(second.queries)


def test_texts_that_stay_keep_the_tables_tokens(toy):
    class Refusing:
        def __getattr__(self, name):
            raise AssertionError("nothing changes, so nothing is tokenised")

    queries, passages = (LazyTokens(texts, Refusing(), "", 32) for texts in (toy.data.questions, toy.data.passages))
    collate = toy.collator(0.0)
    kept = replace(collate, augmentation=Augmentation(collate.augmentation.switching, queries, passages))
    assert kinds(batch(toy, kept)[0]) == kinds(batch(toy, toy.plain)[0])


def test_a_switched_query_keeps_its_prompt(toy):
    collate = toy.collator(1.0)
    side = collate.augmentation.queries
    prompted = LazyTokens(side.texts, side.tokenizer, "so about: ", side.max_length)
    changed = replace(collate.augmentation, queries=prompted)
    [one] = batch(toy, replace(collate, questions=prompted, augmentation=changed))
    assert all(text.startswith("soabout:") for text in toy.texts(one.queries))


def test_no_text_of_the_sides_asked_for_is_no_word_switched(toy):
    assert toy.collator(1.0, sides="queries").augmentation.apply([], 0) == 0
