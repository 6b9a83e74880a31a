"""All figures together: files, bytes, and what is said of those that are missing."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from src.comparing.comparing import Comparison
from src.plotting.draw import draw, make
from src.plotting.style import MARKERS, legend, line_handles, looks_of, new_figure
from tests.plotting.toy import BASE, compared, strategies, write
from tests.written_runs import make_evaluation, make_run

NAMES = ["learning", "tradeoff", "languages", "heatmaps", "differences", "shares", "map"]


@pytest.fixture(scope="module")
def drawn(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("figures")
    told: list[str] = []
    return *draw(comparison, folder, progress=told.append), told, folder


def test_every_figure_is_there_twice_with_words(drawn):
    figures, notes, told, folder = drawn
    assert [figure.name for figure in figures] == told == NAMES
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{n}.{end}" for n in NAMES for end in ("png", "svg")
    )
    for figure in figures:
        assert figure.png.read_bytes()[:4] == b"\x89PNG"
        assert all((figure.title, figure.caption, figure.alt))
    assert notes == ["No curve over a setting: no number takes 3 values among groups that are otherwise alike."]


def test_the_same_runs_give_the_same_bytes(drawn, comparison: Comparison, tmp_path: Path):
    draw(comparison, tmp_path)
    for path in sorted(drawn[3].iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_text_in_svg_is_text_and_no_date(drawn):
    for figure in drawn[0]:
        text = figure.svg.read_text()
        assert f">{figure.title}</text>" in text
        assert "<dc:date>" not in text
    assert "sampler=hybrid" in drawn[3].joinpath("tradeoff.svg").read_text()


def test_captions_say_how_many_seeds_and_what_was_scored(drawn):
    for figure in drawn[0]:
        assert ("2 seeds each" in figure.caption) == (figure.name != "map")
        assert ("1,234 candidates" in figure.caption) == (figure.name not in ("map", "learning"))
    assert "One seed of each group is shown" in drawn[0][-1].caption


def test_older_runs_are_drawn_as_far_as_they_go(tmp_path: Path):
    figures, notes = make(strategies(tmp_path, shares=False, sample=False, curve=False))
    assert [figure.name for figure in figures] == ["tradeoff", "languages", "heatmaps", "differences"]
    told = "\n".join(notes)
    for what in ("No learning curves", "No language shares", "No map", "No curve over a setting"):
        assert what in told
    assert told.count("python -m src.evaluate") == 2


def test_one_run_alone(tmp_path: Path):
    write(tmp_path, "hybrid", 1)
    figures, notes = make(compared(tmp_path))
    assert "differences" not in {figure.name for figure in figures}
    assert any("no baseline" in note for note in notes)


def test_fifteen_groups_stay_legible_and_those_without_room_are_named(tmp_path: Path):
    for number in range(15):
        write(tmp_path, f"regime{number:02}", 1, bonus=number / 100)
    comparison = compared(tmp_path)
    figures, notes = make(comparison)
    panels = {figure.name: sum(bool(axis.get_title(loc="left")) for axis in figure.canvas.axes) for figure in figures}
    assert (panels["heatmaps"], panels["differences"], panels["shares"], panels["map"]) == (9, 9, 9, 6)
    assert any(note.startswith("Heat-maps: 9 of 15 groups") and "regime01" in note for note in notes)
    (heatmaps,) = (figure for figure in figures if figure.name == "heatmaps")
    titles = [axis.get_title(loc="left") for axis in heatmaps.canvas.axes]
    assert "sampler=regime14" in titles and "sampler=regime00" in titles  # the best, and the baseline  # noqa: PT018
    assert len({look.marker for look in looks_of(group.label for group in comparison.groups).values()}) == 15


def test_one_look_a_group_in_every_figure():
    looks = looks_of(BASE)
    assert looks == {label: looks_of([*BASE, "more"])[label] for label in BASE}
    many = list(looks_of(map(str, range(100))).values())
    assert len(set(many)) == 100
    assert len(set(MARKERS)) == len(MARKERS)


def test_several_benchmarks_have_files_of_their_own(tmp_path: Path):
    for choice in ("hybrid", "mixed"):
        results = [make_evaluation(), make_evaluation(name="other", languages=("en", "fr"))]
        make_run(tmp_path / choice, seed=1, sampler={"_target_": choice}, choice=choice, evaluations=results)
    figures, notes = make(compared(tmp_path))
    names = [figure.name for figure in figures]
    assert "heatmaps-toy" in names and "heatmaps-other" in names  # noqa: PT018
    assert len(names) == len(set(names))
    assert {note.split(":")[0] for note in notes if not note.startswith("No learning")} == {"toy", "other"}


def test_no_text_is_outside_its_figure_and_no_empty_panel_is_seen(tmp_path: Path):
    for number in range(5):
        for seed in (1, 2):
            write(tmp_path, f"regime{number}_with_a_name_as_long_as_people_give_them", seed)
    for figure in make(compared(tmp_path))[0]:
        canvas = FigureCanvasAgg(figure.canvas)
        canvas.draw()
        width, height = canvas.get_width_height()
        title = figure.canvas._suptitle.get_window_extent(canvas.get_renderer())
        assert title.x1 <= width and title.y1 <= height, figure.name  # noqa: PT018
        for axis in figure.canvas.axes:
            assert axis.has_data() or not axis.axison, figure.name
            box = axis.get_tightbbox(canvas.get_renderer())
            assert box is None or (np.array([box.x0, box.y0]) >= -1).all(), figure.name
            assert box is None or (box.x1 <= width + 1 and box.y1 <= height + 1), figure.name


def test_a_legend_breaks_names_wider_than_its_figure_and_reads_no_dollar_as_mathematics():
    paths = " ".join(f"model.name_or_path=outputs/a_folder_of_runs/{number}/encoder" for number in range(4))
    labels = [f"{paths} prompt=$x_y$", f"{paths} prompt=other"]
    figure = new_figure("t", 4)
    legend(figure, line_handles(looks_of(labels)))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    shown = figure.legends[0]
    assert shown.get_window_extent(canvas.get_renderer()).x1 <= canvas.get_width_height()[0]
    assert [" ".join(text.get_text().split()) for text in shown.get_texts()] == labels
    assert not any(text.get_parse_math() for text in shown.get_texts())
