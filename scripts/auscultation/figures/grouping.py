"""Which models a figure or a table names when there are too many to name all.

Where there are few, every model stands for itself. Where there are many, figures group models by
algorithm and name the best of each, while tables still hold every one.
"""

from auscultation.figures.style import short

MANY = 16  # more models than this are grouped


def is_many(rows: list[dict]) -> bool:
    """Return whether a split has too many models to name each."""
    return sum(not row["baseline"] for row in rows) > MANY


def lines_of(rows: list[dict], many: bool | None = None) -> list[dict]:
    """Say what the lines of a figure are, from the ranked rows of one split.

    Parameters
    ----------
    rows
        Of `auscultation.scores.comparison.wide`, best first.
    many
        Whether there are many; None to count them.

    Returns
    -------
    list of dict
        label, algorithm, and models, best first: one, or all of an algorithm where there are many.
        Baselines are left out unless there is nothing else.
    """
    shown = [row for row in rows if not row["baseline"]] or rows
    if not (is_many(rows) if many is None else many):
        return [
            {"label": short(row["model"]), "algorithm": row["algorithm"], "models": [row["model"]]}
            for row in shown
        ]
    by_algorithm: dict[str, list[str]] = {}
    for row in shown:
        by_algorithm.setdefault(row["algorithm"], []).append(row["model"])
    return [
        {
            "label": short(models[0]) if len(models) == 1 else f"{algorithm} ({len(models)})",
            "algorithm": algorithm,
            "models": models,
        }
        for algorithm, models in by_algorithm.items()
    ]


def representatives(rows: list[dict]) -> list[str]:
    """Name the models that a figure shows: all, or of many the best of each algorithm."""
    return [line["models"][0] for line in lines_of(rows)]


def best_of_each(rows: list[dict]) -> list[dict]:
    """Return the first row of each algorithm, in the order of the rows."""
    first: dict[str, dict] = {}
    for row in rows:
        first.setdefault(row["algorithm"], row)
    return list(first.values())
