"""The workspace and the report as objects of W&B's own library, which know how to save themselves."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from src.dashboards.layout import Panel, Section
from src.dashboards.names import Names
from src.dashboards.settings import Options
from src.errors import InputError

if TYPE_CHECKING:
    from wandb_workspaces.reports.v2 import Report
    from wandb_workspaces.workspaces import Workspace

STEP = "step"  # what every history is logged against
MOST_RUNS = 100  # in a panel; W&B's own limit of 10 would leave half of a sweep out
COLUMNS = 24  # of a report's grid
QUESTION = (
    "Which way of filling training batches with languages gives a retriever that is good within one language, across "
    "two, and over all at once, without favouring the language of the question?"
)


def check_installed() -> None:
    """InputError where the library is missing."""
    if find_spec("wandb_workspaces") is None:
        raise InputError(
            "a package is missing: wandb-workspaces builds dashboards",
            where="python -m src.dashboard",
            fix="pip install -e '.[dashboard]'",
        )


def build_workspace(options: Options, entity: str, names: Names, sections: Sequence[Section]) -> Workspace:
    """A saved view: runs grouped by what differs, panels by section."""
    import wandb_workspaces.workspaces as ws
    from wandb_workspaces import expr

    filters: Any = expr.And(expr.Metric("Group") == options.sweep) if options.sweep else ""
    return ws.Workspace(
        entity=entity,
        project=options.project,
        name=options.title,
        sections=[
            ws.Section(name=each.title, panels=[_panel(panel) for panel in each.panels], is_open=True)
            for each in sections
        ],
        settings=ws.WorkspaceSettings(x_axis=STEP, max_runs=MOST_RUNS),
        runset_settings=ws.RunsetSettings(
            filters=filters, groupby=[expr.Config(key) for key in names.group_by] if names.group_by else []
        ),
    )


def build_report(options: Options, entity: str, names: Names, sections: Sequence[Section]) -> Report:
    """The same panels as a page to read: the question, and under each heading how to read it."""
    import wandb_workspaces.reports.v2 as wr
    from wandb_workspaces import expr

    filters: Any = expr.And(expr.Metric("Group") == options.sweep) if options.sweep else ""
    blocks: list[Any] = [wr.P(QUESTION), wr.TableOfContents()]
    for section in sections:
        runs = wr.Runset(
            entity=entity,
            project=options.project,
            name=options.sweep or "all runs",
            filters=filters,
            groupby=[f"config.{key}" for key in names.group_by],
        )
        panels = [_panel(panel, wr.Layout(**_place(panel, index))) for index, panel in enumerate(section.panels)]
        blocks += [wr.H2(section.title), wr.P(section.reading), wr.PanelGrid(runsets=[runs], panels=panels)]
    return wr.Report(
        entity=entity, project=options.project, title=options.title, description=QUESTION, blocks=blocks, width="fluid"
    )


def _place(panel: Panel, index: int) -> dict[str, int]:
    """Two in a row; the library moves what would overlap."""
    return {"x": index % 2 * COLUMNS // 2, "y": index // 2 * 8, "w": COLUMNS // 2, "h": 8}


def _panel(panel: Panel, place: Any = None) -> Any:
    import wandb_workspaces.reports.v2 as wr

    at = {"layout": place} if place is not None else {}
    keys: list[Any] = list(panel.keys)
    if panel.kind == "lines":
        return wr.LinePlot(title=panel.title, x=STEP, y=keys, max_runs_to_show=MOST_RUNS, **at)
    if panel.kind == "bars":
        return wr.BarPlot(title=panel.title, metrics=keys, max_runs_to_show=MOST_RUNS, **at)
    if panel.kind == "images":
        return wr.MediaBrowser(title=panel.title, media_keys=keys, **at)
    return wr.WeavePanelSummaryTable(table_name=keys[0], **at)
