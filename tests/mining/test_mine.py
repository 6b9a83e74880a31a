import json
from itertools import product

import numpy as np
import pytest

from src.data.readers.jsonl import read
from src.errors import InputError
from src.mining import block as block_module
from src.mining import mine as mine_module
from src.mining.dataset import write_lines
from src.mining.settings import Mining
from src.retrieval.faiss_search import FaissSearch
from tests.mining.planted import data_of, mined, negatives_of, pair

PLANTED = {"p": 1.0, "a": 0.98, "b": 0.9, "c": 0.8, "d": 0.7, "e": 0.6}  # scores of q's passages, p being its own


@pytest.fixture
def planted(tmp_path):
    """A question q with its positive p, and the passages of five other questions."""
    data = data_of(tmp_path, [pair(name, "en", "q" if name == "p" else f"of {name}", name) for name in PLANTED])
    scores = {("q", name): score for name, score in PLANTED.items()}
    return data, scores | {(f"of {name}", name): 1.0 for name in PLANTED if name != "p"}


def texts_for_q(planted, patch, **options) -> list[str]:
    data, scores = planted
    sources, found, _ = mined(patch, data, scores, Mining(**{"draw": "top", **options}))
    ids = negatives_of(sources, found)[0, 0]
    return data.passages.get(np.array(ids), np.zeros(len(ids), int))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"ranks": (1, 5), "max_share_of_positive": None}, ["a", "b", "c", "d"]),
        ({"ranks": (1, 5), "negatives": 9, "max_share_of_positive": None}, ["a", "b", "c", "d", "e"]),
        ({"ranks": (1, 5)}, ["b", "c", "d", "e"]),
        ({"ranks": (1, 2)}, ["b"]),
        ({"ranks": (3, 4)}, ["c", "d"]),
        ({"ranks": (1, 5), "max_share_of_positive": 0.81}, ["c", "d", "e"]),
        ({"ranks": (1, 5), "max_share_of_positive": None, "margin": 0.25}, ["d", "e"]),
        ({"ranks": (1, 5), "max_share_of_positive": 0.65, "margin": 0.05}, ["e"]),
        ({"ranks": (1, 5), "negatives": 1}, ["b"]),
    ],
)
def test_the_planted_negatives_are_found(planted, monkeypatch, options, expected):
    assert texts_for_q(planted, monkeypatch, **options) == expected


def test_a_drawn_negative_is_one_that_might_be_taken_and_the_seed_decides(planted, monkeypatch):
    drawn = {
        seed: tuple(texts_for_q(planted, monkeypatch, ranks=(1, 5), negatives=2, draw="random", seed=seed))
        for seed in range(20)
    }
    assert {text for texts in drawn.values() for text in texts} == {"b", "c", "d", "e"}
    assert all(len(set(texts)) == 2 for texts in drawn.values())
    assert drawn[3] == tuple(texts_for_q(planted, monkeypatch, ranks=(1, 5), negatives=2, draw="random", seed=3))


def test_the_margin_is_measured_in_the_candidates_language(tmp_path, monkeypatch):
    """A passage that beats the English positive is below the German one, and the other way round."""
    lines = [pair(name, code, f"{code} of {name}", f"{code} {name}") for code in ("de", "en") for name in "pxy"]
    data = data_of(tmp_path, lines)
    scores = {("en of p", text): score for text, score in {"de p": 0.5, "en p": 1.0, "de x": 0.49, "en y": 0.6}.items()}
    scores |= {(f"{code} of {name}", f"{code} {name}"): 1.0 for code in ("de", "en") for name in "xy"}
    scores["de of p", "de p"] = 1.0
    options = {"ranks": (1, 2), "draw": "top", "query_languages": ["en"]}
    sources, found, tally = mined(monkeypatch, data, scores, Mining(**options))
    taken = negatives_of(sources, found)[0, 0]
    assert data.passages.get(np.array(taken), np.ones(len(taken), int)) == ["en y"]
    assert tally.over[1] == 1


@pytest.mark.parametrize(("languages", "expected"), [("same", "en x"), ("other", "de y"), ("any", "de y")])
def test_the_language_says_where_a_query_looks(tmp_path, monkeypatch, languages, expected):
    lines = [pair(name, code, f"{code} of {name}", f"{code} {name}") for code in ("de", "en") for name in "pxy"]
    data = data_of(tmp_path, lines)
    scores = {("en of p", text): score for text, score in {"de p": 0.9, "en p": 0.9, "de y": 0.7, "en x": 0.6}.items()}
    scores |= {(line["question"], line["passage"]): 1.0 for line in lines if line["question"] != "en of p"}
    options = {"ranks": (1, 1), "draw": "top", "query_languages": ["en"], "languages": languages}
    sources, found, _ = mined(monkeypatch, data, scores, Mining(**options))
    place = int(found.offsets[0])
    assert sources.pool.candidates.texts[int(found.negatives.row[place])] == expected


def random_lines(rng: np.random.Generator) -> list[dict]:
    """Parallel concepts with gaps, passages shared by concepts, equal questions, and equal texts under several ids."""
    lines = []
    for number in range(rng.integers(8, 15)):
        shared = f"s{rng.integers(3)}" if rng.random() < 0.4 else None
        question = rng.integers(5) if rng.random() < 0.4 else number + 10
        text = rng.integers(3) if rng.random() < 0.3 else number + 10
        for code in rng.permutation(["de", "en", "fr"])[: rng.integers(1, 4)]:
            passage = f"{code} shared {shared}" if shared else f"{code} passage {text}"
            lines.append(pair(f"c{number}", str(code), f"{code} question {question}", passage))
            if shared:
                lines[-1]["passage_id"] = shared
    return lines


def random_scores(lines: list[dict], rng: np.random.Generator):
    pairs = sorted(set(product({line["question"] for line in lines}, {line["passage"] for line in lines})))
    return dict(zip(pairs, (rng.permutation(2 * len(pairs))[: len(pairs)] / (2 * len(pairs))).tolist(), strict=True))


def closed(size: int, same) -> list[int]:
    """The least item each is the same as, by passing labels on until nothing changes."""
    label = list(range(size))
    for _ in range(size):
        label = [min(label[j] for j in range(size) if i == j or same(i, j)) for i in range(size)]
    return label


class Reference:
    """What may be mined, by its definition: one loop a word."""

    def __init__(self, data, scores, mining: Mining) -> None:
        self.data, self.scores, self.mining = data, scores, mining
        self.question, self.passage = self.held(data.questions), self.held(data.passages)
        ask, answer = (closed(len(texts), self.equal(texts)) for texts in (self.question, self.passage))
        self.answer = answer
        pairs = list(zip(data.train.question.tolist(), data.train.passage.tolist(), strict=True))
        self.known = {q: {answer[p] for other, p in pairs if ask[other] == ask[q]} for q, _ in pairs}
        self.concepts = dict.fromkeys(pairs)

    def held(self, texts) -> list[dict[int, str]]:
        return [
            {code: texts.get(np.array([i]), np.array([code]))[0] for code in range(3) if texts.held(code)[i]}
            for i in range(len(texts))
        ]

    def equal(self, texts):
        return lambda i, j: any(texts[i][code] == texts[j].get(code) for code in texts[i])

    def ranking(self, q: int, code: int) -> list[tuple[int, int]]:
        """(passage, language) by rank."""
        looks = {"same": lambda x: x == code, "other": lambda x: x != code, "any": lambda x: True}
        found = [(p, at) for p, texts in enumerate(self.passage) for at in texts if looks[self.mining.languages](at)]
        found.sort(key=lambda each: -self.score(q, code, *each))
        ranking, seen = [], set(self.known[q])
        for p, at in found:
            if self.answer[p] not in seen:
                seen.add(self.answer[p])
                ranking.append((p, at))
        return ranking[: self.mining.ranks[1]]

    def score(self, q: int, code: int, p: int, at: int) -> float:
        return float(np.float32(self.scores[self.question[q][code], self.passage[p][at]]))

    def negatives(self, q: int, p: int) -> set[int]:
        """Identities of all that may be a concept's negative."""
        best: dict[int, int] = {}
        refused = set()
        for code in self.question[q]:
            positive = {at: self.score(q, code, p, at) for at in self.passage[p]}
            for rank, (other, at) in enumerate(self.ranking(q, code), start=1):
                name = self.answer[other]
                best[name] = min(rank, best.get(name, rank))
                reference = positive.get(at, max(positive.values()))
                if self.score(q, code, other, at) > self.mining.max_share_of_positive * reference:
                    refused.add(name)
        return {name for name, rank in best.items() if rank >= self.mining.ranks[0]} - refused


@pytest.mark.parametrize("languages", ["same", "other", "any"])
@pytest.mark.parametrize("seed", range(8))
def test_exactly_what_the_definition_allows_is_mined(seed, languages, tmp_path, monkeypatch):
    monkeypatch.setattr(mine_module, "QUERIES", 9)  # several blocks
    monkeypatch.setattr(block_module, "SPARE", 0)  # and several depths
    rng = np.random.default_rng(seed)
    lines = random_lines(rng)
    data, scores = data_of(tmp_path, lines), random_scores(lines, rng)
    first = int(rng.integers(1, 3))
    options = {"ranks": (first, first + int(rng.integers(1, 5))), "max_share_of_positive": 0.9, "negatives": 100}
    mining = Mining(**options, languages=languages)
    reference = Reference(data, scores, mining)
    expected = {concept: reference.negatives(*concept) for concept in reference.concepts}
    if not any(expected.values()):
        with pytest.raises(InputError, match="no question has a negative"):
            mined(monkeypatch, data, scores, mining)
        return
    sources, found, _ = mined(monkeypatch, data, scores, mining)
    taken = negatives_of(sources, found)
    for concept, ids in taken.items():
        names = [reference.answer[each] for each in ids]
        assert len(set(names)) == len(names)
        assert set(names) == expected[concept], concept
    assert taken.keys() == expected.keys()
    never_an_answer(sources, found, tmp_path / "out")


def never_an_answer(sources, found, folder) -> None:
    """In the data that are written, by their own reader's identities, no question has an answer as its negative."""
    folder.mkdir()
    write_lines(folder / "train.jsonl", sources, found)
    data = read(folder / "cache", name="mined", folder=folder, validation_fraction=0)
    ask, answer = data.questions.identity(data.train.question), data.passages.identity(data.train.passage)
    assert len(data.train) == len(sources.concepts)
    for concept, question in enumerate(ask):
        negatives = set(data.passages.identity(data.train.negatives.of(concept)).tolist())
        assert not negatives & set(answer[ask == question].tolist())
        assert len(data.train.negatives.of(concept)) == found.counts[concept]


def test_what_answers_in_held_out_data_is_known(tmp_path, monkeypatch):
    """Concept 1 asks what 0 asks, and is held out; its answer x can be found, as another's explicit negative."""
    lines = [pair(str(i), "en", f"q{i}", f"p{i}") for i in range(10)]
    lines[1] |= {"question": "q0", "passage": "x"}
    lines[4]["negatives"] = ["x"]
    data = data_of(tmp_path, lines, fraction=0.5)
    assert "q0" in data.questions.get(data.validation.question, np.zeros(len(data.validation), int))
    scores = {(f"q{i}", f"p{j}"): 1.0 if i == j else 0.5 + j / 100 for i in range(10) for j in range(10)}
    scores |= {(f"q{i}", "x"): 0.9 for i in range(10)}
    sources, found, _ = mined(monkeypatch, data, scores, Mining(ranks=(1, 4), negatives=9))
    for (question, _), ids in negatives_of(sources, found).items():
        (asked,) = data.questions.get(np.array([question]), np.array([0]))
        assert ("x" in data.passages.get(np.array(ids), np.zeros(len(ids), int))) == (asked != "q0")


def test_the_best_rank_counts_whatever_the_score(tmp_path, monkeypatch):
    """x is the first for the German question with a low score, and the second for the English one with a high one."""
    lines = [pair(name, code, f"{code} of {name}", f"{code} {name}") for code in ("de", "en") for name in "pxyz"]
    data = data_of(tmp_path, lines)
    scores = {("de of p", "de p"): 1.0, ("de of p", "de x"): 0.3, ("de of p", "de y"): 0.2, ("de of p", "de z"): 0.1}
    scores |= {("en of p", "en p"): 1.0, ("en of p", "en x"): 0.8, ("en of p", "en z"): 0.9, ("en of p", "en y"): 0.7}
    scores |= {(line["question"], line["passage"]): 1.0 for line in lines if line["id"] != "p"}
    sources, found, _ = mined(monkeypatch, data, scores, Mining(ranks=(2, 3), draw="top", languages="same"))
    ids = negatives_of(sources, found)[0, 0]
    assert data.passages.get(np.array(ids), np.ones(len(ids), int)) == ["en y"]


def test_an_index_finds_the_same_and_tells_its_recall(planted, monkeypatch):
    data, scores = planted
    questions = sorted({question for question, _ in scores})
    pairs = product(questions, PLANTED)  # no ties, of which a search may find any
    scores = {pair: scores.get(pair, 0.001 * place) for place, pair in enumerate(pairs)}
    mining = Mining(ranks=(1, 5), draw="top")
    _, exact, _ = mined(monkeypatch, data, scores, mining)
    _, found, tally = mined(monkeypatch, data, scores, mining, FaissSearch("Flat"))
    assert found.negatives.row.tolist() == exact.negatives.row.tolist()
    assert tally.recall == 1.0


def test_concepts_keep_their_ids_languages_and_dataset(tmp_path, monkeypatch):
    lines = [
        pair(str(i), code, f"{code} q{i}", f"{code} p{i}")
        for i in range(4)
        for code in ("de", "en")
        if (i, code) != (2, "de")
    ]
    for line in lines:
        line["dataset"] = "odd" if int(line["id"]) % 2 else "even"
    data = data_of(tmp_path, lines)
    scores = {
        (a["question"], b["passage"]): 1.0 if a["id"] == b["id"] else 0.5 + int(b["id"]) / 100
        for a, b in product(lines, lines)
    }
    sources, found, _ = mined(monkeypatch, data, scores, Mining(ranks=(1, 3), draw="top", negatives=2))
    (tmp_path / "out").mkdir()
    write_lines(tmp_path / "out" / "train.jsonl", sources, found)
    told = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text().splitlines()]
    asked = {(line["id"], line["language"]): line["question"] for line in told if "id" in line}
    assert asked == {(line["id"], line["language"]): line["question"] for line in lines}
    again = read(tmp_path / "cache2", name="x", folder=tmp_path / "out", validation_fraction=0)
    assert again.train.question_languages.tolist() == data.train.question_languages.tolist()
    assert again.train.passage_languages.tolist() == data.train.passage_languages.tolist()
    assert again.train.datasets == ("even", "odd")
    assert again.train.dataset.tolist() == data.train.dataset.tolist()
    negatives = again.train.negatives.passages
    texts = again.passages.get(negatives, np.ones(len(negatives), int))
    assert texts == [f"en p{number}" for number in (3, 2, 3, 2, 3, 1, 2, 1)]


@pytest.mark.parametrize(
    ("lines", "options", "told"),
    [
        ([pair("1", "en", "q", "p"), pair("2", "en", "r", "p")], {}, "one passage: there is nothing to mine"),
        ([pair(str(i), "en", f"q{i}", f"p{i}") for i in range(5)], {}, "ranks begin with 10"),
        ([pair(str(i), "en", f"q{i}", f"p{i}") for i in range(5)], {"query_languages": ["xx"]}, "no language 'xx'"),
        ([pair(str(i), "en", f"q{i}", f"p{i}") for i in range(5)], {"languages": "other"}, "in 'en' alone"),
    ],
)
def test_data_that_cannot_be_mined(lines, options, told, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=told):
        mined(monkeypatch, data_of(tmp_path, lines), {("q", "p"): 1.0}, Mining(**options))
