"""Names, target lists, wildcard constraints and the check of the config; light imports only."""

import os
import re
import sys
from glob import glob
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

HOME = Path(str(workflow.current_basedir)).parent  # of the project, wherever it is used from
sys.path.insert(0, str(HOME / "scripts"))

from auscultation.config.columns import imputed_in_fold, needed_columns
from auscultation.config.duplicate_keys import keys_twice
from auscultation.config.models import expand_sets
from auscultation.config.modules import code_of
from auscultation.config.other_results import other_results
from auscultation.config.paths import missing_file
from auscultation.config.permuted import permuted_fits
from auscultation.config.queries import (
    OF_MODEL,
    apart,
    feature_lists_of_all,
    finals,
    fits,
    left_out,
    parameters,
    refit_of,
    refitted,
    repeated,
    together,
    with_own_features,
)
from auscultation.config.resolve import ConfigError, resolve
from auscultation.config.sweep import curves, seed_sweeps
from auscultation.config.tables import lacking
from auscultation.data.target import wanted
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.job.errors import InputError
from auscultation.monitor.failed_fits import lost
from auscultation.recordings.batches import BATCHES, SETTINGS, batches_of, parts_of
from auscultation.recordings.folder import READABLE, ending_of, list_folder
from auscultation.recordings.to_score import files_of, is_recordings, to_score
from auscultation.workbook.sources import (
    expected_sha256,
    file_name,
    origins,
    result_name,
    url_of,
)

with open(HOME / "config.schema.yaml", encoding="utf-8") as file:
    schema = yaml.load(file, yaml.CSafeLoader)

try:
    if twice := keys_twice(workflow.configfiles):
        raise ConfigError(twice)
    CONFIG = resolve(config, schema)
except ConfigError as error:
    raise WorkflowError(f"config:\n{error}") from None

# What is made from the results on request is no part of their origin: no params may hold it.
REQUEST = {key: CONFIG.pop(key) for key in ("score", "score_sheet", "window", "against")}
RESULTS = CONFIG["results"].rstrip("/")
DEMO_WORKBOOK = f"{RESULTS}/demo/workbook.xlsx"
URL = next(filter(None, map(url_of, origins(CONFIG))), None)
DOWNLOAD = f"{RESULTS}/download/{file_name(URL) if URL else 'workbook.xlsx'}"
WORKBOOKS = [
    DEMO_WORKBOOK if origin == "demo" else DOWNLOAD if url_of(origin) else origin
    for origin in origins(CONFIG)
    if not CONFIG["recordings"]
]
DATASETS = [result_name(path) for path in WORKBOOKS] if len(WORKBOOKS) > 1 else []
LOST = lost(fits(CONFIG), RESULTS) if CONFIG["allow_missing"] else []  # fits to do without


def without_lost(fits):
    """Those of some fits that have not failed."""
    failed = {(fit["model"], fit["split"]) for fit in LOST}
    return [fit for fit in fits if (fit["model"], fit["split"]) not in failed]


FITS = without_lost(fits(CONFIG))
REFITTED = without_lost(refitted(CONFIG))
PROTOCOLS = {name: split["protocol"] for name, split in CONFIG["splits"].items()}

OWN = [path for path in WORKBOOKS if path not in (DEMO_WORKBOOK, DOWNLOAD)]
inputs = [("workbook", path) for path in OWN]
inputs += [("patient_tables", path) for path in CONFIG["patient_tables"]]
inputs += [
    (f"splits.{name}.list", split["settings"]["list"])
    for name, split in CONFIG["splits"].items()
    if "list" in split["settings"]
]
absent = [missing_file(key, path) for key, path in inputs if not Path(path).is_file()]
if not absent and workflow.is_main_process:  # each job has the same config
    absent = lacking(CONFIG, WORKBOOKS, OWN, f"{RESULTS}/table/source.json")
if absent:
    raise WorkflowError(f"config:\n{ConfigError(absent)}")


wildcard_constraints:
    model="[A-Za-z0-9][A-Za-z0-9_.-]*",
    split="[A-Za-z0-9][A-Za-z0-9_-]*",


def source(*names):
    """Paths of the project's own files, relative, so that results can move with the project."""
    base = os.path.relpath(HOME)
    # local: a module's `prefix:` and a storage of the results are not for them
    return [local(os.path.normpath(os.path.join(base, name))) for name in names]


def models_of(algorithm, alone=False):
    """Pattern of the models of one algorithm, or those with jobs of their own; of none, it matches nothing.

    A sweep is its name and whatever is behind, unless that is another model, too: Snakemake reads the pattern
    again for every job, which would take minutes with thousands of names.
    """
    models = CONFIG["models"]
    names = {name for name, model in models.items() if model["algorithm"] == algorithm}
    if alone:
        names -= {model for model, _ in SHARED}
    others = models.keys() - names
    starts = {f"{models[name]['sweep']['model']}-" for name in names if "sweep" in models[name]}
    starts = {start for start in starts if not any(name.startswith(start) for name in others)}
    single = [re.escape(name) for name in names if not name.startswith((*starts,))]
    several = [f"{re.escape(start)}[A-Za-z0-9_.-]+" for start in starts]
    return "|".join(sorted(several) + sorted(single)) or "(?!)"


def of_model(question):
    """A parameter of a fit, by the model that its wildcards name."""
    return lambda wildcards: question(CONFIG, wildcards.model)


def as_it_is(value):
    """A parameter or input that depends on no wildcard, and has no braces to fill in.

    As an input, outputs of another rule are no slower than their paths, however many other inputs there are.
    """
    return lambda wildcards: value


def of_config(*keys):
    """Parameters that are keys of the config, by the names of the keys."""
    return {key: as_it_is(CONFIG[key]) for key in keys}


def kept(files):
    """Outputs that stay while their job runs, which keeps those that it would make from the same."""
    return [update(file) for file in files]


def in_report(path, caption, category, **labels):
    """An output that `snakemake --report` shows, with its caption from report/."""
    caption = f"../report/{caption}.rst"
    return report(f"{RESULTS}/{path}", caption=caption, category=category, labels=labels)


def table(path, label):
    """A table that `snakemake --report` shows, with the caption of its name."""
    return in_report(path, Path(path).stem, "Tables", table=label)


def figure(path, caption, category="Comparison", **labels):
    """A figure that `snakemake --report` shows; its job keeps it where it shows the same as before."""
    return update(in_report(f"figures/{path}.svg", caption, category, **labels))


def in_fit(fit, name):
    """The path of a file of a fit."""
    return f"{RESULTS}/fits/{fit['model']}/{fit['split']}/{name}"


def of_fits(name, **wildcards):
    """The same file of every fit, or of the fits with these wildcards."""
    return [in_fit(fit, name) for fit in FITS if wildcards.items() <= fit.items()]


def of_refits(name, wanted):
    """The predictions of every refit of a kind, where they are wanted."""
    return [in_fit(fit, f"{name}.parquet") for fit in REFITTED if wanted]


def parquet(*names):
    """Tables of the results, by their names."""
    return {name: f"{RESULTS}/{name}.parquet" for name in names}


def asked_for(*names):
    """Tables of the rule `examine`, those of them that a key of the config asks for."""
    return parquet(*(name for name in names if name in EXAMINED))


SPLITS = expand(f"{RESULTS}/splits/{{split}}/split.json", split=sorted(CONFIG["splits"]))
SCORED_FITS = without_lost(finals(CONFIG))

try:
    SCORED = to_score(REQUEST["score"], SCORED_FITS)
except ValueError as error:
    raise WorkflowError(f"config:\n  - score: {error}") from None

try:
    AGAINST = other_results(REQUEST["against"], RESULTS)
except ValueError as error:
    raise WorkflowError(f"config:\n  - against: {error}") from None


def model_file(fit):
    """The file in which a fit keeps its model."""
    return in_fit(fit, ALGORITHMS[fit["algorithm"]].model_file)


def scored(wildcards):
    """What `snakemake score` makes."""
    if not SCORED:
        raise WorkflowError(
            "config key `score`: name workbook or recordings, as in --config score=new.xlsx"
        )
    return [f"{RESULTS}/scored/{name}.{ending}" for name in SCORED for ending in ("xlsx", "html")]


def compared(wildcards):
    """What `snakemake diff` makes."""
    if not AGAINST:
        raise WorkflowError(
            "config key `against`: name the other results, as in --config against=other_results"
        )
    return [f"{RESULTS}/diff.html", f"{RESULTS}/diff.csv"]
