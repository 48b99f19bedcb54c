"""The archive: its members, their sums, and the same bytes for the same files."""

import hashlib
import os
import shutil
import subprocess
import zipfile

import pytest

from archive_results import README, RECORDINGS, WORKBOOK, members, pack


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    (folder / "export" / "knn").mkdir(parents=True)
    (folder / "export" / "knn" / "card.md").write_text("# knn\n")
    (folder / "export" / "knn" / ".snakemake_timestamp").write_text("")
    (folder / "report.html").write_text("<p>")
    (folder / "predictions.parquet").write_text("rows")
    return folder


def packed(results, name):
    found = members([str(results / "report.html"), str(results / "export")], results)
    path = results.parent / name
    pack(found, path, "results")
    return path


def test_named_files_alone_with_their_sums(results, tmp_path):
    path = packed(results, "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    out = tmp_path / "out" / "results"
    names = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert names == ["README.txt", "SHA256SUMS", "export/knn/card.md", "report.html"]
    assert (out / "export/knn/card.md").read_text() == "# knn\n"
    lines = dict(reversed(x.split("  ")) for x in (out / "SHA256SUMS").read_text().splitlines())
    assert lines.keys() == set(names) - {"SHA256SUMS"}
    for name, digest in lines.items():
        assert digest == hashlib.sha256((out / name).read_bytes()).hexdigest()
    if shutil.which("sha256sum"):
        command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        subprocess.run(command, cwd=out, check=True, timeout=60)


def test_same_files_same_bytes(results):
    first = packed(results, "a.zip").read_bytes()
    os.utime(results / "report.html", (1e9, 1e9))
    (results / "report.html").chmod(0o600)
    assert packed(results, "b.zip").read_bytes() == first
    (results / "report.html").write_text("<b>")
    assert packed(results, "c.zip").read_bytes() != first


def test_the_readme_says_what_the_results_come_from():
    texts = [README.format(**words) for words in (WORKBOOK, RECORDINGS)]
    assert ["workbook" in text for text in texts] == [True, False]
    assert ["recordings" in text for text in texts] == [False, True]
    assert all(len(line) <= 104 for text in texts for line in text.splitlines())
