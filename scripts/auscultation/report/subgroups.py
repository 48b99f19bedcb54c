"""What the page says of scores by sex, age, device and location."""

from collections.abc import Sequence
from dataclasses import dataclass

from auscultation.data.target import Target
from auscultation.figures.grouping import best_of_each, is_many, most_informed
from auscultation.report.against_constant import excludes_zero
from auscultation.report.score_tables import Columns, ends_head, model_cell, p_cell, value_cells
from auscultation.report.tables import Cell, Table, cell, count, table
from auscultation.scores.comparison import Ranked
from auscultation.scores.groups import UNKNOWN
from auscultation.scores.subgroups import Subgroup


@dataclass(frozen=True)
class Subgroups:
    """What can be said of the groups of cycles under one split."""

    split: str
    model: str  # the best
    metric: str  # its AUC
    ways: list[str]  # what groups cycles
    n_differences: int  # of the best model, that could be tested
    different: list[Subgroup]  # of these, what is beyond its interval, the largest first
    unknown: dict[str, int]  # cycles whose group is not known
    table: Table  # of the best model
    others: Table | None
    n_others: int


def subgroups_of(
    rows: Sequence[Subgroup], split: str, test: Sequence[Ranked], target: Target
) -> Subgroups | None:
    """Return what can be said of groups under a split; None where there are none, or no model.

    `test` are the models of the split on the test part. Of many models, the best of each algorithm
    has its groups in a table.
    """
    informed = most_informed(test, target)
    own = [row for row in rows if row["split"] == split]
    if not informed or not own:
        return None
    best, metric = informed[0]
    of_best = [row for row in own if row["model"] == best["model"]]
    ranked = [row for row, _ in informed]
    shown = best_of_each(ranked) if is_many(ranked) else ranked
    others = [row["model"] for row in shown if row["model"] != best["model"]]
    tested = differences(of_best)
    beyond = (r for r in tested if excludes_zero(r["difference_low"], r["difference_high"]))
    return Subgroups(
        split=split,
        model=best["model"],
        metric=metric,
        ways=[*dict.fromkeys(row["by"] for row in of_best)],
        n_differences=len(tested),
        different=sorted(beyond, key=lambda row: -abs(row["difference"] or 0)),
        unknown={row["by"]: row["n_cycles"] for row in of_best if row["group"] == UNKNOWN},
        table=groups_table(of_best, [best["model"]], target, named=False),
        others=groups_table(own, others, target) if others else None,
        n_others=len(others),
    )


def differences(rows: Sequence[Subgroup]) -> list[Subgroup]:
    """Return the rows with a difference that was tested; of two groups the first, as both are one."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["group"] != UNKNOWN:
            groups.setdefault((row["by"], row["metric"]), []).append(row["group"])
    seconds = {(*way, names[1]) for way, names in groups.items() if len(names) == 2}
    return [
        row
        for row in rows
        if row["p"] is not None and (row["by"], row["metric"], row["group"]) not in seconds
    ]


def groups_table(
    rows: Sequence[Subgroup], models: Sequence[str], target: Target, named: bool = True
) -> Table:
    """Return the score and the AUC of models in each group, in the order of the models.

    `named` is whether the first column names the model.
    """
    by_model: dict[str, dict[tuple[str, str], dict[str, Subgroup]]] = {name: {} for name in models}
    for row in rows:
        if row["model"] in by_model:
            groups = by_model[row["model"]]
            groups.setdefault((row["by"], row["group"]), {})[row["metric"]] = row
    head: Columns = ["model", "by", "group"] if named else ["by", "group"]
    head += [("patients", "n_patients"), ("cycles", "n_cycles")]
    head.append((f"not {target.classes[0]}", "n_positive"))
    names = (target.score_words, target.score), ("AUC", "auc")
    for words, name in names:
        head += [(words, name), ends_head(name)]
        head += [("minus other groups", f"{name}_difference"), ends_head(f"{name}_difference")]
        head.append(("p (Holm)", f"{name}_p_holm"))
    body = []
    for groups in by_model.values():
        for of in groups.values():
            first = next(iter(of.values()))
            line = [model_cell(first)] if named else []
            line += [cell(first["by"]), cell(first["group"] or "unknown", first["group"])]
            line += [count(first[n]) for n in ("n_patients", "n_cycles", "n_positive")]
            line += _numbers(of.get(target.score))
            line += _numbers(next((of[name] for name in of if name != target.score), None))
            body.append(line)
    return table(head, body, texts=range(3 if named else 2))


def _numbers(row: Subgroup | None) -> list[Cell]:
    """Return the cells of one metric: value and difference with their intervals, p."""
    if row is None:
        return [cell("–", None)] * 5
    return [
        *value_cells(row, strong=True),
        *value_cells(row, "difference", "difference"),
        p_cell(row["p_holm"]),
    ]
