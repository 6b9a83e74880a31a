"""The pages of docs/ that are generated are current."""

import re

from src.documenting.batches import EXAMPLES, batches, printed
from src.documenting.reference import HIDDEN, reference
from tests.command import ROOT, type_in

CONF, DOCS = ROOT / "conf", ROOT / "docs"
REFERENCE = (DOCS / "reference.md").read_text(encoding="utf-8")
COMMAND = "not current: python -m src.reference"


def test_the_reference_is_current():
    assert reference(CONF) == REFERENCE, COMMAND


def test_each_choice_and_each_command_has_its_entry():
    choices = [path for path in CONF.glob("*/**/*.yaml") if path.parent.name not in HIDDEN]
    for path in choices:
        assert f"#### `{path.parent.relative_to(CONF)}={path.stem}`\n" in REFERENCE
    commands = re.findall(r"### `python -m src\.(\w+)`", REFERENCE)
    assert len(commands) == len(list(CONF.glob("*.yaml")))
    assert commands[0] == "train"
    assert all((ROOT / "src" / f"{name}.py").is_file() for name in commands)


def test_the_batches_are_current(tmp_path):
    page = (DOCS / "batches.md").read_text(encoding="utf-8")
    assert batches(str(CONF), tmp_path / "cache") == page, COMMAND


def test_each_strategy_is_read_aloud_and_hybrid_twice():
    read = [example.strategy for example in EXAMPLES]
    assert set(read) == {path.stem for path in (CONF / "sampler").glob("*.yaml")}
    assert read.count("hybrid") == 2


def test_what_is_said_of_each_batch_is_so(tmp_path):
    kinds = {(each.strategy, each.step): printed(each, str(CONF), tmp_path).splitlines()[0] for each in EXAMPLES}
    for single in (("monolingual", 0), ("hybrid", 2), ("annealed", 0)):
        assert kinds[single].startswith("All 32 questions and passages are in ")
    for crossing in (("crosslingual", 1), ("hybrid", 3), ("annealed", 299)):
        assert kinds[crossing].startswith("No passage is in its question's language.")
    assert kinds["grouped", 0].startswith("All 32 questions are in ")
    assert kinds["mixed", 0].startswith("Each passage is in its question's language; the batch mixes ")
    for half in (("rowwise", 0), ("balanced_negatives", 0)):
        assert kinds[half].startswith("16 questions have their passage in their own language")


def test_help_says_what_it_does_and_writes_nothing():
    answer = type_in("src.reference", "--help")
    assert (answer.status, "docs/reference.md and docs/batches.md" in answer.err) == (0, True)
    assert ": as it was" not in answer.err
    assert type_in("src.reference", "seed=1").status == 2
