"""How figures look, as files and on the page: colours, matplotlib settings, SVG made fit for HTML.

Holds plain values and text only, so that the page can be made without importing matplotlib.
"""

import re
import zlib

INK, MUTED, GRID, CELL, PAPER = "#1f2430", "#5b6472", "#dfe3e8", "#eceff3", "#ffffff"
BAR = "#4a7ba6"

# Okabe and Ito's palette, and Paul Tol's olive; baselines are grey, since they look at no feature.
ALGORITHMS = {
    "mean": "#8a929e",
    "most_frequent": "#8a929e",
    "stratified": "#8a929e",
    "lstsq": "#0072b2",
    "linear_regression": "#56b4e9",
    "gradient_descent": "#cc79a7",
    "logistic_regression": "#999933",
    "knn": "#009e73",
    "svr": "#d55e00",
    "svc": "#e69f00",
    "random_forest": "#332288",
    "hist_gradient_boosting": "#882255",
    "linear_svc": "#44aa99",
}
OTHERS = ("#aa4499", "#661100", "#6699cc", "#888888")  # Tol's muted, for algorithms not listed

# Share of missing cells: none, then up to 20, 40, 60, 80 and 100 %.
MISSING = (CELL, "#fbd9a5", "#f7ad6b", "#ec7f4e", "#d6503e", "#a51f35")

# Colours of a figure that follow the page's light or dark scheme, by their CSS variable.
ADAPTIVE = {INK: "--ink", MUTED: "--muted", GRID: "--rule", CELL: "--cell", PAPER: "--paper"}

RC = {
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
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handletextpad": 0.4,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "legend.columnspacing": 1.4,
}
METADATA = {"Date": None, "Creator": None}  # neither changes what is drawn


def colour(algorithm: str) -> str:
    """Give the colour of an algorithm, the same in every figure."""
    return ALGORITHMS.get(algorithm) or OTHERS[zlib.crc32(algorithm.encode()) % len(OTHERS)]


def short(name: str, most: int = 28) -> str:
    """Shorten a name to so many characters, in its middle, since ends tell sweeps apart."""
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[-tail:]}"


def text_inches(text: str, size: float) -> float:
    """Estimate how wide a text is, in inches, at a font size in points (on the wide side)."""
    return len(text) * size * 0.64 / 72


def inline_svg(svg: str, prefix: str) -> str:
    """Make a figure's SVG file fit to stand inside a page with others.

    Parameters
    ----------
    svg
        The file's text, as matplotlib writes it.
    prefix
        What sets this figure's ids apart from those of the page's other figures.

    Returns
    -------
    str
        An `<svg>` element that scales with its box, without the ids that nothing refers to, with
        coordinates to a hundredth of a point, its neutral colours as CSS variables.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg))

    def identify(match: re.Match) -> str:
        return f' id="{prefix}-{match[1]}"' if match[1] in used else ""

    def tidy(tag: re.Match) -> str:
        text = re.sub(r'\sid="([^"]+)"', identify, tag[0])
        text = re.sub(r'(url\(|href=")#', rf"\g<1>#{prefix}-", text).replace("xlink:", "")
        text = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", text)
        for hexadecimal, variable in ADAPTIVE.items():
            text = text.replace(hexadecimal, f"var({variable})")
        return text

    head, body = svg.split(">", 1)
    head = re.sub(r'\s(?:width|height|xmlns\S*|version)="[^"]*"', "", head)
    body = re.sub(r"<[^>]+>", tidy, body)  # tags alone: what a text says stays
    return f'{head} class="chart" aria-hidden="true" focusable="false">{body.rstrip()}'
