import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from src.comparing.comparing import Comparison
from src.publishing.page import write_page
from src.publishing.side_by_side import SideBySide, side_by_side
from tests.publishing.conftest import compared, published_run, toy_run

VOID = {"meta", "link", "img", "br", "hr", "input"}
SMALL_SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="100pt" height="50pt" viewBox="0 0 100 50">
 <metadata>made with care</metadata><!-- <b>comment</b> -->
 <defs><style type="text/css">*{stroke-linejoin: round}</style><clipPath id="p1"><rect width="9" height="9"/></clipPath>
 <path id="m1" d="M0 0"/></defs>
 <g id="axes" clip-path="url(#p1)" onclick="x()"><use xlink:href="#m1"/><image xlink:href="https://example.com/x.png"/>
 <text>a &lt; b</text></g><script>x()</script></svg>"""


class Page(HTMLParser):
    """What a page holds, read as a browser does."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def having(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.tags if attribute in attributes]


@pytest.fixture
def figures(tmp_path: Path) -> list[SimpleNamespace]:
    """Two figures, of which one is smaller as PNG."""
    made = []
    for name, svg in (("small", SMALL_SVG), ("large", SMALL_SVG.replace("a &lt; b", "x" * 9000))):
        (tmp_path / f"{name}.svg").write_text(svg, encoding="utf-8")
        (tmp_path / f"{name}.png").write_bytes(b"\x89PNG" + bytes(3000))
        files = {"svg": tmp_path / f"{name}.svg", "png": tmp_path / f"{name}.png"}
        made.append(
            SimpleNamespace(name=name, title=f"The {name}", caption=f"See <{name}>", alt=f'{name} "alt"', **files)
        )
    return made


def page_of(comparison: Comparison, tmp_path: Path, figures: list, published: SideBySide | None = None, **of) -> Page:
    return Page(write_page(comparison, figures, published or side_by_side(comparison), tmp_path / "page.html", **of))


def test_nothing_is_loaded_and_nothing_runs(toy: Comparison, tmp_path: Path, figures: list):
    page = page_of(toy, tmp_path, figures)
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "object", "embed")]
    assert all(source.startswith("data:image/png;base64,") for source in page.having("src"))
    assert all(target.startswith("#") for target in page.having("href") + page.having("xlink:href"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "@import" not in page.source
    assert set(re.findall(r"url\(([^)]*)\)", page.source)) == {"#figure-1-p1"}
    assert "default-src 'none'" in page.source


def test_ids_are_unique_and_every_reference_has_one(toy: Comparison, tmp_path: Path, figures: list):
    page = page_of(toy, tmp_path, [figures[0], figures[0]])
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    named = [name for names in page.having("aria-labelledby") for name in names.split()]
    links = [target[1:] for target in page.having("href") + page.having("xlink:href")]
    assert set(named + links + re.findall(r"url\(#([^)]*)\)", page.source)) <= set(ids)
    assert "#figure-2 *{stroke-linejoin" in page.source


def test_pictures_are_named_and_the_smaller_form_is_taken(toy: Comparison, tmp_path: Path, figures: list):
    page = page_of(toy, tmp_path, figures)
    assert [attributes["alt"] for tag, attributes in page.tags if tag == "img"] == ['large "alt"']
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert [(each["role"], each["aria-label"]) for each in drawings] == [("img", 'small "alt"')]
    assert "width" not in drawings[0]
    assert "See <small>" in page.text
    assert "made with care" not in page.source


def test_verdicts_groups_and_figures_are_all_there(toy: Comparison, tmp_path: Path):
    page = page_of(toy, tmp_path, [], command="python -m src.compare outputs/x", undrawn=["No <curve>."])
    said = page.text.replace("\u00a0", " ")
    for verdict in toy.verdicts:
        assert all(part in said for part in verdict.text.split(": ", 1)), verdict
    assert said.index(toy.verdicts[0].text.partition(": ")[2]) < said.index(
        "Tables mAP" if "Tables mAP" in said else "toy · mAP"
    )
    for group in toy.groups:
        assert group.label in said
        assert all(run.folder.name in said for run in group.runs)
    for row in toy.rows:
        if row.metric == "mAP":
            assert f"{row.spread.mean:.3f}" in said
    assert "python -m src.compare outputs/x" in said
    assert "No <curve>." in said
    assert "arXiv 2408.10536 has no figures of" in said
    assert "abc" in said  # the commit


def test_tables_say_what_their_cells_are(toy: Comparison, tmp_path: Path):
    page = page_of(toy, tmp_path, [])
    count = {
        tag: sum(each == tag for each, _ in page.tags) for tag in ("table", "caption", "main", "header", "h1", "nav")
    }
    assert count["table"] == count["caption"] > 3
    assert (count["main"], count["header"], count["h1"], count["nav"]) == (1, 1, 1, 1)
    assert all(attributes.get("scope") in ("col", "row", "rowgroup") for tag, attributes in page.tags if tag == "th")
    assert dict(page.tags)["html"] == {"lang": "en"}
    best = [attributes for tag, attributes in page.tags if tag == "td" and attributes.get("class") == "best"]
    assert len(best) >= 3
    assert page.text.count("the best") >= 3 + 1  # said aloud, not shown by weight and colour alone


def test_what_comes_from_runs_is_escaped(tmp_path: Path):
    for choice in ("monolingual", "hybrid"):
        run = toy_run(tmp_path / choice, choice, 1)
        record = (run / "record.json").read_text()
        (run / "record.json").write_text(record.replace(f'"{choice}"', f'"<script>{choice}</script>&"'))
    page = page_of(compared(tmp_path), tmp_path, [], command="<script>1</script>")
    assert "<script" not in page.source
    assert "sampler=<script>hybrid</script>&" in page.text


def test_what_is_not_comparable_is_loud(toy: Comparison, tmp_path: Path):
    assert "cautions" not in page_of(toy, tmp_path, []).having("id")
    toy_run(tmp_path / "runs" / "a", "hybrid", 1, steps=100)
    toy_run(tmp_path / "runs" / "b", "monolingual", 1, steps=200)
    page = page_of(compared(tmp_path / "runs"), tmp_path, [])
    assert "cautions" in page.having("id")
    words = page.text
    assert (
        words.index("Read with care")
        < words.index("Not the same steps in all runs")
        < words.index("1 run, so no spread")
    )
    assert words.count("Not the same steps in all runs") == 1


def test_published_figures_beside_ours(tmp_path: Path):
    published_run(tmp_path / "runs" / "hybrid", "hybrid")
    page = page_of(compared(tmp_path / "runs"), tmp_path, [])
    assert "xquad_r · beside arXiv 2408.10536" in page.text
    assert "0.7053" in page.text
    assert "temperature 0.05 here, not stated there." in page.text
    assert "One group only: nothing to compare it with." in page.text
