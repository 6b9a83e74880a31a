"""The objects of W&B's library are built for real; the report asks a server for its project, so one stands in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb

from src.dashboards import build
from src.dashboards.build import build_report, build_workspace, check_installed
from src.dashboards.layout import keys_of, layout
from src.dashboards.names import documented, of_runs
from src.dashboards.settings import Options
from src.errors import InputError
from tests.reporting.wandb_file import read_wandb
from tests.wandb_server import serving

pytest.importorskip("wandb_workspaces", reason="pip install -e '.[dashboard]'")

NAMES = documented(["xquad_r"], "mAP")
VALUES = {
    "folders": [],
    "sweep": 'alpha "x"',
    "project": "evenhand",
    "entity": "team",
    "kind": "both",
    "title": None,
    "benchmarks": ["xquad_r"],
    "metric": None,
    "comparison": None,
    "timeout": 5,
    "dry": False,
}
OPTIONS = Options.of(VALUES)


def values_of(spec: Any, *wanted: str) -> Iterator[str]:
    """All texts below the wanted keys of a nested specification."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in wanted:
                yield from [value] if isinstance(value, str) else filter(lambda each: isinstance(each, str), value)
            yield from values_of(value, *wanted)
    elif isinstance(spec, list):
        for each in spec:
            yield from values_of(each, *wanted)


def shown(spec: Any) -> set[str]:
    """The keys of all panels."""
    tables = {value for value in values_of(spec, "val") if "language_pairs" in value}
    return {*values_of(spec, "metrics", "mediaKeys"), *tables}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving("evenhand") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        wandb.teardown()
        yield
        wandb.teardown()


def test_a_workspace_shows_every_key_grouped_and_filtered():
    spec = build_workspace(OPTIONS, "team", NAMES, layout(NAMES))._spec
    assert shown(spec) == set(keys_of(layout(NAMES)))
    (runs,) = spec["spec"]["section"]["runSets"]
    assert [key["name"] for key in runs["grouping"]] == ["choices.value.sampler", "choices.value.model"]
    assert 'alpha "x"' in list(values_of(runs["filters"], "value"))
    sections = spec["spec"]["section"]["panelBankConfig"]["sections"]
    lines = [panel for each in sections for panel in each["panels"] if "Line" in panel["viewType"]]
    assert {panel["config"]["xAxis"] for panel in lines} == {"step"}


def test_the_whole_project_is_not_filtered():
    options = Options.of({**VALUES, "sweep": None})
    (runs,) = build_workspace(options, "team", NAMES, layout(NAMES))._spec["spec"]["section"]["runSets"]
    assert list(values_of(runs["filters"], "value")) == []


def test_a_report_shows_the_same_and_says_how_to_read_it(server: None):
    spec = build_report(OPTIONS, "team", NAMES, layout(NAMES))._to_model().model_dump(by_alias=True, exclude_none=True)
    assert shown(spec) == set(keys_of(layout(NAMES)))
    text = " ".join(values_of(spec, "text"))
    assert all(section.reading in text and section.title in text for section in layout(NAMES))
    assert "favouring the language of the question" in text
    grids = [block for block in spec["spec"]["blocks"] if block["type"] == "panel-grid"]
    for grid in grids:
        boxes = [panel["layout"] for panel in grid["metadata"]["panelBankSectionConfig"]["panels"]]
        assert len({(box["x"], box["y"]) for box in boxes}) == len(boxes)


def test_every_panel_of_a_real_run_has_something_to_show(logged_run: Path):
    names = of_runs([logged_run])
    recorded = read_wandb(logged_run)
    sent = recorded.summary.keys() | {key for row in recorded.history for key in row}
    assert shown(build_workspace(OPTIONS, "team", names, layout(names))._spec) <= sent


def test_a_missing_library_is_said_with_its_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[dashboard\]'"):
        check_installed()
