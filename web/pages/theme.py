"""Theme: a town's accent colour as a stylesheet of one rule, and its logo.

The town chooses a hue and how vivid it is; the lightness is ours: it is moved until words in that colour, and words on
it, can be read in both colour schemes (WCAG 2.2, 1.4.3). No choice of a town can make a page unreadable.
"""

import hashlib
import math
from pathlib import Path
from typing import Protocol

import msgspec

USUAL_HUE, USUAL_CHROMA = 252.0, 0.115
# More than the 4.5 the rule asks for: the same colour is also read on tinted grounds.
LEAST_CONTRAST = 5.5
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}

Linear = tuple[float, float, float]


class Choice(Protocol):
    """What the town decided (`server.settings.Theme`)."""

    @property
    def hue(self) -> float: ...
    @property
    def chroma(self) -> float: ...
    @property
    def logo(self) -> Path | None: ...


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """What pages link to: empty addresses when the town kept Parvis's own colour and mark."""

    css: str = ""
    css_address: str = ""
    logo: bytes = b""
    logo_type: str = ""
    logo_address: str = ""


def open_theme(choice: Choice | None) -> Theme:
    """The theme of a town, read once when the process starts."""
    if choice is None:
        return Theme()
    css = "" if (choice.hue, choice.chroma) == (USUAL_HUE, USUAL_CHROMA) else stylesheet(choice.hue, choice.chroma)
    logo = choice.logo.read_bytes() if choice.logo else b""
    return Theme(
        css=css,
        css_address=f"/theme.css?v={_mark(css.encode())}" if css else "",
        logo=logo,
        logo_type=LOGO_TYPES.get(choice.logo.suffix.lower(), "") if choice.logo else "",
        logo_address=f"/theme/logo?v={_mark(logo)}" if logo else "",
    )


def stylesheet(hue: float, chroma: float) -> str:
    """The tokens that follow the accent, for light and dark; the others are computed from them by the stylesheet."""
    light = readable(0.43, chroma, hue, ground=0.955, step=-0.01)
    strong = readable(light - 0.09, chroma, hue, ground=0.955, step=-0.01)
    dark = readable(0.79, min(chroma, 0.085), hue, ground=0.29, step=0.01)
    brighter = readable(dark + 0.08, min(chroma, 0.06), hue, ground=0.29, step=0.01)
    return (
        "@layer tokens {\n"
        f"  :root {{ --accent-hue: {hue:g}; --accent-chroma: {chroma:g};"
        f" --accent: {_written(light, chroma, hue)}; --accent-strong: {_written(strong, chroma, hue)}; }}\n"
        "  @media (prefers-color-scheme: dark) {\n"
        f"    :root {{ --accent: {_written(dark, min(chroma, 0.085), hue)};"
        f" --accent-strong: {_written(brighter, min(chroma, 0.06), hue)}; }}\n"
        "  }\n}\n"
    )


def readable(lightness: float, chroma: float, hue: float, *, ground: float, step: float) -> float:
    """The first lightness from `lightness` on, by `step`, that can be read on a grey of lightness `ground`."""
    while 0.05 < lightness < 0.98 and contrast(lightness, chroma, hue, ground) < LEAST_CONTRAST:
        lightness += step
    return round(lightness, 3)


def contrast(lightness: float, chroma: float, hue: float, ground: float) -> float:
    """The contrast ratio (WCAG 2.2) of a colour, as screens can show it, with a grey."""
    one, other = luminance(_shown(lightness, chroma, hue)), luminance(_linear(ground, 0, 0))
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def luminance(colour: Linear) -> float:
    """Relative luminance of linear sRGB."""
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shown(lightness: float, chroma: float, hue: float) -> Linear:
    return _linear(lightness, _in_gamut(lightness, chroma, hue), hue)


def _written(lightness: float, chroma: float, hue: float) -> str:
    return f"oklch({lightness * 100:g}% {_in_gamut(lightness, chroma, hue):g} {hue:g})"


def _in_gamut(lightness: float, chroma: float, hue: float) -> float:
    # Browsers map what a screen cannot show each in their way; we hand them a colour that needs no mapping.
    while chroma > 0 and any(not -0.0005 <= part <= 1.0005 for part in _linear(lightness, chroma, hue)):
        chroma = round(chroma - 0.005, 4)
    return max(chroma, 0.0)


def _linear(lightness: float, chroma: float, hue: float) -> Linear:
    """OKLCH to linear sRGB (B. Ottosson, “A perceptual color space for image processing”, 2020)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]
