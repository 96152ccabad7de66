"""From a matplotlib figure to an SVG element: same bytes every time, text as text, colours as classes.

matplotlib writes a document of its own with inline styles and ids that repeat from figure to figure. A page with
a strict content policy can use neither, so the drawing is rewritten element by element.
"""

import io
import re
import warnings
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from reports.plots.palette import classes, role_of, rules

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_DROPPED = frozenset({"metadata", "style"})
_DEFAULTS = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
_FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif"


def inline(figure: "Figure", name: str, alt: str) -> str:
    """`figure` as an element to stand in a page; `name` makes its ids unique there."""
    return ElementTree.tostring(_drawing(figure, name, alt), encoding="unicode")


def standalone(figure: "Figure", name: str, alt: str) -> str:
    """`figure` as a file of its own that follows the viewer's light or dark scheme."""
    root = _drawing(figure, name, alt)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    style = ElementTree.Element("style")
    style.text = (
        f"svg{{{rules('light')}background:var(--surface);font-family:{_FONTS}}}"
        f"@media (prefers-color-scheme:dark){{svg{{{rules('dark')}}}}}{classes()}"
    )
    root.insert(1, style)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _drawing(figure: "Figure", name: str, alt: str) -> ElementTree.Element:
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the reader's browser has the font, or shows a box
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314  (drawn a moment ago, by ourselves)
    used = set(re.findall(r"#([\w.-]+)", " ".join(_references(root))))
    _rewrite(root, name, used)
    _, _, width, height = root.get("viewBox", "0 0 0 0").split()
    root.attrib.clear()
    root.attrib.update(
        {"class": "plot", "viewBox": f"0 0 {width} {height}", "width": width, "height": height}
        | {"role": "img", "aria-labelledby": f"{name}-title"}
        | _DEFAULTS
    )
    title = ElementTree.Element("title", {"id": f"{name}-title"})
    title.text = alt
    root.insert(0, title)
    return root


def _references(root: ElementTree.Element) -> list[str]:
    return [value for element in root.iter() for key, value in element.attrib.items() if key != "id" and "#" in value]


def _rewrite(element: ElementTree.Element, name: str, used: set[str]) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    element.text = element.text if element.tag == "text" else None
    element.tail = None
    found = dict(element.attrib)
    element.attrib.clear()
    for key, value in found.items():
        if key == "id":
            if value in used:
                element.set("id", f"{name}-{value}")
        elif key == _HREF:
            element.set("href", f"#{name}-{value[1:]}")
        elif key == "style":
            _restyle(element, value.replace("url(#", f"url(#{name}-"))
        elif key == "clip-path":
            element.set(key, value.replace("#", f"#{name}-"))
        elif key in {"fill", "stroke"} and role_of(value):
            _restyle(element, f"{key}: {value}")
        elif key == "d":
            element.set(key, _compact(value))
        elif key == "transform" and value.startswith("rotate(-0 "):
            continue
        else:
            element.set(key, _rounded(value) if key in {"x", "y", "width", "height"} else value)
    kept = []
    for child in list(element):
        element.remove(child)
        if child.tag.removeprefix(_SVG) in _DROPPED:
            continue
        _rewrite(child, name, used)
        empty = child.tag in {"g", "defs"} and len(child) == 0
        plain_group = child.tag == "g" and not child.attrib
        kept.extend([] if empty else list(child) if plain_group else [child])
    element.extend(kept)


def _restyle(element: ElementTree.Element, style: str) -> None:
    """Turn an inline style into classes for colours and attributes for the rest."""
    names = []
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font-family" or not key:
            continue
        role = role_of(value) if key in {"fill", "stroke"} else None
        if role is not None:
            names.append(f"{key[0]}-{role}")
        elif _DEFAULTS.get(key) != value:
            element.set(key, value.removesuffix("px") if key == "font-size" else value)
    if names:
        element.set("class", " ".join(filter(None, [element.get("class"), *names])))


def _compact(path: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda match: _rounded(match.group()), " ".join(path.split()))


def _rounded(number: str) -> str:
    return f"{float(number.removesuffix('pt')):.2f}".rstrip("0").rstrip(".")
