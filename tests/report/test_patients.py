"""Which patients are hardest."""

from auscultation.report.patients import hardest_of
from auscultation.report.score_tables import hardest_table


def hard(group, right, never, name="both", by="patient_ID"):
    about = {"by": by, "group": group, "n_cycles": 4, "mean_right": right, "n_never_right": never}
    return about | {"main_class": name, "share_never_right": never / 4, "n_models": 7}


def test_hardest_patients_are_counted_by_class():
    rows = [hard("c", 0.3, 0), hard("a", 0.1, 4), hard("b", 0.2, 1, "wheezes")]
    hardest = hardest_of([*rows, hard("all cycles", 0.5, 3, by="all")])
    assert hardest.cycles["n_never_right"] == 3 and hardest.cycles["n_models"] == 7
    assert (hardest.n_never, hardest.n_patients, hardest.n_hardest) == (1, 3, 3)
    assert hardest.classes == [("both", 2), ("wheezes", 1)]


def test_without_rows_nothing_is_counted():
    hardest = hardest_of([])
    assert (hardest.cycles, hardest.n_patients, hardest.n_never) == (None, 0, 0)
    assert hardest.classes == []


def test_of_many_patients_the_table_has_both_ends():
    for n, expected in ((500, range(500)), (501, [*range(250), *range(251, 501)])):
        rows = [hard(f"{i:03}", i / n, 0) | {"split": "s", "main_share": 1.0} for i in range(n)]
        rows = [row | dict.fromkeys(("best_right", "worst_right"), 0.5) for row in rows]
        rows = [row | dict.fromkeys(("best_model", "worst_model"), "m") for row in rows]
        shown = hardest_table("s", "patient_ID", rows[::-1], {})["rows"]
        assert [row["cells"][0]["text"] for row in shown] == [f"{i:03}" for i in expected]
