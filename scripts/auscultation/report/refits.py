"""What the page shows of refits, where the config asks for them: operating point, learning curve."""

import pyarrow.parquet as pq

from auscultation.data.target import Target
from auscultation.report.figures import figure
from auscultation.report.learning import learning_verdict
from auscultation.report.operating import operating_point
from auscultation.scores.questions import SplitAnswer


def refits_context(inputs, about: SplitAnswer, target: Target) -> dict:
    """Return the operating points and the learning curves of a split, and what is shown at all.

    `inputs` are those of the rule `report`: `operating` and `learning` are there where the config asks
    for them.
    """
    split = about["split"]
    models = [model["model"] for model in about["answers"]["information"]["models"]]
    tables = {
        name: pq.read_table(path).to_pylist()
        for name in ("operating", "learning")
        if (path := inputs.get(name))
    }
    return {
        "refits": list(tables),
        "operating": operating_point(tables.get("operating", ()), split),
        "learning": learning_verdict(tables.get("learning", ()), split, models, target),
        "learning_figure": figure(inputs.learning_figure[0]) if inputs.learning_figure else None,
    }
