"""Figures: valid SVG whose text is text, the same bytes every time, nothing left out."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest

import figures
from auscultation.data.target import Target
from auscultation.figures.curves import calibration_figure, losses_figure
from auscultation.figures.cycles import cycles_figure
from auscultation.figures.data import (
    Drawn,
    drawn_columns,
    missing_figure,
    missing_steps,
    states_figure,
)
from auscultation.figures.errors import confusion_figure, patients_figure, people_of
from auscultation.figures.forests import area_figure, forest_figure
from auscultation.figures.leakage import leakage_figure
from auscultation.figures.planes import plane_figure
from auscultation.figures.scores import scores_figure
from auscultation.figures.style import DARK, HEAT, INK, MISSING, PAPER, colour, inline_svg, short
from auscultation.figures.sweeps import sweep_figure
from auscultation.fits.algorithms import ALGORITHMS, BASELINES
from auscultation.scores.published import read_published
from scored_rows import (
    BOTH,
    MANY,
    MODELS,
    NUMBER,
    PROBABLE,
    STATE,
    areas,
    by_split,
    comparison,
    leaks,
)

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
RNG = np.random.default_rng(0)

SPLITS = ["patient", "half"]


def raw_table(n=60):
    age = [None if i < 15 else float(i) for i in range(n)]
    return pa.table(
        {
            "patient_ID": np.arange(n) // 5,
            "age": pa.array(age, pa.float64()),
            "a <b> & $c$ column": pa.array([None] * n, pa.string()),
            "state": np.arange(n) % 4,
        }
    )


def parts(n=50):
    return {
        name: (RNG.integers(0, 4, n), RNG.normal(1, 1, n).astype(float))
        for name in ("train", "test")
    }


CURVE = {
    "sweep": "knn",
    "key": "n_neighbors",
    "algorithm": "knn",
    "points": {f"a_model_with_a_rather_long_name_{i}": {"x": 3**i, "series": ""} for i in range(5)},
}


def bins(models):
    return [
        {"model": model, "split": split, "part": "test", "bin": i}
        | {"mean_predicted": i / 10, "observed": 0.5, "n_cycles": 9}
        for model in models
        for split in SPLITS
        for i in range(1, 11)
    ]


def confusion(target, splits=SPLITS):
    k = len(target.classes)
    return [
        {"split": split, "true": i, "predicted": j, "n": 1000 * i + j, "share": (i + j) / (2 * k)}
        | {"true_name": target.classes[i], "predicted_name": target.classes[j]}
        for split in splits
        for i in range(k)
        for j in range(k)
    ]


def people(models, n=40):
    groups = [f"{101 + i}" for i in range(n)]
    hardest = [
        {"group": g, "mean_right": i / n, "main_class": STATE.classes[i % 4]}
        for i, g in enumerate(groups)
    ]
    errors = [
        {"group": g, "model": m, "share_right": i / n} for i, g in enumerate(groups) for m in models
    ]
    tables = pa.Table.from_pylist(errors), pa.Table.from_pylist(hardest)
    return people_of(*tables, list(models), STATE.classes), STATE.classes


NAMES = ("Healthy", "COPD", "a diagnosis with a very long name")
DIAGNOSIS = Target("Diagnosis", NAMES, tuple((name,) for name in NAMES))
PAPERS = read_published(ROOT / "report" / "icbhi_published_scores.csv")
DRAWN = {
    "missing": lambda: missing_figure(
        Drawn(raw_table(), 4), Drawn(raw_table().drop_columns("age"), 500)
    ),
    "states": lambda: states_figure(raw_table(), STATE),
    "diagnoses": lambda: states_figure(
        raw_table().append_column("Diagnosis", pa.array([*DIAGNOSIS.classes] * 20)), DIAGNOSIS
    ),
    "scores": lambda: scores_figure(comparison(MODELS), SPLITS, STATE),
    "scores of many": lambda: scores_figure(comparison(MANY), SPLITS, STATE, {"half": PAPERS}),
    "forest": lambda: forest_figure(comparison(MODELS), "half", STATE),
    "forest of many": lambda: forest_figure(comparison(MANY), "half", STATE, PAPERS),
    "areas": lambda: area_figure(BOTH, "patient", STATE),
    "areas of many": lambda: area_figure(
        areas(MANY, PROBABLE) + areas({"a_number": "svr"}, NUMBER), "patient", STATE
    ),
    "no areas": lambda: area_figure(comparison(MODELS), "patient", STATE),
    "plane": lambda: plane_figure(comparison(MANY), SPLITS, STATE, {"half": PAPERS}),
    "leakage": lambda: leakage_figure(leaks(MODELS), by_split(MODELS), STATE),
    "leakage of many": lambda: leakage_figure(leaks(MANY), by_split(MANY), STATE),
    "no leakage": lambda: leakage_figure([], by_split(MODELS), STATE),
    "sweep": lambda: sweep_figure(CURVE, comparison(MODELS), SPLITS, STATE),
    "calibration": lambda: calibration_figure(bins(MODELS), by_split(MODELS), SPLITS, STATE),
    "no calibration": lambda: calibration_figure([], by_split(MODELS), SPLITS, STATE),
    "confusion": lambda: confusion_figure(confusion(STATE, list("abcde")), list("abcde")),
    "confusion of diagnoses": lambda: confusion_figure(confusion(DIAGNOSIS), SPLITS),
    "patients": lambda: patients_figure(*people(MODELS)),
    "losses": lambda: losses_figure(
        {"half": {"gd": [1.4, 1.0, 0.9]}},
        comparison({"gd": "gradient_descent", "mean": "mean"}),
        STATE,
    ),
    "model": lambda: cycles_figure(FIXED, "knn", STATE),
}
FIXED = parts()


def texts(path):
    root = ElementTree.parse(path).getroot()
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", DRAWN)
def test_figure_is_svg_with_text_and_the_same_bytes_every_time(name, tmp_path):
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    figures.save(DRAWN[name](), str(one))
    figures.save(DRAWN[name](), str(other))
    assert one.read_bytes() == other.read_bytes()
    said = texts(one)
    assert said and all("mathdefault" not in text for text in said)


def test_missing_figure_names_columns_and_counts(tmp_path):
    figures.save(DRAWN["missing"](), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    assert "age 15" in said
    assert "a <b> & $c$ column 60" in said
    assert "Before cleaning: 60 cycles" in said
    assert "After cleaning: 60 cycles, 3 of 500 columns" in said


def test_of_many_columns_those_with_most_gaps_are_drawn():
    counts = {f"mfcc_{i}": 0 for i in range(2000)} | {f"gap_{i}": i + 1 for i in range(3)}
    drawn = drawn_columns(counts)
    assert len(drawn) == 24 and drawn[-3:] == ["gap_0", "gap_1", "gap_2"]
    assert drawn_columns({"b": 0, "a": 9}) == ["b", "a"]


def test_shares_of_missing_cells_by_hand():
    table = pa.table({"x": pa.array([None, None, 1.0, 1.0, None, 1.0, 1.0, 1.0])})
    # bins of two rows: both, none, one of two, none missing
    last = len(MISSING) - 1
    steps = missing_steps(table, ["x"], bins=4)[:, 0].tolist()
    assert steps == [last, 0, int(np.ceil(last / 2)), 0]


def test_states_figure_counts(tmp_path):
    figures.save(DRAWN["states"](), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    assert "15 (25.0 % of cycles)" in said
    assert "3 both" in said


def test_losses_say_the_end_and_the_mean(tmp_path):
    figures.save(DRAWN["losses"](), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    assert "gd: 0.9000 at the end" in said
    assert "predicting the mean: 0.9000" in said


@pytest.mark.parametrize("name", DRAWN)
def test_texts_stay_inside_their_figure(name):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure = DRAWN[name]()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # titles find their places only then
    box = figure.bbox
    for text in figure.findobj(Text):
        extent = text.get_window_extent(canvas.get_renderer())
        # ticks beyond the ends of an axis have labels that are not drawn, far away
        if text.get_text() and text.get_visible() and box.overlaps(extent):
            assert extent.x0 >= box.x0 - 1 and extent.x1 <= box.x1 + 1, text.get_text()
            assert extent.y0 >= box.y0 - 1 and extent.y1 <= box.y1 + 1, text.get_text()


def test_many_models_are_one_line_an_algorithm(tmp_path):
    figures.save(DRAWN["forest of many"](), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    assert {"knn (9)", "svc (20)"} <= set(said)
    assert not any(name in said for name in MANY)
    assert "0.480 to 0.520" in said and "published, from audio" in said


def test_confusion_says_share_and_number(tmp_path):
    figures.save(DRAWN["confusion of diagnoses"](), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    # true 2, called 1: (2 + 1) / 6
    assert "50 %" in said and "2,001" in said and "Healthy" in said


def test_text_stands_out_from_the_heat_in_both_schemes():
    """WCAG 2.1 asks for a contrast of 4.5."""

    def luminance(colour):
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    css = (ROOT / "report" / "style.css").read_text(encoding="utf-8").split("@media screen")[1]
    dark = {name: re.search(rf"--{name}: (#\w+)", css)[1] for name in ("ink", "paper")}
    schemes = ((HEAT, {"ink": INK, "paper": PAPER}), ([DARK[c] for c in HEAT], dark))
    for colours, texts_ in schemes:
        for step, paint in enumerate(colours):
            ink = texts_["paper" if step >= len(HEAT) // 2 + 1 else "ink"]
            low, high = sorted((luminance(paint), luminance(ink)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (paint, ink)


def test_panels_do_not_touch_the_legend_or_each_other():
    """However many baselines are named above a panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    models = {name: name for name in BASELINES} | {"a": "knn", "b": "svc"}
    rows = comparison(models, splits=("a", "b", "c", "d"))
    for row in rows:
        if row["model"] in ("mean", "stratified") and row["metric"] == "icbhi_score":
            row["value"] = 0.3
    figure = scores_figure(rows, ["a", "b", "c", "d"], STATE)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # titles find their places only then
    renderer = canvas.get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    boxes += [legend.get_window_extent(renderer) for legend in figure.legends]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            # panels of one line stand side by side
            if one.x0 < other.x1 - 1 and other.x0 < one.x1 - 1:
                assert one.y0 >= other.y1 + 4 or other.y0 >= one.y1 + 4


@pytest.mark.consistency
def test_colours_are_the_algorithms_own():
    assert colour("knn") == ALGORITHMS["knn"].colour
    shown = [row.colour for name, row in ALGORITHMS.items() if name not in BASELINES]
    assert len(set(shown)) == len(shown)


def test_long_names_keep_both_ends():
    name = "knn_with_a_long_name_and_seven_neighbours"
    cut = short(name, 20)
    assert len(cut) == 20 and cut[:5] == name[:5] and cut[-5:] == name[-5:]


def test_inlined_figures_do_not_share_ids(tmp_path):
    figures.save(DRAWN["model"](), str(tmp_path / "f.svg"))
    svg = (tmp_path / "f.svg").read_text(encoding="utf-8")
    pages = [inline_svg(svg, prefix) for prefix in ("a", "b")]
    found = [
        {node.get("id") for node in ElementTree.fromstring(page).iter() if node.get("id")}
        for page in pages
    ]
    assert found[0] and not found[0] & found[1]
    for page, ids in zip(pages, found, strict=True):
        root = ElementTree.fromstring(page)
        used = {node.get("href", "").lstrip("#") for node in root.iter() if node.get("href")}
        assert used <= ids


@pytest.mark.parametrize("losses", [[0.0, 0.0], [1.0, np.nan], [np.nan], [900.0, 1.0]])
@pytest.mark.parametrize("mean", [1e290, None])
def test_losses_of_nothing_or_no_number_are_drawn(tmp_path, losses, mean):
    """Faults 21 and 22: losses of 0 (one class), or not finite, and a mean that failed are drawn."""
    rows = comparison({"gd": "gradient_descent", "mean": "mean"})
    for row in rows:
        if (row["model"], row["metric"]) == ("mean", "mse"):
            row["value"] = mean
    figures.save(losses_figure({"half": {"gd": losses}}, rows, STATE), str(tmp_path / "f.svg"))
    said = texts(tmp_path / "f.svg")
    assert "gd: 0.9000 at the end" in said
    assert ("predicting the mean: 1e290" in said) == (mean is not None)


@pytest.mark.parametrize("name", ["areas", "areas of many", "leakage", "leakage of many", "forest"])
def test_texts_do_not_run_into_each_other(name):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure = DRAWN[name]()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    shown = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in shown]
    for i, one in enumerate(boxes):
        for j, other in enumerate(boxes[:i]):
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            down = min(one.y1, other.y1) - max(one.y0, other.y0)
            clash = shown[i].get_text(), shown[j].get_text()
            assert across <= 1 or down <= 1 or not figure.bbox.overlaps(one), clash
