"""Figures inside a page: SVG as part of it, or PNG as data, whichever is smaller."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

if TYPE_CHECKING:
    from src.plotting.figure import Figure

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
REFERENCE = re.compile(r"url\(#([^)]+)\)")
ACTIVE = ("script", "foreignObject", "metadata")  # never in a drawing of ours, or not needed in a page


def embedded(figure: Figure, prefix: str) -> Markup:
    """The figure as HTML; its ids begin with `prefix`, so that figures on one page do not share any."""
    drawing = inline_svg(figure.svg, prefix, figure.alt)
    picture = base64.b64encode(figure.png.read_bytes()).decode("ascii")
    if len(drawing.encode("utf-8")) <= len(picture):
        return Markup(drawing)  # parsed and written again, without anything active
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(figure.alt, picture)


def inline_svg(path: Path, prefix: str, alt: str) -> str:
    """An SVG file without its frame of XML, scaled by the page, named for those who do not see it."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.parse(path).getroot()  # leaves out comments and the document type
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ACTIVE:
                parent.remove(child)
    for element in root.iter():
        _rename(element, prefix)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    for name, value in {"id": prefix, "role": "img", "aria-label": alt}.items():
        root.set(name, value)
    return ElementTree.tostring(root, encoding="unicode")


def _rename(element: ElementTree.Element, prefix: str) -> None:
    """Ids and all that refers to them, styles for this drawing alone; what would load or run anything is dropped."""
    if element.tag.endswith("}style") and element.text:
        element.text = re.sub(r"(^|[},])\s*\*", rf"\1#{prefix} *", element.text)
    for name, value in list(element.attrib.items()):
        bare = name.rpartition("}")[2]
        if bare == "id":
            element.set(name, f"{prefix}-{value}")
        elif bare == "href" and value.startswith("#"):
            element.set(name, f"#{prefix}-{value[1:]}")
        elif (bare == "href" and not value.startswith("data:image/")) or bare.startswith("on"):
            del element.attrib[name]
        else:
            element.set(name, REFERENCE.sub(rf"url(#{prefix}-\1)", value))
