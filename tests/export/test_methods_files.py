"""What a run writes for a paper beside its methods: numbers, tables, figures, the checklist."""

import re
import shutil
import subprocess

import pytest
from matplotlib.figure import Figure
from openpyxl import load_workbook

from auscultation.export.methods.checklist import MUST, checklist
from auscultation.export.methods.figures import figures_of, save_pdf
from auscultation.export.methods.latex import escape
from auscultation.export.methods.latex import to_latex as methods_to_latex
from auscultation.export.methods.numbers import camel, commands, numbers_tex
from auscultation.export.methods.tables import (
    classes_table,
    models_table,
    scores_table,
    to_latex,
    write_sheets,
)
from auscultation.scores.wording import interval, number
from harness import ROOT
from paper_runs import balanced, paper_run, sections_of

CHECKLIST = ROOT / "report" / "methods" / "checklist.j2"
COUNTS = {"cycles": 6898, "recordings": None, "patients": 126, "classes": []}
COMMAND = re.compile(r"\\newcommand\{\\([A-Za-z]+)\}\{(.*)\} % (.*)")


def row(model="knn", split="patient", part="test", metric="icbhi_score", value=0.4567):
    low, high = (None, None) if value is None else (value - 0.1, value + 0.1)
    names = {"model": model, "algorithm": "knn", "split": split, "part": part, "metric": metric}
    return names | {"value": value, "ci_low": low, "ci_high": high, "n_cycles": 9, "n_patients": 3}


def test_names_of_commands_are_of_letters_alone():
    names = {
        "knn_25": "KnnTwoFive",
        "knn-n_neighbors-0.5": "KnnNNeighborsZeroFive",
        "auc_ovr": "AucOvr",
        "Über": "Uber",
        "λ9": "XNine",
        "--": "",
    }
    assert {name: camel(name) for name in names} == names


def test_every_number_of_the_comparison_has_a_command_of_its_own():
    rows = [row(), row(part="train", value=0.9), row(value=None, metric="mse"), row(value=-0.2)]
    rows += [row(model=name) for name in ("a_b", "a-b", "a.b")] + [row(split="final")]
    text = numbers_tex(commands(rows, COUNTS), {"note": "100 %"})
    made = {name: (value, about) for name, value, about in COMMAND.findall(text)}
    assert len(made) == text.count("\\newcommand") == 2 + 3 * len(rows)
    assert made["patientKnnIcbhiScore"] == ("0.457", "patient, knn, test, icbhi_score, value")
    assert [made[f"patientKnnIcbhiScore{end}"][0] for end in ("Low", "High")] == ["0.357", "0.557"]
    assert made["patientKnnTrainIcbhiScore"][0] == "0.900"
    assert made["patientKnnMse"][0] == made["patientKnnMseHigh"][0] == "--"
    assert made["patientKnnIcbhiScoreB"][0] == r"\ensuremath{-}0.200"  # the same name again
    assert made["patientABIcbhiScoreC"][1].startswith("patient, a.b")
    assert {"patientABIcbhiScoreBLow", "finalKnnIcbhiScore"} <= {*made}
    assert made["dataCycles"][0] == "6{,}898" and "dataRecordings" not in made
    balanced("\n".join(line.split(" % ")[0].replace("\\newcommand", "") for line in text.splitlines()[1:]))  # fmt: skip


def run_with_values(**changes):
    """A run with what the tables show: intervals and differences of one model."""
    run = paper_run(changes)
    gap = {"split": "patient", "metric": run.target.score, "model": "knn", "difference": -0.0351}
    gap |= {"against_is": "best constant", "ci_low": -0.05, "ci_high": 0.001}
    gap |= {"p_holm": 0.00004, "fold_t_p_holm": 0.25}
    run.differences.append(gap)
    return run


def test_the_table_of_scores_has_the_numbers_of_the_comparison(tmp_path):
    run = run_with_values()
    table = scores_table(run)
    (line,) = (line for line in to_latex(table).splitlines() if "{knn}" in line)
    values = next(ranked for ranked in run.test["patient"] if ranked["model"] == "knn")
    score, ends = values["values"]["icbhi_score"], values["intervals"]["icbhi_score"]
    assert f"{number(score)} ({interval(*ends)})" in line
    assert escape("−0.035 (−0.050 to 0.001)") in line
    assert r"\textless{} 0.001 & 0.250 \\" in line
    write_sheets(tmp_path / "t.xlsx", [table, classes_table(run), models_table(run)])
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["scores", "classes", "models"]
    head, *rows = book["scores"].values
    cells = next(dict(zip(head, cells, strict=True)) for cells in rows if cells[0] == "knn")
    assert (cells["icbhi_score"], cells["difference"]) == (score, -0.0351)
    assert (cells["icbhi_score_low"], cells["icbhi_score_high"]) == ends


@pytest.mark.parametrize("change", [{}, {"target": "Diagnosis", "models": {"knn": {}}}], ids=str)
def test_tables_are_well_formed(change):
    run = run_with_values(**change)
    for table in (scores_table(run), classes_table(run), models_table(run)):
        tex = to_latex(table)
        body = re.sub(r"\$p\$|(?<= )&(?= )|\\\\$", "", tex, flags=re.M)
        balanced(body)
        lines = [line for line in tex.splitlines() if line.endswith("\\\\")]
        assert len(lines) == 1 + len(table.rows)
        assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {len(table.columns) - 1}


def test_a_pdf_has_its_fonts_and_the_same_bytes(tmp_path):
    def draw():
        figure = Figure(figsize=(2, 1))
        figure.subplots().set_title("déjà vu")
        return figure

    paths = [tmp_path / name for name in ("a.pdf", "b.pdf")]
    for path in paths:
        save_pdf(draw, path)
    data = paths[0].read_bytes()
    assert data == paths[1].read_bytes() and data.startswith(b"%PDF")
    assert b"/CIDFontType2" in data or b"/TrueType" in data
    assert b"/FontFile2" in data and b"/Type3" not in data
    assert not any(word in data for word in (b"CreationDate", b"Matplotlib", b"/Producer"))


def test_the_figures_of_the_answer_are_drawn():
    run = paper_run()
    made = figures_of(run, [], [{"difference": 0.1}], {}, [{}], [{}])
    names = ["scores", "auc", "calibration", "plane", "leakage"]
    assert [*made] == [*names, "roc", "precision_recall", "net_benefit", "subgroups"]
    assert isinstance(made["auc"](), Figure)
    unordered = paper_run({"target": "Diagnosis", "models": {"knn": {}}})
    assert [*figures_of(unordered, [], [], {}, [], [])] == ["scores", "auc", "calibration"]


ITEMS = [*"12", "3a", "3b", "3c", "4", "5a", "5b", "6a", "6b", "6c", "7", "8a", "8b", "8c", "9a"]
ITEMS += ["9b", "9c", "10", "11", *(f"12{letter}" for letter in "abcdefg"), "13", "14", "15", "16"]
ITEMS += ["17", *(f"18{letter}" for letter in "abcdef"), "19", "20a", "20b", "20c", "21", "22"]
ITEMS += ["23a", "23b", "24", "25", "26", "27a", "27b", "27c"]


def items_of(run):
    """The items of a checklist: topic and text by number."""
    rows = re.findall(r"^\| (\d\w*) \| (.+?) \| (.+) \|$", checklist(run, CHECKLIST), re.M)
    return {name: (about, text) for name, about, text in rows}


def test_the_checklist_has_every_item_and_what_the_run_answers():
    items = items_of(paper_run())
    assert [*items] == ITEMS
    assert {name for name in items if name.startswith("18")} <= {
        name for name, (_, text) in items.items() if MUST in text
    }
    assert items["10"][1].startswith("59 patients with 871 cycles.")
    assert "sex, age, device and location" in items["14"][1]
    assert "highest ICBHI score was 0.500" in items["23a"][1]
    left = sum(text.startswith(MUST) for _, text in items.values())
    text = checklist(paper_run(), CHECKLIST)
    assert f"{len(ITEMS) - left} of {len(ITEMS)} items, {left} are left" in text


def test_the_checklist_follows_the_run():
    weighted = {"models": {"knn": {}, "svc": {"class_weight": "balanced"}}}
    assert "No model weighted" in items_of(paper_run())["13"][1]
    assert "weighted in `svc`" in items_of(paper_run(weighted))["13"][1]
    recorded = {"recordings": "lungs", "models": {"knn": {}, "most_frequent": {}}}
    assert "computed by a program" in items_of(paper_run(recorded))["9c"][1]
    baselines = {"models": {"most_frequent": {}}, "splits": {"shuffled": {}}}
    items = items_of(paper_run(baselines, examined=()))
    assert [*items] == ITEMS and "no split keeps patients apart" in items["16"][1]


DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{textcomp,booktabs,graphicx}
\input{numbers}
\begin{document}
\input{methods}\input{scores}\input{classes}\input{models}
\patientKnnIcbhiScore{} \dataPatients
\end{document}
"""


def test_a_program_compiles_what_is_written(tmp_path):
    """With tectonic or pdflatex, where there is one; else a parser alone reads it (other tests)."""
    program = next(filter(shutil.which, ("tectonic", "pdflatex")), None)
    if program is None:
        pytest.skip("neither tectonic nor pdflatex is installed")
    run = run_with_values()
    texts = {table.name: to_latex(table) for table in (scores_table(run), classes_table(run))}
    texts |= {"models": to_latex(models_table(run)), "paper": DOCUMENT}
    texts["numbers"] = numbers_tex(commands(run.rows, run.counts), {"note": "100 %"})
    texts["methods"] = methods_to_latex(sections_of(run), "Methods", "note")
    for name, text in texts.items():
        (tmp_path / f"{name}.tex").write_text(text, encoding="utf-8")
    flags = ["-interaction=nonstopmode", "-halt-on-error"] if program == "pdflatex" else []
    command = [program, *flags, "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and (tmp_path / "paper.pdf").exists(), done.stdout[-3000:]
