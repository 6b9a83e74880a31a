"""docs/wandb.md names every key that a run sends."""

import re
from pathlib import Path

import pytest

from tests.command import ROOT
from tests.reporting.wandb_file import read_wandb

DOCS = ROOT / "docs" / "wandb.md"


def documented() -> list[str]:
    """Patterns of the keys in the first column of its tables."""
    cells = re.findall(r"^\| `([^`]+)` \|", DOCS.read_text(), flags=re.MULTILINE)
    return [cell for cell in cells if "/" in cell or cell == "epoch"]


def matches(pattern: str, key: str) -> bool:
    parts = [re.escape(part) for part in re.split(r"<\w+>", pattern)]
    return re.fullmatch("[^/]+".join(parts), key) is not None


def test_every_key_of_a_run_is_documented(logged_run: Path):
    recorded = read_wandb(logged_run)
    sent = recorded.summary.keys() | {key for row in recorded.history for key in row}
    own = {key for key in sent if not key.startswith("_") and key != "step"}
    assert [key for key in own if not any(matches(pattern, key) for pattern in documented())] == []


def test_every_key_that_is_documented_without_a_choice_is_sent(logged_run: Path):
    recorded = read_wandb(logged_run)
    sent = recorded.summary.keys() | {key for row in recorded.history for key in row}
    fixed = {pattern for pattern in documented() if "<" not in pattern} - {"train/switched_words"}
    assert fixed <= sent


@pytest.mark.parametrize("key", ["validation/loss", "test/toy/mAP/a/b", "speed"])
def test_another_key_would_be_noticed(key: str):
    assert not any(matches(pattern, key) for pattern in documented())
