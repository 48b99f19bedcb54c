"""The items of TRIPOD+AI (Collins et al. 2024, BMJ 385:e078378): what a run answers, and what is left to say.

The numbers of the items and their topics are those of the checklist, the words are the project's own.
"""

from pathlib import Path

from auscultation.export.methods.context import context_of
from auscultation.export.methods.markdown import paragraph_of
from auscultation.export.methods.models import inputs_of
from auscultation.export.methods.prose import Section, fill_in, parse, unguard
from auscultation.export.methods.run import Run
from auscultation.scores.wording import topic

BETWEEN = " :: "  # a topic and what is said of it
MUST = "You must say:"
DESCRIBED = ("age", "sex", "Diagnosis")
ABOUT = (
    "The items of TRIPOD+AI (Collins et al. 2024, BMJ 385:e078378, doi:10.1136/bmj-2023-078378) by "
    "their numbers: what this run answers and where it stands, and what you must say yourself. Read "
    "the items there; the words here are not theirs. The run speaks to {answered} of {n} items, "
    "{left} are left to you alone."
)


def checklist(run: Run, template: str | Path) -> str:
    """Return the checklist as Markdown, a table for each part of a paper."""
    sections = parse(fill_in(checklist_context(run), template))
    items = [s for section in sections for part in section.paragraphs for s in part]
    left = sum(unguard(item.text).split(BETWEEN)[1].startswith(MUST) for item in items)
    about = ABOUT.format(answered=len(items) - left, n=len(items), left=left)
    tables = (f"## {section.title}\n\n{table_of(section)}" for section in sections)
    return "\n\n".join(["# TRIPOD+AI checklist", about, *tables]) + "\n"


def table_of(section: Section) -> str:
    """Return the items of a part as a table."""
    rows = []
    for item in (item for part in section.paragraphs for item in part):
        about, text = item.text.split(BETWEEN)
        rows.append(f"| {item.id} | {about} | {paragraph_of([text])} |")
    return "\n".join(["| Item | Topic | This run |", "| --- | --- | --- |", *rows])


def checklist_context(run: Run) -> dict:
    """Return what the template of the checklist tells of a run."""
    context = context_of(run)
    first, quality, score = run.first, run.quality, run.target.score
    ranked = [row for row in run.test[first["split"]] if not row["baseline"] and row["n_cycles"]]
    best = None
    if ranked:
        low, high = ranked[0]["intervals"][score]
        best = {"model": ranked[0]["model"], "value": ranked[0]["values"][score]}
        best |= {"low": low, "high": high}
    entries = run.config["models"]
    return {
        **context,
        "topic": topic(run.target),
        "source_words": source_words(context),
        "excluded": quality["cycles_before"] - quality["cycles_after"],
        "n_inputs": len(inputs_of(run)),
        "limit": first["answers"]["useful"]["limit"],
        "score_words": f"{'an' if score == 'icbhi_score' else 'a'} {run.target.score_words}",
        "n_missing": sum(quality["missing_before"].values()),
        "groups": context["subgroups"],
        "weighted": sorted(
            m for m in run.models if entries[m]["settings"].get("class_weight") is not None
        ),
        "quality": quality,
        "described": [name for name in DESCRIBED if name in run.columns],
        "tested": first,
        "best": best,
        "answer": run.answer,
    }


def source_words(context: dict) -> str:
    """Return what the data are, in a few words."""
    kind = "recordings" if context["recordings"] else "table"
    return f"Simulated {kind}" if context["simulated"] else f"The {kind} {context['folder']}"
