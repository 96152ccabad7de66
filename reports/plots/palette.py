"""Colours by role. Figures are drawn in stand-ins; the page's CSS says what each is in light and in dark.

Hues are those of Okabe and Ito [1]_, told apart by colour-blind readers too; lightness is moved where contrast asks
for it, and every hue goes with a marker of its own.

References
----------
.. [1] M. Okabe, K. Ito, Color universal design (2008), https://jfly.uni-koeln.de/color/.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colour:
    """What a role looks like in light and in dark."""

    light: str
    dark: str


COLOURS: dict[str, Colour] = {
    "ink": Colour("#1b1f24", "#e8eaed"),
    "muted": Colour("#5a6270", "#a3abb8"),
    "grid": Colour("#dfe3e8", "#333a45"),
    "surface": Colour("#ffffff", "#171b21"),
    "before": Colour("#6b7280", "#9aa3b0"),
    "caching": Colour("#c77f00", "#e69f00"),
    "distribution": Colour("#b4558d", "#cc79a7"),
    "algorithm": Colour("#0072b2", "#3d9fdc"),
    "hardware": Colour("#d55e00", "#ef7d2b"),
    "memory": Colour("#00805c", "#1fb88a"),
    "integrated": Colour("#2e8fc5", "#56b4e9"),
    "peer": Colour("#1b1f24", "#e8eaed"),
    "yours": Colour("#8a7d00", "#f0e442"),
}

_NAMES = tuple(COLOURS)

_APPROACHES = {
    "before": ("before", "s"),
    "caching and batching": ("caching", "v"),
    "distribution": ("distribution", "P"),
    "algorithm and data structures": ("algorithm", "o"),
    "SIMD and GPU": ("hardware", "D"),
    "memory pool": ("memory", "^"),
    "integrated": ("integrated", "p"),
    "peer": ("peer", "o"),
    "yours": ("yours", "*"),
}
_INPUTS = {
    "pageable": ("memory", "^"),
    "registered": ("algorithm", "o"),
    "resident": ("hardware", "D"),
    "on the host": ("before", "s"),
}
"""Where readings lie, in a picture of devices, which are all of one approach."""
HOLLOW = frozenset({"peer"})
"""Roles whose markers are drawn hollow, so that they differ from a filled one of the same form."""


def stand_in(role: str) -> str:
    """The colour that a figure is drawn with where it means `role`.

    >>> stand_in("ink"), role_of("#010101")
    ('#010101', 'ink')
    """
    return f"#0101{_NAMES.index(role) + 1:02x}"


def role_of(colour: str) -> str | None:
    """The role that a drawn colour stands for; None if it is no stand-in."""
    if len(colour) != 7 or not colour.startswith("#0101"):
        return None
    index = int(colour[5:], 16) - 1
    return _NAMES[index] if 0 <= index < len(_NAMES) else None


def look(approach: str | None) -> tuple[str, str]:
    """Role of the colour and matplotlib's marker of an approach, or of where a device's readings lie."""
    return (_APPROACHES | _INPUTS).get(approach or "yours", _APPROACHES["yours"])


def rules(scheme: str) -> str:
    """The colours of a scheme ("light" or "dark") as CSS custom properties."""
    return "".join(f"--{role}:{getattr(colour, scheme)};" for role, colour in COLOURS.items())


def classes() -> str:
    """The CSS rules that give drawn elements their colours."""
    return "".join(f".f-{role}{{fill:var(--{role})}}.s-{role}{{stroke:var(--{role})}}" for role in COLOURS)
