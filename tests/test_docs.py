"""What the pages say can be typed: commands compose, choices and options exist, links lead somewhere."""

import re

import pytest

from src.documenting.options import read_file
from src.entry import check_plugins
from src.errors import InputError
from src.options import BOUNDS, check_options
from tests.command import ROOT
from tests.documented import PAGES, commands, file, overrides
from tests.test_config import composed, swept

CONF = ROOT / "conf"
OWN = ("dataset/table", "benchmark/faq", "objective/hinge", "terms/spread")  # what docs/how-to.md makes
SHOWN = sorted({(entry, *words) for page in PAGES for entry, words in commands(page)})
TEXTS = {page.name: re.sub(r"```python.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL) for page in PAGES}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder of configuration beside conf/ that holds what the pages make."""
    folder = tmp_path_factory.mktemp("conf")
    for name in OWN:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(file(ROOT / "docs" / "how-to.md", f"conf/{name}.yaml"))
    (folder / "sampler").mkdir()
    (folder / "sampler" / "pivot.yaml").write_text("_target_: src.sampling.pivot.Pivot\n_partial_: true\n")
    return f"hydra.searchpath=[file://{folder}]"


def test_there_are_commands():
    assert len(SHOWN) > 100
    assert {"train", "evaluate", "compare", "check", "rows", "mine", "search", "export"} <= {name for name, *_ in SHOWN}


@pytest.mark.parametrize("shown", SHOWN, ids=" ".join)
def test_a_command_that_is_shown_composes(shown, own):
    """Of a sweep its first job; that the other choices exist is tested below."""
    entry, *words = shown
    name, typed = overrides(entry, words)
    try:
        check_plugins(typed)
    except InputError as error:
        pytest.skip(str(error))
    whole = [word for word in typed if not re.search(r"=(tag|interval|range)\(", word)]
    job = [values[0] for values in swept(whole)]
    config = composed(name, own, *job)
    known = not any(made in " ".join(job) for made in ("=table", "=faq", "=hinge", "spread", "=pivot"))
    if name in BOUNDS and known:
        check_options(config, BOUNDS[name])


@pytest.mark.parametrize("page", TEXTS)
def test_every_choice_that_a_page_names_exists(page):
    groups = sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name != "hydra")
    made = {tuple(name.split("/")) for name in OWN} | {("sampler", "pivot")}
    for group in groups:
        for value in re.findall(rf"(?<![\w./@-]){group}='?([\w,\[\]]+)", TEXTS[page]):
            for choice in filter(None, re.split(r"[,\[\]]+", value)):
                there = (CONF / group / f"{choice}.yaml").is_file() or (group, choice) in made
                assert there or choice in ("null", "X", "NAME", "a", "b"), f"{group}={choice}"


def known_options() -> set[str]:
    """Every option as it is typed, of any choice of any group."""
    found = set()
    for path in CONF.rglob("*.yaml"):
        above = path.parent.relative_to(CONF)
        if above.parts[:1] != ("hydra",) and "help" not in above.parts:
            one = read_file(path)
            start = one.package or ".".join(above.parts)
            found |= {f"{start}.{each.key}".removeprefix("_global_.").removeprefix(".") for each in one.options}
    return found


@pytest.mark.parametrize("page", TEXTS)
def test_every_option_that_a_page_names_exists(page):
    known = known_options()
    made = {"objective.margin", "terms.spread.weight", "dataset.folder", "benchmark.file"}
    for option in re.findall(r"(?<![\w./$@{-])((?:[a-z_]+\.)+[a-z_]+)=", TEXTS[page]):
        first = option.split(".")[0]
        if first in ("choices", "hydra", "group", "train", "validation_data") or option in made:
            continue
        inner = {option, option.replace("objective.inner.", "objective.")}
        held = any(option.startswith(f"{each}.") or each.startswith(f"{option}.") for each in known)
        assert inner & known or held or re.match(r"benchmark\.members\.\w+\.folder", option), option


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", TEXTS[page]):
        assert (folder / link).exists(), link
