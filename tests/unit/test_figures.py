"""Figures: valid SVG whose text is text, the same bytes every time, nothing left out."""

from xml.etree import ElementTree

import figures
import numpy as np
import pyarrow as pa
import pytest
from lib.comparison import BASELINES
from lib.datafigures import missing_figure, missing_steps, states_figure
from lib.style import ALGORITHMS, MISSING, colour, inline_svg, short
from lib.target import Target

SVG = "{http://www.w3.org/2000/svg}"
RNG = np.random.default_rng(0)


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


def comparison(models, splits=("half", "patient")):
    return [
        {
            "model": model,
            "algorithm": algorithm,
            "split": split,
            "part": part,
            "metric": metric,
            "value": value,
            "ci_low": value - 0.02,
            "ci_high": value + 0.02,
            "n_folds": 1,
            "n_cycles": 60,
            "n_patients": 12,
        }
        for model, algorithm in models.items()
        for split in splits
        for part in ("train", "test")
        for metric, value in (("icbhi_score", 0.5), ("accuracy", 0.5), ("mse", 0.9))
    ]


def parts(n=50):
    return {
        name: (RNG.integers(0, 4, n), RNG.normal(1, 1, n).astype(float))
        for name in ("train", "test")
    }


MODELS = {"mean": "mean", "most_frequent": "most_frequent"} | {
    f"a_model_with_a_rather_long_name_{i}": "knn" for i in range(9)
}
STATE = Target()
DRAWN = {
    "missing": lambda: missing_figure(raw_table(), raw_table().drop_columns("age")),
    "states": lambda: states_figure(raw_table()),
    "scores": lambda: figures.scores_figure(comparison(MODELS), STATE),
    "losses": lambda: figures.losses_figure(
        {"half": {"gd": [1.4, 1.0, 0.9]}},
        comparison({"gd": "gradient_descent", "mean": "mean"}),
        STATE,
    ),
    "model": lambda: figures.model_figure(FIXED, "knn", STATE),
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


def test_texts_stay_inside_the_scores_figure(tmp_path):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = DRAWN["scores"]()
    renderer = FigureCanvasAgg(figure).get_renderer()
    box = figure.bbox
    for axes in figure.axes:
        for label in axes.get_yticklabels():
            extent = label.get_window_extent(renderer)
            assert extent.x0 >= box.x0 - 1, label.get_text()


def test_panels_do_not_touch_the_legend_or_each_other():
    """However many baselines are named above a panel."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    models = {name: name for name in BASELINES} | {"a": "knn", "b": "svc"}
    rows = comparison(models, splits=("a", "b", "c", "d"))
    for row in rows:
        if row["model"] in ("mean", "stratified") and row["metric"] == "icbhi_score":
            row["value"] = 0.3
    figure = figures.scores_figure(rows, STATE)
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


def test_colours_are_the_algorithms_own():
    assert colour("knn") == ALGORITHMS["knn"]
    shown = [c for name, c in ALGORITHMS.items() if name not in BASELINES]
    assert len(set(shown)) == len(shown)
    assert colour("not_listed") == colour("not_listed")


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
