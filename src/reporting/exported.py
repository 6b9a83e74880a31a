"""What a person sees of an export: how well the folder agrees with the encoder, where it lies, what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from src.reporting.commands import nearby, override, python
from src.reporting.tables import counted, new_table


def report_export(out: Console, record: Mapping[str, Any], folder: Path, address: str | None = None) -> None:
    """Print the checks, the folder's parts and the next commands."""
    check = record["check"]
    table = new_table("", "largest difference")
    checks = {"sentence-transformers": check, **({"onnxruntime": record["onnx"]} if "onnx" in record else {})}
    for tool, found in checks.items():
        for part, worst in found["largest_difference"].items():
            table.add_row(f"{tool} · {part}", f"{worst:.1e}")
    texts, languages = check["texts"], counted(len(check["languages"]), "language")
    out.print()
    out.print(Text(f" {texts} texts in {languages}, at most {check['tolerance']:g} of a vector's length apart"))
    out.print()
    out.print(table)
    _lines(out, "saved", [f" folder      {nearby(folder)}", f" model card  {nearby(folder / 'README.md')}"])
    if address:
        out.print(Text(f" hub         {address}"), soft_wrap=True)
    _lines(out, "next", [f" # {purpose}\n {command}" for purpose, command in next_commands(folder).items()])


def next_commands(folder: Path) -> dict[str, str]:
    """Purpose -> command."""
    near = nearby(folder)
    score = [python(), "-m", "src.evaluate", override("checkpoint", near), "benchmark=xquad_r"]
    return {
        "score the folder itself": " ".join([*score, "benchmark.folder=data/xquad_r"]),
        "publish it, once you have read its card": f"hf upload NAME/MODEL {near}",
    }


def _lines(out: Console, title: str, lines: list[str]) -> None:
    out.print()
    out.print(Rule(title, align="left", style="dim"))
    for line in lines:
        out.print(Text(line), soft_wrap=True)
