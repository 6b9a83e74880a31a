import re
import shutil
import subprocess
from pathlib import Path

import pytest

from src.comparing.comparing import Comparison
from src.publishing.latex import escaped, write_latex
from tests.publishing.conftest import MEANS, compared, toy_run

DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs}
\begin{document}
\input{comparison}
\end{document}
"""


def well_formed(text: str) -> None:
    """Braces and environments close in order, and every line of a table has as many cells as it has columns."""
    text = re.sub(r"(?m)^%.*", "", text)
    assert not re.search(r"(?<!\\)[#~^_%]", re.sub(r"\$[^$]*\$", "", text)), "a special character outside of maths"
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    opened: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        assert what == "begin" or opened.pop() == name
        opened += [name] if what == "begin" else []
    assert opened == []
    for columns, body in re.findall(r"\\begin\{tabular\}\{([lr]+)\}(.*?)\\end\{tabular\}", text, re.S):
        for line in re.findall(r"(.+?)\\\\\n", body):
            assert len(re.findall(r"(?<!\\)&", line)) == len(columns) - 1, line


def test_the_best_is_bold_what_is_level_underlined_and_what_differs_marked(toy: Comparison, tmp_path: Path):
    text = write_latex(tmp_path / "comparison.tex", toy).read_text(encoding="utf-8")
    well_formed(text)
    lines = {line.split(" & ")[0]: line for line in text.splitlines() if line.startswith(tuple(MEANS)) and "0." in line}
    table = text.partition(r"\end{table}")[0]
    monolingual, crosslingual = (
        next(line for line in table.splitlines() if line.startswith(f"{name} "))
        for name in ("monolingual", "crosslingual")
    )
    assert r"\textbf{0.8" in monolingual
    assert r"{\scriptsize$\pm$ 0.010}" in monolingual
    assert r"\textbf{0.4" in crosslingual
    assert "dagger" in crosslingual
    assert "dagger" not in monolingual  # the baseline
    assert r"\toprule" in table
    assert r"\bottomrule" in table
    assert "Bold: the best." in table
    assert "Holm-corrected" in table
    assert len(lines) == 3
    assert "sampler & monolingual" in table
    assert "mean over 3 runs, and standard deviation over seeds." in table


def test_marks_are_those_of_the_tests(toy: Comparison, tmp_path: Path):
    text = write_latex(tmp_path / "comparison.tex", toy).read_text(encoding="utf-8").partition(r"\end{table}")[0]
    for row in toy.rows:
        if row.against and row.metric == "mAP" and row.setting == "crosslingual":
            line = next(line for line in text.splitlines() if line.startswith(f"{row.group.removeprefix('sampler=')} "))
            cell = line.split(" & ")[2]
            assert ("dagger" in cell) == (row.against.p_holm is not None and row.against.p_holm < 0.05)
    beaten = {
        row.against.baseline: row.against.p_holm < 0.05
        for row in toy.best
        if (row.setting, row.metric) == ("multilingual", "mAP")
    }
    for group, lost in beaten.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{group.removeprefix('sampler=')} "))
        assert (r"\underline" in line.split(" & ")[3]) == (not lost)


def test_a_single_run_has_no_spread_and_no_marks(tmp_path: Path):
    toy_run(tmp_path / "run", "hybrid", 1)
    text = write_latex(tmp_path / "comparison.tex", compared(tmp_path)).read_text(encoding="utf-8")
    well_formed(text)
    assert r"\pm" not in text
    assert "Bold" not in text
    assert "dagger" not in text


def test_groups_of_different_sizes_say_theirs(tmp_path: Path):
    for sampler, seed in (("monolingual", 1), ("hybrid", 1), ("hybrid", 2)):
        toy_run(tmp_path / f"{sampler}{seed}", sampler, seed)
    text = write_latex(tmp_path / "comparison.tex", compared(tmp_path)).read_text(encoding="utf-8")
    well_formed(text)
    assert "sampler & runs & monolingual" in text
    assert "hybrid & 2 & " in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & 50 % #1 {x}", r"a\_b \& 50 \% \#1 \{x\}"),
        ("\\x^2~y", r"\textbackslash{}x\textasciicircum{}2\textasciitilde{}y"),
        ('<a>|"b" $5', r"\textless{}a\textgreater{}\textbar{}\textquotedbl{}b\textquotedbl{} \$5"),
        ("two\nlines", "two lines"),
        ("[variance] *", "{[}variance] {*}"),
        ("язык भाषा 语言 لغة", "язык भाषा 语言 لغة"),
    ],
)
def test_special_characters(text: str, expected: str):
    assert escaped(text) == expected


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "tectonic"])
def test_it_compiles(tmp_path: Path, engine: str):
    if shutil.which(engine) is None:
        pytest.skip(f"no {engine} here")
    for name, sampler in (("[a]", "monolingual"), ("*b", "crosslingual"), ("c_50%", "hybrid")):
        run = toy_run(tmp_path / sampler, sampler, 1)
        record = run / "record.json"
        record.write_text(record.read_text().replace(f'"{sampler}"', f'"{name}"'))
    write_latex(tmp_path / "comparison.tex", compared(tmp_path))
    (tmp_path / "paper.tex").write_text(DOCUMENT)
    flags = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    answer = subprocess.run([engine, *flags, "paper.tex"], cwd=tmp_path, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 1000
