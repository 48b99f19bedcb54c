"""What else the page says in sentences: leakage, imputed features, hardest patients, papers."""

from collections import Counter

from auscultation.data.target import Target
from auscultation.scores.answer import asked
from auscultation.scores.published import OFFICIAL, is_official
from auscultation.scores.verdict import is_better
from auscultation.scores.wording import counted, interval, listed, number, spoken

HARDEST = 10  # patients whose classes are told


def definitions(target: Target) -> list[str]:
    """Say what the metrics mean that the sentences and tables speak of, and what intervals hold."""
    area = (
        "The AUC is the share of pairs of cycles, one of a class and one of another, that a model's "
        "probabilities put in the right order: 0.5 is no information. Pairs are of one fold, since each "
        "fold has a model of its own, and of different patients, since new patients are asked for."
    )
    if not target.ordered:
        said = (
            "Balanced accuracy is the mean, over the diagnoses, of the share of cycles that are "
            "given their patient's: a rare diagnosis counts as much as a frequent one."
        )
    elif target.name == "state":
        said = (
            "Specificity (Sp) is the share of normal cycles called normal; sensitivity (Se) the "
            "share of crackle, wheeze and both cycles given exactly their class; the ICBHI score is "
            "the mean of the two (Rocha et al. 2019). A rule without skill reaches 0.5 at most."
        )
        area += (
            " Over the four states it is the mean over each against the rest; of a model that gives a "
            "number or a class alone, it is that of abnormal against normal."
        )
    else:
        said = (
            f"Specificity (Sp) is the share of cycles without {target.name} called so; sensitivity "
            f"(Se) the share of cycles with {target.name} called so; balanced accuracy is the mean of "
            "the two. A rule without skill has 0.5."
        )
    return [
        said,
        area,
        "Intervals are 95 % and say what other patients would give for the models as they were fitted "
        "(each patient is left out once: jackknife, Student's t); the luck of the training part is not "
        "in them. Where folds are alike, the corrected resampled t test over the folds holds it: by "
        "patients, by folds.",
        "P values are corrected for the number of models (Holm), of each metric by itself: who looks "
        "at several metrics looks at several families, and in one of 20 chance shows a difference.",
    ]


def leakage_sentences(answer: dict, target: Target) -> list[str]:
    """Say which models score higher where they have heard the patients or the recordings.

    Of a model that is no better than a constant where it has, nothing is said: a score without skill
    cannot come of having heard anybody.
    """
    skilled = {
        (about["split"], one["model"], one["metric"])
        for about in answer["splits"]
        for name in ("useful", "information")
        for one in about["answers"][name]["models"]
        if one["yes"]
    }
    rows = answer["leakage"]
    steps = {(r["model"], r["metric"], r["split"], r["other_split"]): r["difference"] for r in rows}
    whole = [row for row in rows if row["heard"] == "patient or recording"] or rows
    said = []
    for metric in (target.score, *asked("information", target)):
        shown = [
            row
            for row in whole
            if row["metric"] == metric
            and is_better(row)
            and (row["split"], row["model"], metric) in skilled
        ]
        for row in sorted(shown, key=lambda row: -row["difference"]):
            text = (
                f"{row['model']}: {spoken(metric)} is {number(row['difference'])} higher (95 % "
                f"interval {interval(row['ci_low'], row['ci_high'])}) under {row['split']} than under "
                f"{row['other_split']}, of having heard the {row['heard']}"
            )
            recordings = [
                gap
                for (model, its, split, _), gap in steps.items()
                if (model, its, split) == (row["model"], metric, row["split"])
                and gap is not None
                and gap != row["difference"]
            ]
            if row["heard"] == "patient or recording" and recordings:
                text += f"; {number(recordings[0])} of that is the recording"
            said.append(f"{text}.")
    if rows and not said:
        said.append(
            "No model that is better than a constant could be shown to score higher where it has heard "
            "the same patients or recordings before."
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
    if never:  # none is no news: whoever calls everything normal is right about somebody's cycle
        said.append(
            f"{never:,} of {len(people):,} patients have no cycle that any model gets right."
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
        What the answer says of the split's best model, None without a model.
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
            f"The best ICBHI score of a model here under {split} is {number(best['value'])}, by "
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


def cards(said: list[dict], answer: dict, papers: dict | None, target: Target) -> list[dict]:
    """Return the cards beside the verdict: title and sentences, those that have any."""
    shown = [said[0], *(v for v in said[1:] if v["kind"] == "known_cycles")]
    squared = [f"Under {v['split']}: {v['squared']}" for v in shown if v["squared"]]
    found = (
        ("What does differ from the best constant", said[0]["differs"]),
        ("What the squared error says", squared),
        ("What having heard the patients is worth", leakage_sentences(answer, target)[:4]),
        ("What others published", papers["sentences"] if papers else []),
    )
    return [{"title": title, "sentences": sentences} for title, sentences in found if sentences]
