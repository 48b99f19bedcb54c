"""The methods that a run writes of itself: each sentence is of the config, each number of the run."""

import json
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from auscultation.export.methods.latex import to_latex
from auscultation.export.methods.markdown import to_markdown
from auscultation.export.methods.prose import cited, parse, sentences_of, unguard
from auscultation.export.methods.references import entries, select
from auscultation.scores.intervals import LEVEL, POWER
from auscultation.scores.questions import ALPHA, PATIENTS, SIDE
from auscultation.scores.units import LIMIT
from paper_runs import BASE, STATISTICS, WORKS, balanced, paper_run, sections_of, sentences

RECORDED = {"recordings": "lungs", "models": {"knn": {}, "most_frequent": {}}}
DIAGNOSIS = {"target": "Diagnosis", "models": {"knn": {}}}
TUNED = {"knn": {"n_neighbors": [1, 9], "scale": "standard", "tune": {"metric": "auc", "folds": 3}}}
WITHOUT_TUNE = {"knn": {"n_neighbors": 9, "scale": "standard"}}
SVC = {"svc": {}, "forest": {"algorithm": "random_forest"}}


def models(**entries):
    """The base config's models, some of them otherwise."""
    return {"models": BASE["models"] | entries}


def splits(**entries):
    """The base config's splits, some of them otherwise."""
    return {"splits": BASE["splits"] | entries}


COMPARED = {"metrics.score", "metrics.auc", "data.target"}
OF_MODELS = {"models.fitted", "stats.constant"}
# By what a sentence speaks of: a config, the same with another key, and the sentences that are then others.
CHANGED = {
    "workbook": ({}, {"workbook": "b.xlsx"}, {"data.source"}),
    "workbook: several": ({}, {"workbook": ["a.csv", "b.csv"]}, {"data.source"}),
    "workbook: demo": ({}, {"workbook": "demo"}, {"data.source"}),
    "workbook: published": ({}, {"workbook": "published"}, {"data.source"}),
    "sheet": ({}, {"sheet": "Other"}, {"data.source"}),
    "demo.seed": ({"workbook": "demo"}, {"workbook": "demo", "demo": {"seed": 8}}, {"data.source"}),
    "demo.patients": (
        {"workbook": "demo"},
        {"workbook": "demo", "demo": {"patients": 9}},
        {"data.source"},
    ),
    "recordings": (RECORDED, RECORDED | {"recordings": "other"}, {"data.source"}),
    "recordings: demo": (RECORDED, RECORDED | {"recordings": "demo"}, {"data.source"}),
    "demo.recordings": (
        RECORDED | {"recordings": "demo"},
        RECORDED | {"recordings": "demo", "demo": {"recordings": {"patients": 9}}},
        {"data.source"},
    ),
    "demo.recordings.sounds": (
        RECORDED | {"recordings": "demo"},
        RECORDED | {"recordings": "demo", "demo": {"recordings": {"sounds": False}}},
        {"data.source"},
    ),
    "patient_tables": (RECORDED, RECORDED | {"patient_tables": ["p.txt"]}, {"data.patient_tables"}),
    "families": (
        RECORDED,
        RECORDED | {"families": ["bands", "mfcc"]},
        {"features.computed", "features.of_models"},
    ),
    **{
        f"frames.{key}": (RECORDED, RECORDED | {"frames": {key: value}}, {"features.computed"})
        for key, value in {
            **{"low": 50, "high": 1700, "frame": 80, "hop": 20, "long_frame": 150},
            **{"long_hop": 40, "tonal_high": 1000, "mel_bands": 20},
        }.items()
    },
    "exact": (
        RECORDED | {"features": [*STATISTICS]},
        RECORDED | {"features": [*STATISTICS], "exact": True},
        {"features.statistics"},
    ),
    "checks: warn": (
        {},
        {"checks": {"range": "warn"}},
        {"data.checks_error", "data.checks_warn"},
    ),
    "checks: off": ({}, {"checks": {"overlap": "off"}}, {"data.checks_warn"}),
    "target": (
        {},
        {"target": "abnormal"},
        COMPARED,
    ),
    "target of many classes": (
        {"models": {"knn": {}}},
        DIAGNOSIS,
        COMPARED | {"examined.units"},
    ),
    "target.classes": (
        DIAGNOSIS,
        DIAGNOSIS
        | {
            "target": {
                "column": "Diagnosis",
                "classes": {"well": ["H"], "ill": ["C"], "sick": ["A"]},
            }
        },
        {"data.target", "data.without_class", "metrics.auc"},
    ),
    "target.positive": (
        DIAGNOSIS,
        DIAGNOSIS | {"target": {"column": "Diagnosis", "positive": "COPD"}},
        COMPARED | {"data.positive", "data.without_class", "examined.units"},
    ),
    "clean.drop": ({}, {"clean": {"drop": ["weight"]}}, {"clean.drop"}),
    "clean.missing": (
        {},
        {"clean": {"missing": "drop"}},
        {"data.incomplete", "features.missing"},
    ),
    "clean.impute": (
        {},
        {"clean": {"impute": "before_split"}},
        {"clean.imputed", "features.missing"},
    ),
    "features": ({}, {"features": ["Var", "Range"]}, {"features.of_models"}),
    "models.features": (
        {},
        models(forest={"algorithm": "random_forest"}),
        {"features.of_models", "features.categories"},
    ),
    "max_levels": ({}, {"max_levels": 20}, {"features.categories"}),
    "missing": ({}, {"missing": "indicator"}, {"features.missing"}),
    "models.missing": (
        {},
        models(knn={"n_neighbors": 7, "missing": "most_frequent"}),
        {"features.missing"},
    ),
    "models.scale": (
        {},
        models(knn={"n_neighbors": 7, "scale": "quantile"}),
        {"features.scale"},
    ),
    "a setting": ({}, models(knn={"n_neighbors": 8}), {"models.fitted"}),
    "a setting of a list": ({}, models(knn={"n_neighbors": [7, 8]}), OF_MODELS),
    "a seed": (
        {},
        models(forest=BASE["models"]["forest"] | {"random_state": 3}),
        {"models.defaults"},
    ),
    "seeds": (
        {},
        models(forest=BASE["models"]["forest"] | {"random_state": [3, 4]}),
        OF_MODELS | {"models.defaults", "features.of_models", "stats.luck"},
    ),
    "a baseline": ({}, models(by_device={}), {"models.baselines"}),
    "a model that rounds": (
        {},
        models(linear_regression={}),
        OF_MODELS | {"models.rounded"},
    ),
    "a library": (
        {},
        models(mlp={"scale": "standard"}),
        OF_MODELS | {"models.defaults", "software.versions", "features.scale"},
    ),
    "tune": ({"models": WITHOUT_TUNE}, {"models": TUNED}, {"models.fitted", "tuned.knn"}),
    "tune.folds": (
        {"models": TUNED},
        {"models": {"knn": TUNED["knn"] | {"tune": {"folds": 4}}}},
        {"tuned.knn"},
    ),
    "tune.seed": (
        {"models": TUNED},
        {"models": {"knn": TUNED["knn"] | {"tune": {"folds": 3, "seed": 6}}}},
        {"tuned.knn"},
    ),
    "tune.metric": (
        {"models": TUNED},
        {"models": {"knn": TUNED["knn"] | {"tune": {"folds": 3, "metric": "accuracy"}}}},
        {"tuned.knn"},
    ),
    "max_kernel_rows": (
        {"models": SVC, "above_max_kernel_rows": "nystroem"},
        {"models": SVC, "above_max_kernel_rows": "nystroem", "max_kernel_rows": 99},
        {"models.kernel"},
    ),
    "above_max_kernel_rows": (
        {"models": SVC},
        {"models": SVC, "above_max_kernel_rows": "subsample"},
        {"models.kernel"},
    ),
    "fit_timeout": ({}, {"fit_timeout": 60}, {"models.timeout"}),
    "models.fit_timeout": (
        {},
        models(knn={"n_neighbors": 7, "fit_timeout": 9}),
        {"models.timeout"},
    ),
    "splits.folds": (
        {},
        splits(shuffled={"folds": 5}),
        {"split.shuffled"},
    ),
    "splits.repeats": (
        {},
        splits(patient={"folds": 4, "repeats": 3}),
        {"split.patient", "stats.luck"},
    ),
    "splits.seed": ({}, splits(patient={"folds": 4, "seed": 3}), {"split.patient"}),
    "a split": (
        {},
        splits(half={}),
        {"split.half", "shared.half"},
    ),
    "a holdout": ({}, splits(holdout={}), {"split.holdout", "shared.holdout"}),
    "test_size": (
        splits(holdout={}),
        splits(holdout={"test_size": 0.4}),
        {"split.holdout"},
    ),
    "a split of recordings": (
        {},
        splits(recording={}),
        {"split.recording", "shared.recording", "stats.folds"},
    ),
    "a split of groups": (
        {},
        splits(device={"protocol": "leave_group_out", "column": "device"}),
        {"split.device", "shared.device"},
    ),
    "a published split": (
        splits(published={"list": "a.txt"}),
        splits(published={"list": "b.txt"}),
        {"split.published"},
    ),
    "listed folds": (
        splits(listed_folds={"list": "a.txt"}),
        splits(listed_folds={"list": "b.txt"}),
        {"split.listed_folds"},
    ),
    "no split of patients": (
        {},
        {"splits": {"shuffled": {"folds": 4}, "final": {}}},
        {"split.patient", "split.rely", "split.gains", "stats.folds", "stats.constant"},
    ),
    "verdict": ({}, {"verdict": "vote"}, {"examined.units"}),
    "verdict: choose": ({}, {"verdict": "choose"}, {"examined.units"}),
    "inner": (
        {"verdict": "choose", "threshold": {"sensitivity": 0.9}},
        {"verdict": "choose", "threshold": {"sensitivity": 0.9}, "inner": {"folds": 9}},
        {"examined.units", "examined.threshold"},
    ),
    "threshold": ({}, {"threshold": {"sensitivity": 0.9}}, {"examined.threshold"}),
    "threshold's goal": (
        {"threshold": {"sensitivity": 0.9}},
        {"threshold": {"specificity": 0.8}},
        {"examined.threshold"},
    ),
    "learning_curve": ({}, {"learning_curve": True}, {"examined.learning"}),
    "learning_curve.shares": (
        {"learning_curve": True},
        {"learning_curve": {"shares": [0.3, 1]}},
        {"examined.learning"},
    ),
    "importance": ({}, {"importance": True}, {"examined.importance"}),
    "importance.limit": (
        {"importance": True},
        {"importance": {"limit": 0.8, "repeats": 2}},
        {"examined.importance"},
    ),
    "importance.groups": (
        {"importance": True, "feature_sets": {"a": ["Var"]}},
        {"importance": {"groups": "sets"}, "feature_sets": {"a": ["Var"]}},
        {"examined.importance"},
    ),
    "subgroups": ({}, {"subgroups": ["sex"]}, {"examined.subgroups"}),
    "age_bands": ({}, {"age_bands": [40]}, {"examined.subgroups"}),
}
# Sentences of no key: the data as they were read, or what every run does.
OF_EVERY_RUN = {"data.counts", "stats.interval", "stats.held", "stats.verdict", "metrics.pairs"}
OF_EVERY_RUN |= {"software.workflow", "stats.power", "examined.curves", "metrics.others"}


@pytest.mark.parametrize("key", CHANGED)
def test_a_key_changes_the_sentences_that_speak_of_it_and_no_other(key):
    before, after, expected = CHANGED[key]
    one, two = sentences(before), sentences(after)
    assert {name for name in {*one, *two} if one.get(name) != two.get(name)} == expected


def test_every_sentence_is_of_some_key_or_of_every_run():
    spoken_of = set().union(*(expected for *_, expected in CHANGED.values()), OF_EVERY_RUN)
    made = {name for pair in CHANGED.values() for change in pair[:2] for name in sentences(change)}
    rest = {name for name in made - spoken_of if not name.startswith(("shared.", "split."))}
    assert rest == {"data.left_out"}


def test_what_went_wrong_is_told():
    lost = {"model": "svc", "algorithm": "svc", "split": "patient", "reason": "out of memory"}
    made = sentences(
        {"models": BASE["models"] | {"svc": {}}}, failed=[("knn", "final")], lost=[lost]
    )
    texts = [unguard(text) for name, text in made.items() if name.startswith("failure.")]
    assert texts == [
        "`svc` under `patient` could not be fitted (out of memory).",
        "`knn` under `final` could not be fitted (the fit diverged).",
    ]
    assert not any(name.startswith("failure") for name in sentences())


def test_a_run_without_what_can_be_missing():
    made = sentences(examined=(), gaps=False, columns=["patient_ID"])
    assert not {"features.missing", "examined.subgroups", "examined.units"} & {*made}
    alone = sentences({"models": {"most_frequent": {}}})
    assert "`most_frequent`" in unguard(alone["models.baselines"]) and "models.fitted" not in alone


def inside(value):
    """Every number in what a run left, also in its names and texts."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return {number for part in value for number in inside(part)}
    return {*re.findall(r"\d+(?:\.\d+)*", str(value).replace(",", ""))}


@pytest.mark.parametrize("key", CHANGED)
def test_every_number_is_of_the_run(key):
    run = paper_run(CHANGED[key][1])
    facts = [run.provenance, run.source, run.quality, run.splits, run.summaries, run.rows]
    numbers = inside(json.loads(json.dumps([*facts, run.counts, run.answer, run.fits])))
    numbers |= {f"{x:g}" for x in (100 * LEVEL, 100 * POWER, ALPHA, PATIENTS, SIDE, LIMIT)}
    numbers |= {str(len(run.test)), str(len(run.models)), str(len(run.counts["devices"]))}
    numbers |= {"0", "1", "2017", "4000", "87.5", "1012.5", "0.003"}  # of the database and of code
    numbers |= {str(len(split["folds"])) for split in run.splits.values()}
    numbers |= {str(len({*fold["patients_on_both_sides"]})) for s in run.splits.values() for fold in s["folds"]}  # fmt: skip
    numbers |= {str(run.quality["cycles_before"] - run.quality["cycles_after"])}
    numbers |= {str(len(summary["inputs"])) for summary in run.summaries}
    for text in sentences_of(sections_of(run)).values():
        plain = re.sub(r"\[@[^\]]*\]|`[^`]*`", "", unguard(text)).replace(",", "")
        assert {*re.findall(r"\d+(?:\.\d+)*", plain)} <= numbers, plain


HOSTILE = ["a_b%c&d#e${f}\\g^h~i", "[@no] `x` *y*", "<b>|\"'", "\\input{x}", "é–²", "(x) ## y"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_others_stay_text_in_both_formats(name):
    source = {"workbook": f"{name}.csv".replace("/", ""), "sheet": name, "sha256": "b1"}
    sections = sections_of(replace(paper_run(), source=source))
    assert cited(sentences_of(sections).values())[:1] == ["cover1967"]  # no work was made up
    page = MarkdownIt().parse(to_markdown(sections, "Methods"))
    shown = "".join(t.content for token in page for t in token.children or [])
    assert f"{name}.csv" in shown and f"sheet {name}" in shown
    balanced(to_latex(sections, "Methods", "note"))


def test_works_cited_are_there_and_no_other():
    works = entries(WORKS)
    texts = WORKS.read_text(encoding="utf-8")
    assert len(works) == texts.count("\n@") and [*works] == sorted(works)
    every = {key for change in CHANGED.values() for key in cited(sentences(change[1]).values())}
    assert every <= {*works}
    keys = cited(sentences().values())
    chosen = select(works, keys)
    assert re.findall(r"^@\w+\{(.+),$", chosen, re.M) == sorted(keys)
    for key, entry in works.items():
        assert entry.count("{") == entry.count("}"), key
        assert {"author", "title", "year"} <= {*re.findall(r"^  (\w+) = \{.+\},$", entry, re.M)}, (
            key
        )
        assert re.search(r"year = \{(\d{4})\}", entry)[1] in key
    with pytest.raises(KeyError):
        select(works, ["nobody1900"])


def test_a_template_that_repeats_an_id_or_lacks_one_is_refused():
    with pytest.raises(ValueError, match="two sentences"):
        parse("## A\n(a) One.\n(a) Two.")
    with pytest.raises(ValueError, match="no sentence"):
        parse("## A\nwords")


@pytest.mark.parametrize("change", [{}, RECORDED, DIAGNOSIS, {"models": TUNED}], ids=str)
def test_a_parser_of_latex_reads_what_it_was_made_of(change):
    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalker

    sections = sections_of(paper_run(change))
    tex = to_latex(sections, "Methods", "note")
    nodes, *_ = LatexWalker(tex, tolerant_parsing=False).get_latex_nodes()
    words = " ".join(LatexNodes2Text().nodelist_to_text(nodes).split())
    for text in sentences_of(sections).values():
        start = unguard(re.split(r"\[@|`", text)[0]).strip()
        assert start in words
