"""The documents' instructions, carried out."""

import re
import shutil
import subprocess
import sys

import pyarrow.csv
import pyarrow.parquet as pq
import yaml

from harness import ROOT, SMALL

PARTS = ("Snakefile", "rules", "scripts", "report", "envs", "profiles", "config.schema.yaml")
PARTS += ("requirements.txt",)
IGNORE = shutil.ignore_patterns("__pycache__")


def copy_project(folder):
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=IGNORE)
        else:
            shutil.copy(source, folder / name)


def snakemake(folder, *args):
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *args],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def edits(page):
    """The code blocks of "Another algorithm", each with the file that the text before it names."""
    section = page.split("## Another algorithm")[1].split("\n## ")[0]
    before = 0
    for block in re.finditer(r"^```\w+\n(.*?)^```$", section, re.M | re.S):
        named = re.findall(r"`([\w./]+\.(?:py|smk|yaml))`", section[before : block.start()])
        yield named, block[1]
        before = block.end()


def test_adding_an_algorithm_as_described(tmp_path):
    copy_project(tmp_path)
    small = SMALL | {"models": {"most_frequent": {}}, "splits": {"half": {}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(small, sort_keys=False))
    page = (ROOT / "docs" / "add-a-model.md").read_text(encoding="utf-8")
    found = list(edits(page))
    assert len(found) == 3
    for named, text in found:
        path = tmp_path / named[-1]
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if path.name == "config.yaml":
            whole = before.replace("\nmodels:\n", f"\nmodels:\n{text}")
        else:
            whole = before + text
        path.write_text(whole, encoding="utf-8")
    assert (tmp_path / "scripts" / "fit_decision_tree.py").exists()
    snakemake(tmp_path)
    rows = pyarrow.csv.read_csv(tmp_path / "results" / "comparison.csv").to_pylist()
    assert {row["model"] for row in rows} == {"most_frequent", "decision_tree"}
    assert "decision_tree" in (tmp_path / "results" / "report.html").read_text(encoding="utf-8")


def test_adding_a_protocol_as_described(tmp_path):
    copy_project(tmp_path)
    config = SMALL | {"models": {"most_frequent": {}}, "splits": {"left_side": {}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    section = (
        (ROOT / "docs" / "add-a-model.md")
        .read_text(encoding="utf-8")
        .split("## Another protocol")[1]
    )
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    (path,) = re.findall(r"`(scripts/\S+/left_side\.py)`", section)
    (tmp_path / path).write_text(code, encoding="utf-8")
    snakemake(tmp_path)
    splits = tmp_path / "results" / "splits" / "left_side"
    for side, left in (("train", False), ("test", True)):
        names = pq.read_table(splits / f"{side}.parquet")["recording"].unique().to_pylist()
        assert names and {name.split("_")[2].endswith("l") for name in names} == {left}
