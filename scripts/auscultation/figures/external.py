"""The figure of an external validation: scores on cycles of elsewhere above those inside the workflow."""

from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.forests import Group, draw_forest
from auscultation.figures.grouping import is_many, lines_of
from auscultation.figures.scores import limits_of, reference_lines, scores_of
from auscultation.figures.style import short
from auscultation.scores.comparison import Row, wide


def external_figure(
    rows: list[Row], name: str, internal: list[Row], split: str, target: Target
) -> Figure:
    """Return the figure of the scores of all models on the table `name`, and under the split inside.

    `rows` are those of the table, as of a split of its name; `internal` those of the comparison. Both
    groups have the models in one order, of the best on the table first.
    """
    groups = []
    test = wide(rows, "test", target)[name]
    lines = lines_of(test, is_many(test))
    names = {model for line in lines for model in line.models}
    for title, of, place in ((name, rows, name), (f"inside, split {split}", internal, split)):
        models = wide(of, "test", target).get(place, [])
        if models:
            values = dict.fromkeys(names) | scores_of(models, target)
            limits = limits_of(models, target.score)
            references = reference_lines(models, names, target)
            groups.append(Group(short(title, 40), lines, values, limits, references, {}))
    figure = draw_forest(groups, "score", target.score_words)
    figure.axes[-1].set_xlabel(f"{target.score_words}; 95 % interval over patients")
    return figure
