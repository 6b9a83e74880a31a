"""python -m src.mine as typed, and training on what it writes."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from src.data.readers.cldr_facts import read as read_facts
from src.data.readers.jsonl import read
from tests.command import SMALL, Answer, type_in

Type = Callable[..., Answer]


@pytest.fixture
def mine(finished_run: tuple[Path, Answer], cache_dir: Path) -> Type:
    """Types in a mining of two languages with a small trained encoder."""

    def run(folder: Path, *words: str) -> Answer:
        given = ["dataset.languages=[de,en]", f"checkpoint={finished_run[0]}", f"cache_dir={cache_dir}"]
        kept = [word for word in given if not any(word.split("=")[0] == each.split("=")[0] for each in words)]
        return type_in("src.mine", *kept, "max_share_of_positive=1", f"hydra.run.dir={folder}", *words)

    return run


def test_a_mining_as_typed_its_record_and_its_second_run(mine, cache_dir, tmp_path):
    folder = tmp_path / "mined"
    answer = mine(folder)
    assert answer.status == 0, answer.text
    assert sorted(each.name for each in folder.iterdir()) == ["log.txt", "mine.json", "train.jsonl"]
    record = json.loads((folder / "mine.json").read_text())
    source = read_facts(cache_dir, languages=["de", "en"])
    assert record["data"] == source.fingerprint
    assert len(record["encoder"]) == 64
    assert record["search"] == {"name": "exact", "device": "cpu"}
    assert record["config"]["ranks"] == [10, 50]
    assert record["found"]["concepts"]["all"] == len(source.train)
    assert set(record["found"]["by_query_language"]) == {"de", "en"}
    assert sum(record["found"]["found_in"].values()) == record["found"]["negatives"]
    assert record["found"]["rank"]["5%"] >= 10
    assert record["found"]["below_positive"]["5%"] >= 0
    assert "dataset=jsonl dataset.folder=" in answer.out
    assert "dataset@validation_data=cldr_facts 'validation_data.languages=[de,en]'" in answer.out

    made = read(tmp_path / "cache", name="x", folder=folder, validation_fraction=0)
    ids = [json.loads(line).get("id") for line in (folder / "train.jsonl").read_text().splitlines()]
    assert list(dict.fromkeys(each for each in ids if each)) == [str(each) for each in source.train.question]
    assert len(made.train.negatives.passages) == record["found"]["negatives"]

    written = (folder / "train.jsonl").read_bytes()
    again = mine(folder)
    assert again.status == 0
    assert "already mined" in again.err
    assert again.out == answer.out
    assert mine(tmp_path / "second").status == 0
    assert (tmp_path / "second" / "train.jsonl").read_bytes() == written
    other = mine(folder, "seed=2")
    assert other.status == 2
    assert "other options, data or encoder" in other.err
    assert (folder / "train.jsonl").read_bytes() == written
    assert mine(tmp_path / "third", "seed=2").status == 0
    assert (tmp_path / "third" / "train.jsonl").read_bytes() != written


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "which"), [(("languages=other", "draw=top"), 0), (("languages=same", "search=faiss_hnsw"), 1)]
)
def test_what_is_mined_trains_by_the_commands_that_are_printed(mine, words, which, cache_dir, tmp_path):
    folder = tmp_path / "mined"
    answer = mine(folder, "ranks=[1,20]", "negatives=2", *words)
    assert answer.status == 0, answer.text
    if "search=faiss_hnsw" in words:
        assert json.loads((folder / "mine.json").read_text())["search"]["recall@20"] > 0.5
    printed = [line for line in answer.out.splitlines() if "src.train dataset=jsonl" in line]
    small = [word for word in SMALL if not word.startswith(("dataset.languages", "max_steps"))]
    trained = type_in(
        "src.train",
        *shlex.split(printed[which])[3:],
        *(*small, "max_steps=3", "logger=csv", f"cache_dir={cache_dir}", f"hydra.run.dir={tmp_path / 'run'}"),
    )
    assert trained.status == 0, trained.text
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["training"]["negatives_per_query"] > 16  # in a batch of 16 they are explicit ones


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("ranks=[50,10]", "ranks are reversed"),
        ("ranks=10", "ranks must be two whole numbers from 1 on, got 10"),
        ("ranks=[5000,6000]", "ranks begin with 5000"),
        ("max_share_of_positive=1.5", "where: max_share_of_positive"),
        ("margin=-1", "where: margin"),
        ("languages=all", "languages must be one of same, other, any, got 'all'"),
        ("query_languages=[xx]", "the data have no language 'xx'"),
        ("dataset.languages=[xx]", "where: dataset.languages"),
        ("negatives=0", "negatives must be a whole number from 1 on"),
        ("seed=-1", "where: seed"),
        ("checkpoint=nowhere", "no such file or folder\n  where: checkpoint=nowhere"),
        ("checkpoint=null", "give one encoder"),
        ("search.depth=5", "the ranks say how deep is searched"),
        ("+search.nprobe=5", "search has no option 'nprobe'"),
    ],
)
def test_mistakes_are_told_before_long_work(mine, tmp_path, word, told):
    answer = mine(tmp_path / "mined", word)
    assert answer.status == 2, answer.text
    assert told in answer.err
    assert "Traceback" not in answer.text
    assert not (tmp_path / "mined" / "train.jsonl").exists()


def test_a_folder_of_something_else_is_left_as_it_is(mine, finished_run, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "train.jsonl").write_text("mine\n")
    answer = mine(own)
    assert answer.status == 2
    assert "would be lost" in answer.err
    assert (own / "train.jsonl").read_text() == "mine\n"
    files = [path for path in finished_run[0].rglob("*") if path.is_file() and path.name != "log.txt"]
    before = {path: path.read_bytes() for path in files}
    assert "not a mining's" in mine(finished_run[0]).err
    assert {path: path.read_bytes() for path in files} == before
