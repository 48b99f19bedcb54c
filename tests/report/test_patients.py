"""Which patients are hardest."""

from auscultation.report.patients import hardest_of


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
