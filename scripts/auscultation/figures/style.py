"""The style of figures, as files and on the page: colours, matplotlib settings, SVG inside HTML.

Holds plain values and text only, so that the page can be made without importing matplotlib.
"""

import re

from auscultation.fits.algorithms import ALGORITHMS

INK, MUTED, GRID, CELL, PAPER = "#1f2430", "#5b6472", "#dfe3e8", "#eceff3", "#ffffff"
BAR = "#4a7ba6"
# Shares from 0 to 1 in equal steps; on the upper half of the steps text is the paper's colour.
HEAT = ("#eceff4", "#d3e2f0", "#a6c8e4", "#2f6fa8", "#1c4e80")
# Classes of cycles, where they need a colour: Tol's light scheme.
CLASSES = ("#bbccdd", "#ee8866", "#44bb99", "#aa7fbf", "#eedd88", "#99ddff", "#bbcc33", "#dd99bb")
# Share of missing cells: none, then up to 20, 40, 60, 80 and 100 %.
MISSING = (CELL, "#fbd9a5", "#f7ad6b", "#ec7f4e", "#d6503e", "#a51f35")

# Colours of a figure that follow the page's light or dark scheme, by their CSS variable.
ADAPTIVE = {INK: "--ink", MUTED: "--muted", GRID: "--rule", CELL: "--cell", PAPER: "--paper"}
# What is too dark, or too bright, on the dark scheme's paper, and what stands for it there.
DARK = {
    "#0072b2": "#3d9be0",
    "#56b4e9": "#9ad6f7",
    "#cc79a7": "#e5a3c9",
    "#999933": "#c3c35a",
    "#009e73": "#2cc498",
    "#d55e00": "#f08840",
    "#332288": "#9d8ff0",
    "#882255": "#cc5f88",
    "#aa4499": "#d27cc5",
    "#661100": "#c8735f",
    BAR: "#6fa3d0",
    **dict(zip(HEAT, ("#2a313b", "#24405a", "#2c5478", "#5c9fd8", "#a3cdf2"), strict=True)),
    **dict(zip(MISSING[1:], ("#5a3a1c", "#8f5326", "#c9692f", "#ea8a5b", "#ffc09a"), strict=True)),
}

TITLE_SIZE = 8.5  # points
RC: dict[str, object] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "auscultation",  # else ids are random
    "text.parse_math": False,  # a column's name may hold dollar signs
    "font.family": ["DejaVu Sans"],  # matplotlib brings it along: the same widths everywhere
    "font.size": 8,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": TITLE_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    **dict.fromkeys(("xtick.color", "ytick.color"), MUTED),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize"), 7.5),
    **dict.fromkeys(("xtick.major.width", "ytick.major.width"), 0.6),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size"), 2.5),
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handletextpad": 0.4,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "legend.columnspacing": 1.4,
}
METADATA = {"Date": None, "Creator": None}  # neither changes what is drawn


def colour(algorithm: str) -> str:
    """Return the colour of an algorithm, the same in every figure."""
    return ALGORITHMS[algorithm].colour


def short(name: str, most: int = 28) -> str:
    """Return a name shortened in its middle to so many characters: the ends tell sweeps apart."""
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[-tail:]}"


def text_inches(text: str, size: float) -> float:
    """Return an upper estimate of the width of a text, in inches, at a font size in points."""
    return len(text) * size * 0.64 / 72


def variable(colour: str) -> str:
    """Return the page's CSS variable of a colour that the dark scheme replaces."""
    return ADAPTIVE.get(colour) or f"--c{colour[1:]}"


def scheme_css() -> tuple[str, str]:
    """Return the CSS variables of the figures' colours, for the light and for the dark scheme."""
    light = "".join(f"{variable(colour)}:{colour};" for colour in DARK)
    return light, "".join(f"{variable(colour)}:{dark};" for colour, dark in DARK.items())


def inline_svg(svg: str, prefix: str) -> str:
    """Return the text of matplotlib's SVG file as an element of a page with other figures.

    It scales with its box. Ids begin with a prefix of the figure's own, and those that nothing
    refers to are left out; coordinates are to a hundredth of a point, colours are CSS variables.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg))

    def identify(match: re.Match) -> str:
        return f' id="{prefix}-{match[1]}"' if match[1] in used else ""

    def paint(match: re.Match) -> str:
        known = match[0] in ADAPTIVE or match[0] in DARK
        return f"var({variable(match[0])})" if known else match[0]

    def tidy(tag: re.Match) -> str:
        text = re.sub(r'\sid="([^"]+)"', identify, tag[0])
        text = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", text)
        text = text.replace("font-family: 'DejaVu Sans'; ", "")  # the page's CSS gives it
        text = re.sub(r'\stransform="rotate\(-0 [^"]*"', "", text)
        text = re.sub(r"\s*\n\s*", " ", text)
        if "#" in text:  # few tags do
            text = re.sub(r'(url\(|href=")#', rf"\g<1>#{prefix}-", text).replace("xlink:", "")
            text = re.sub(r"#[0-9a-f]{6}\b", paint, text)
        return text

    head, body = svg.split(">", 1)
    head = re.sub(r'\s(?:width|height|xmlns\S*|version)="[^"]*"', "", head)
    body = re.sub(r"<[^/][^>]*>", tidy, body)  # tags alone: what a text says stays
    body = re.sub(r">\s*\n\s*<", "><", body)
    body = re.sub(r'(?:<use [^>]* style="[^"]*"/>)+', _share_styles, body)
    return f'{head} class="chart" aria-hidden="true" focusable="false">{body.strip()}'


def _share_styles(markers: re.Match) -> str:
    """Return consecutive markers with their common style once, in a group around them."""
    text = markers[0]
    styles = set(re.findall(r' style="([^"]*)"', text))
    if len(styles) > 1 or text.count("<use") < 3:
        return text
    return f'<g style="{styles.pop()}">{re.sub(r" style=.[^>]*?.(?=/>)", "", text)}</g>'
