"""What else the page says in sentences: leakage, imputed features, hardest patients, papers."""

from collections import Counter

from lib.findings import LEVEL
from lib.naming import counted, interval, listed, number
from lib.published import OFFICIAL, is_official
from lib.target import Target

HARDEST = 10  # patients whose classes are told


def definitions(target: Target) -> str:
    """Say what the metrics mean that the sentences and tables speak of."""
    if not target.ordered:
        return (
            "Balanced accuracy is the mean, over the diagnoses, of the share of cycles that are "
            "given their patient's: a rare diagnosis counts as much as a frequent one."
        )
    if target.name == "state":
        return (
            "Specificity (Sp) is the share of normal cycles called normal; sensitivity (Se) the "
            "share of crackle, wheeze and both cycles given exactly their class; the ICBHI score is "
            "the mean of the two (Rocha et al. 2019)."
        )
    return (
        f"Specificity (Sp) is the share of cycles without {target.name} called so; sensitivity "
        f"(Se) the share of cycles with {target.name} called so; balanced accuracy is the mean of "
        "the two."
    )


def leakage_sentences(rows: list[dict], target: Target) -> list[str]:
    """Say which models score higher where they know the patients."""
    rows = [row for row in rows if row["metric"] == target.score and row["ci_low"] is not None]
    said = []
    for row in sorted(rows, key=lambda row: -row["difference"]):
        if row["ci_low"] > 0:
            said.append(
                f"{row['model']} scores {number(row['difference'])} higher (95 % interval "
                f"{interval(row['ci_low'], row['ci_high'])}) under {row['shuffled_split']} than under "
                f"{row['patient_split']}: so much of its score is recognising patients."
            )
    if rows and not said:
        said.append(
            f"No model's {target.score_words} is higher, beyond its interval, where it has heard the same "
            "patients before."
        )
    return said


def imputed_features(quality: dict, features: list[str]) -> list[str]:
    """Warn of features whose missing values were replaced before the split."""
    return [
        f"{name} is a feature of some model, and {about['cells']} of its values were missing. They "
        f"were replaced by {about['value']}, the most frequent value of all cycles, those tested on "
        "included."
        for name, about in sorted(quality["imputed"].items())
        if name in features
    ]


def too_few_draws(said: list[dict], models: int, resamples: int) -> str | None:
    """Warn where no difference can survive the correction, however large: too few draws.

    Parameters
    ----------
    said
        The verdicts.
    models
        How many are compared with the best baseline.
    resamples
        Draws of the bootstrap. The least p value is 2 / (resamples + 1); Holm's correction takes the
        least of all times their number.
    """
    if not said or 2 * models / (resamples + 1) < LEVEL:
        return None
    needed = int(2 * models / LEVEL)
    return (
        f"{models} models are compared, and the intervals come from {resamples:,} draws: too few for "
        "any difference to be told from none after the correction for the number of models. Set "
        f"bootstrap.resamples in config.yaml to {needed:,} or more."
    )


def hardest_sentences(rows: list[dict]) -> list[str]:
    """Say who is always wrong, from the rows of the hardest of one split."""
    said = []
    for row in rows:
        if row["by"] == "all":
            said.append(
                f"{row['n_never_right']:,} of {row['n_cycles']:,} cycles "
                f"({number(100 * row['share_never_right'], 1)} %) are given their class by none of "
                f"{counted(row['n_models'], 'model')}."
            )
    people = [row for row in rows if row["by"] == "patient_ID"]
    if not people:
        return said
    never = sum(row["n_never_right"] == row["n_cycles"] for row in people)
    said.append(
        f"{never:,} of {len(people):,} patients have no cycle that any model gets right."
        if never
        else f"Each of the {len(people):,} patients has a cycle that some model gets right."
    )
    people.sort(key=lambda row: (row["mean_right"], row["group"]))
    classes = Counter(row["main_class"] for row in people[:HARDEST]).most_common()
    counts = listed([f"{name} in {n}" for name, n in classes])
    said.append(
        f"Of the {len(people[:HARDEST])} hardest patients, the most frequent class is {counts}."
    )
    return said


def published_sentences(rows: list[dict], split: str, about: dict, best: dict | None) -> list[str]:
    """Say what the papers' scores are, and what they can be compared with.

    Parameters
    ----------
    rows
        Published scores, best first, in percent.
    split, about
        Name of the split by the published list, and its `split.json`.
    best
        The row of the best model of the split, None without a model.
    """
    low, high = rows[-1], rows[0]
    said = [
        f"{len(rows)} methods have published ICBHI scores from {number(low['icbhi_score'], 1)} % "
        f"({low['method']}, {low['year']}) to {number(high['icbhi_score'], 1)} % ({high['method']}, "
        f"{high['year']}) under the challenge's official division. All of them hear the audio; the "
        "models here see a few statistics of each cycle, so the papers show what the sound holds, "
        "not what a model of this table should reach."
    ]
    if best is not None:
        said.append(
            f"The best ICBHI score of a model here under {split} is {number(best['icbhi_score'])}, by "
            f"{best['model']}."
        )
    if not is_official(about):
        fold = about["folds"][0]
        said.append(
            f"Take care: the official division has {OFFICIAL['train']:,} cycles to train on and "
            f"{OFFICIAL['test']:,} to test on, and {split} has {fold['train']['cycles']:,} and "
            f"{fold['test']['cycles']:,}; the scores are not about the same cycles."
        )
    return said


def cards(said: list[dict], leakage: list[dict], papers: dict | None, target: Target) -> list[dict]:
    """Give the cards beside the verdict: title and sentences, those that have any."""
    shown = [said[0], *(v for v in said[1:] if v["kind"] == "known_cycles")]
    squared = [f"Under {v['split']}: {v['squared']}" for v in shown if v["squared"]]
    found = (
        ("What does differ, beyond its interval", said[0]["differs"]),
        ("What the squared error says", squared),
        ("What knowing the patients is worth", leakage_sentences(leakage, target)[:4]),
        ("What others published", papers["sentences"] if papers else []),
    )
    return [{"title": title, "sentences": sentences} for title, sentences in found if sentences]
