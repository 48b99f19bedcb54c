"""What a run left behind, as the texts, tables and figures for a paper take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from auscultation.data.target import Target
from auscultation.export.cycle_counts import CycleCounts
from auscultation.fits.algorithms import BASELINES
from auscultation.scores.comparison import Fit, Ranked, Row, wide
from auscultation.scores.differences import CONSTANT, Difference
from auscultation.scores.questions import Answer, SplitAnswer
from auscultation.splits.folds import SplitSummary


@dataclass(frozen=True)
class Run:
    """A finished run."""

    source: Mapping  # the content of `source.json`
    quality: Mapping  # of `quality.json`
    provenance: Mapping  # of `provenance.json`
    splits: Mapping[str, SplitSummary]  # of each `split.json`
    fits: Sequence[Fit]
    summaries: Sequence[Mapping]  # of each `fit.json`, in the order of `fits`
    lost: Sequence[Mapping]  # fits whose jobs failed, with their `reason`
    rows: Sequence[Row]
    differences: Sequence[Difference]
    answer: Answer
    counts: CycleCounts
    columns: Sequence[str]  # of the cleaned table
    examined: Sequence[str]  # tables of what was asked of the models beyond the comparison
    target: Target

    @property
    def config(self) -> Mapping:
        """Return the config, with all defaults."""
        return self.provenance["config"]

    @property
    def first(self) -> SplitAnswer:
        """Return the answer under the split to rely on."""
        return self.answer["splits"][0]

    @cached_property
    def test(self) -> dict[str, list[Ranked]]:
        """Return the test part of every model, by split."""
        return wide(self.rows, "test", self.target)

    @cached_property
    def by_model(self) -> dict[str, dict[str, Mapping]]:
        """Return the summaries by model and split."""
        made: dict[str, dict[str, Mapping]] = {}
        for fit, summary in zip(self.fits, self.summaries, strict=True):
            made.setdefault(fit["model"], {})[fit["split"]] = summary
        return made

    @cached_property
    def algorithms(self) -> dict[str, str]:
        """Return the algorithm of each model."""
        return {fit["model"]: fit["algorithm"] for fit in [*self.fits, *self.lost]}

    @property
    def models(self) -> list[str]:
        """Return the models that are no baselines."""
        return [m for m, algorithm in self.algorithms.items() if algorithm not in BASELINES]

    @property
    def baselines(self) -> list[str]:
        """Return the models that are."""
        return [m for m, algorithm in self.algorithms.items() if algorithm in BASELINES]

    def shown(self, model: str) -> Mapping:
        """Return the summary by which a model is described: its first with a result, if there is one."""
        fits = [*self.by_model.get(model, {}).values()]
        return next((fit for fit in fits if "failed" not in fit), fits[0] if fits else {})

    def against_constant(self, split: str, metric: str) -> dict[str, Difference]:
        """Return the differences from the best constant by a metric under a split, by model."""
        wanted = (split, metric, CONSTANT)
        return {
            row["model"]: row
            for row in self.differences
            if (row["split"], row["metric"], row["against_is"]) == wanted
        }
