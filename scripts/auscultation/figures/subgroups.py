"""The figure of one model's AUCs in groups of cycles: by sex, age, device, location."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from auscultation.data.target import Target
from auscultation.figures.forests import NO_INFORMATION, Group, draw_forest
from auscultation.figures.grouping import Line, most_informed
from auscultation.figures.layout import note_figure
from auscultation.figures.scores import known_limits
from auscultation.figures.style import short
from auscultation.scores.comparison import Ranked
from auscultation.scores.groups import UNKNOWN
from auscultation.scores.subgroups import Subgroup
from auscultation.scores.wording import area, counted

NO_GROUPS = "No groups: the table has none of the columns of `subgroups`, or one value in each."


def subgroups_figure(
    rows: Sequence[Subgroup], split: str, test: Sequence[Ranked], target: Target
) -> Figure:
    """Return the figure of the best model's AUCs under a split, one panel a way to group cycles.

    `test` are the models of the split on the test part.
    """
    best = next(iter(most_informed(test, target)), None)
    if best is None:
        return note_figure(NO_GROUPS)
    (row, metric), own = best, []
    for group in rows:
        key = (group["split"], group["model"], group["metric"])
        if key == (split, row["model"], metric) and group["group"] != UNKNOWN:
            own.append(group)
    if not own:
        return note_figure(NO_GROUPS)
    whole = row["values"][metric]
    references = NO_INFORMATION | ({} if whole is None else {"all cycles": whole})
    panels = []
    for by in dict.fromkeys(group["by"] for group in own):
        here = [group for group in own if group["by"] == by]
        limits = known_limits((g["group"], (g["ci_low"], g["ci_high"])) for g in here)
        lines = []
        for group in here:
            label = f"{short(group['group'])} ({counted(group['n_patients'], 'patient')})"
            lines.append(Line(label, row["algorithm"], [group["group"]]))
        values = {group["group"]: group["value"] for group in here}
        panels.append(Group(short(by), lines, values, limits, references, {}))
    return draw_forest(panels, "AUC", f"{short(row['model'])}: {area(metric, target)}")
