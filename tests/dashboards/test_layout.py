import pytest

from src.dashboards.layout import keys_of, layout
from src.dashboards.names import Names, documented
from src.errors import InputError

NAMES = documented(["xquad_r", "tatoeba"], "mAP")


def titles(names: Names, metric: str | None = None) -> list[str]:
    return [section.title for section in layout(names, metric)]


def test_every_question_has_its_section():
    assert titles(NAMES) == [
        "Results on xquad_r",
        "Results on tatoeba",
        "Language bias",
        "Language pairs",
        "Validation",
        "Training",
        "What the batches held",
    ]
    assert all(section.reading for section in layout(NAMES))


def test_sections_with_nothing_to_show_are_left_out():
    bare = Names(("train/loss",), {"toy": ("average/score",)}, training=())
    assert titles(bare) == ["Results on toy", "Training"]
    assert keys_of(layout(bare)) == ["test/toy/average/score", "train/loss"]


def test_no_key_is_shown_twice():
    shown = [key for section in layout(NAMES) for panel in section.panels for key in panel.keys]
    assert sorted(shown) == sorted(set(shown))


@pytest.mark.parametrize(("metric", "shown"), [(None, "mAP"), ("R@1", "R@1")])
def test_results_are_led_by_one_metric(metric, shown):
    names = Names((), {"toy": ("multilingual/mAP", "multilingual/R@1", "monolingual/mAP", "monolingual/R@1")})
    (results, *_) = layout(names, metric)
    assert [panel.keys for panel in results.panels] == [
        (f"test/toy/multilingual/{shown}",),
        (f"test/toy/monolingual/{shown}",),
    ]


def test_a_metric_that_was_not_measured_is_refused():
    with pytest.raises(InputError, match=r"'R@7'\n.*metric\n.*one of mAP"):
        layout(NAMES, "R@7")
