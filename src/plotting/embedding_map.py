"""A map of parallel texts: whether an encoder puts translations together, or languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from src.comparing.grouping import RunGroup
from src.evaluation.parallel_sample import ParallelSample
from src.plotting.case import Case, left_out
from src.plotting.figure import Drawn, Made
from src.plotting.style import INK, MARKERS, PALETTE, WIDTH, legend, new_figure, wrapped
from src.reporting.samples import SAMPLE, read_sample
from src.reporting.tables import counted

MOST = 6  # panels
JOINED = 5  # concepts whose translations are joined by lines
AGAIN = "score them again with python -m src.evaluate"


@dataclass(frozen=True, eq=False)
class Plane:
    """Points in the plane of the two directions in which they vary most."""

    points: NDArray[np.float64]  # [texts, 2]
    explained: tuple[float, float]  # shares of the variance


def principal_plane(embeddings: NDArray[np.floating]) -> Plane:
    """Principal components, each turned so that its largest loading is positive."""
    centred = np.asarray(embeddings, np.float64)
    centred = centred - centred.mean(axis=0)
    centred = np.pad(centred, ((0, 0), (0, max(0, 2 - centred.shape[1]))))  # one dimension lies in a plane, too
    _, scales, directions = np.linalg.svd(centred, full_matrices=False)
    plane = directions[:2]
    plane *= np.sign(plane[np.arange(2), np.abs(plane).argmax(axis=1)])[:, None]
    shares = scales[:2] ** 2 / (scales**2).sum()
    return Plane(centred @ plane.T, (float(shares[0]), float(shares[1])))


def embedding_map(case: Case) -> Made:
    """A panel a group: its first seed's sample."""
    samples = {group.label: read_sample(group.runs[0].folder, case.benchmark) for group in case.groups}
    held = [group for group in case.groups if samples[group.label] is not None]
    if not held:
        return [], [f"No map of parallel texts: no run left a {SAMPLE} ({AGAIN}, on parallel texts)."]
    without = [label for label, sample in samples.items() if sample is None]
    notes = [f"No map of {'; '.join(without)}: no {SAMPLE}; {AGAIN}."] if without else []
    groups, others = case.chosen(MOST, held)
    found = {group.label: sample for group in groups if (sample := samples[group.label]) is not None}
    return [_draw(case, groups, found)], notes + left_out("Maps of parallel texts", len(groups), others)


def _draw(case: Case, groups: list[RunGroup], samples: dict[str, ParallelSample]) -> Drawn:
    columns = 2 if len(groups) in (2, 4) else min(3, len(groups))
    rows = -(-len(groups) // columns)
    title = "Map of parallel texts: translations or languages together?"
    width = WIDTH if columns > 1 else 0.7 * WIDTH
    figure = new_figure(title, rows * (0.88 * width / columns + 0.4) + 0.6, width)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    planes = {label: principal_plane(sample.embeddings) for label, sample in samples.items()}
    for axis, group in zip(axes, groups, strict=False):
        _panel(axis, samples[group.label], planes[group.label])
        seed = group.runs[0].seed
        axis.set_title(wrapped(f"{group.label}{'' if seed is None else f' (seed {seed})'}", 84 // columns))
    for axis in axes[len(groups) :]:
        axis.set_axis_off()
    sample = next(iter(samples.values()))
    present = [sample.languages[number] for number in np.unique(sample.language)]
    looks = _looks(sample.languages)
    handles = [
        Line2D([], [], color=looks[code][0], marker=looks[code][1], linestyle="", markersize=5, label=code)
        for code in present
    ]
    legend(figure, handles)
    concepts = len(np.unique(sample.concept))
    return Drawn(
        f"map{case.suffix}",
        title,
        f"{counted(len(sample.ids), 'passage')} of {counted(concepts, 'concept')} in "
        f"{counted(len(present), 'language')}, each panel in the plane in which its own embeddings vary "
        "most (principal components; axes say how much). "
        f"Thin lines join the translations of {min(JOINED, concepts)} concepts to their middle: short lines are what "
        "retrieval across languages needs, clouds by language are bias. "
        f"One seed of each group is shown, its first. {case.benchmark}.",
        "Scatter plots of embeddings coloured by language; the plane holds "
        + "; ".join(f"{sum(plane.explained):.0%} of the variance for {label}" for label, plane in planes.items())
        + ".",
        figure,
    )


def _looks(languages: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each language."""
    return {code: (PALETTE[n % len(PALETTE)], MARKERS[n % len(MARKERS)]) for n, code in enumerate(languages)}


def _panel(axis: Axes, sample: ParallelSample, plane: Plane) -> None:
    looks = _looks(sample.languages)
    for number, code in enumerate(sample.languages):
        x, y = plane.points[sample.language == number].T
        colour, marker = looks[code]
        # dots in their hundreds would make the SVG a hundred times larger than its lines and words
        axis.scatter(x, y, s=9, c=colour, marker=marker, alpha=0.8, linewidths=0, rasterized=True, label=code)
    concepts, counts = np.unique(sample.concept, return_counts=True)
    whole = concepts[counts == counts.max()]
    for concept in whole[:: max(1, len(whole) // JOINED)][:JOINED]:
        points = plane.points[sample.concept == concept]
        rays = np.stack([points, np.broadcast_to(points.mean(axis=0), points.shape)], axis=1)
        axis.add_collection(LineCollection(list(rays), colors=INK, linewidths=0.5))
    for number, name in enumerate("xy"):
        axis.set(**{f"{name}label": f"component {number + 1} ({plane.explained[number]:.0%} of variance)"})
        axis.set(**{f"{name}ticks": []})
    axis.set_box_aspect(1)
