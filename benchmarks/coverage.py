"""How often 95 % intervals over patients hold the truth, by method, for few and for many patients.

    python benchmarks/coverage.py [--trials 600] [--patients 12,25,50,126] [--draws 400]

Prints Markdown tables: the share of intervals that hold what the metric is over patients without
end, and the share of those that lie above it, which is how often "better" would be said falsely.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from methods import bootstraps, jackknives
from population import SCENARIOS, Patients, linear_errors, population, totals, truth, values

CHUNK = 2e7  # numbers of an array at once


def intervals(patients: Patients, draws: np.ndarray | None, same: bool) -> Iterator[tuple]:
    """Return the intervals of trials: name of the metric, of the method, and both ends.

    Trials are left out, as they have no interval, where fewer than two patients are on a side, or
    one of them decides whether there is a value.
    """
    n = patients.sides.shape[1]
    side = patients.sides.sum(1).min(1)
    once = np.ones((1, n))
    whole = totals(patients, once, same)
    value, without = values(whole), values(totals(patients, 1 - np.eye(n), same))
    if draws is not None:
        sums = totals(patients, draws)
        drawn = values(sums)
        errors = linear_errors(patients, once, whole), linear_errors(patients, draws, sums)
    for name, left in without.items():
        there = (side >= 2) & np.isfinite(left).all(1)
        one, left = value[name][there, 0], left[there]
        found = jackknives(name, one, left, side[there])
        if draws is not None:
            both = errors[0][name][there], errors[1][name][there]
            found |= bootstraps(one, left, drawn[name][there], both)
        for method, ends in found.items():
            yield name, method, *ends


def measure(
    scenario: str, sizes: list[int], trials: int, n_draws: int, same: bool = False
) -> tuple[dict[str, float], dict[tuple[str, str, int], np.ndarray]]:
    """Count how often intervals hold the truth.

    Parameters
    ----------
    scenario
        One of `SCENARIOS`.
    sizes
        Numbers of patients.
    trials, n_draws
        Samples of each size, and draws of the bootstrap of each sample (0: no bootstrap).
    same
        Whether two cycles of one patient are a pair of an area, too (without bootstrap).

    Returns
    -------
    dict, dict
        The truth, by metric or difference; and by that, method and number of patients, how many
        intervals there are, hold the truth, and lie above it.
    """
    everyone = population(scenario)
    true = truth(everyone)
    rng = np.random.default_rng(1)
    found: dict = {}
    for n in sizes:
        left = trials
        while left:
            some = min(left, max(1, int(CHUNK / (n * (n + 2 * n_draws) * 20))))
            left -= some
            index = rng.integers(len(everyone.sides), size=(some, n))
            draws = rng.multinomial(n, np.full(n, 1 / n), n_draws) * 1.0 if n_draws else None
            for name, method, low, high in intervals(everyone.drawn(index), draws, same):
                counts = found.setdefault((name, method, n), np.zeros(3))
                # a share of exactly 0 or 1 has no interval on the logit scale, as if it held all
                low, high = np.nan_to_num(low, nan=-np.inf), np.nan_to_num(high, nan=np.inf)
                above = low > true[name]
                counts += len(low), (~above & (high >= true[name])).sum(), above.sum()
    return true, found


def table(found: dict[tuple[str, str, int], np.ndarray], sizes: list[int]) -> list[str]:
    """Return a scenario's lines of Markdown."""
    lines = ["| | " + " | ".join(f"{n} patients" for n in sizes) + " |"]
    lines.append("| --- |" + " --- |" * len(sizes))
    for name, method in dict.fromkeys(key[:2] for key in found):
        shown = []
        for n in sizes:
            counted, held, above = found.get((name, method, n), np.zeros(3))
            shown.append(f"{held / counted:.3f} ({above / counted:.3f})" if counted else "-")
        lines.append(f"| {name}: {method} | " + " | ".join(shown) + " |")
    return lines


def summary(tables: dict[str, dict], sizes: list[int]) -> list[str]:
    """Return the lines of the lowest and the highest coverage over scenarios."""
    lines = ["| | " + " | ".join(f"{n} patients" for n in sizes) + " |"]
    lines.append("| --- |" + " --- |" * len(sizes))
    for name, method in dict.fromkeys(key[:2] for found in tables.values() for key in found):
        shown = []
        for n in sizes:
            counts = [found[name, method, n] for found in tables.values()]
            shares = [held / counted for counted, held, _ in counts if counted]
            shown.append(f"{min(shares):.3f} to {max(shares):.3f}" if shares else "-")
        lines.append(f"| {name}: {method} | " + " | ".join(shown) + " |")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", type=int, default=600)
    parser.add_argument("--patients", default="12,25,50,126")
    parser.add_argument("--draws", type=int, default=400, help="of the bootstraps; 0: without them")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument(
        "--same-patient",
        action="store_true",
        help="count pairs of two cycles of one patient, too, in areas; without bootstraps",
    )
    given = parser.parse_args()
    sizes = [int(n) for n in given.patients.split(",")]
    n_draws = 0 if given.same_patient else given.draws
    tables = {}
    for scenario in given.scenarios.split(","):
        true, found = measure(scenario, sizes, given.trials, n_draws, given.same_patient)
        tables[scenario] = found
        print(f"\n## {scenario}\n")
        print(", ".join(f"{name} {value:.3f}" for name, value in true.items()) + "\n")
        print("\n".join(table(found, sizes)), flush=True)
    tables.pop("rare disease", None)  # no method can say much of two ill patients
    if len(tables) > 1:
        print("\n## Lowest and highest\n")
        print("\n".join(summary(tables, sizes)))


if __name__ == "__main__":
    main()
