"""Pack the results into one .zip: what a reader needs, without the cycles and what they come from.

In: the files to pack. Out: the archive, whose bytes depend on the content of these files alone. In
it are also README.txt, which says what is there and what is not, SHA256SUMS, and beside the folder
`ro-crate-metadata.json`, which says the same to programs.
"""

import hashlib
import json
import logging
import zipfile
from pathlib import Path

from auscultation.export.ro_crate import METADATA, Packed, ro_crate
from auscultation.job.files import atomic_path, read_json, sha256_of
from auscultation.job.log import start

SUMS = "SHA256SUMS"  # for `sha256sum --check`
README = """Results of auscultation-models, a workflow that compares models of lung-auscultation cycles.
For research and teaching; not a medical device.

Begin with report.html. answer.json has its answer as data: is there information, is a model useful,
how sure is that. comparison.xlsx has it on its first sheet, then the scores of every model;
comparison.csv and .parquet have these for programs. export/ has a card of each model, and the model
as an ONNX file where that predicts the same. fits/ has settings and warnings (fit.json) of every
fit, and the models that were fitted to all cycles. provenance.json says from which {origin},
config, code and packages all this comes.

Left out: the {origin}, {cycles} (table/, splits/*.parquet), the predictions of single cycles,
what was scored, models that were fitted to parts of the cycles, logs.

About single patients there is still this, by the patient's name or number in the {origin}:
report.html, errors.*, hardest.*, figures/patients/{also} splits/. Without a name: figures/models/ has
the classes of the first 50 cycles; models of nearest neighbours, of support vectors and of
linear_svc, and their ONNX files, hold the features of cycles. Pass these on only where the {origin}
may go, too.

sha256sum --check SHA256SUMS tells whether a file has changed.
ro-crate-metadata.json, beside this folder, says to programs what is here.
"""
WORKBOOK = {"origin": "workbook", "cycles": "its cycles", "also": " and"}
RECORDINGS = {"origin": "recordings", "cycles": "their cycles", "also": ", table/source.json\nand"}
WHOLE = """Results of a workflow that compares models of lung-auscultation cycles: scores with their intervals, what
they show, figures, cards of the models, and the models fitted to all cycles. Without the {origin} and {cycles}. For
research and teaching; not a medical device."""
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a .zip can hold


def members(paths: list[str], results: Path) -> dict[str, Path]:
    """Return the files by their place in the results; of folders, the files that are not hidden.

    Raises ValueError where a path is not in the results.
    """
    files = {}
    for path in map(Path, paths):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not file.name.startswith("."):
                files[file.relative_to(results).as_posix()] = file
    return dict(sorted(files.items()))


def pack(
    files: dict[str, Path],
    path: Path,
    folder: str,
    provenance: dict,
    words: dict[str, str] = WORKBOOK,
) -> None:
    """Write the archive: the files, by their names, in one folder, and beside it what describes them.

    `words` say in README.txt what the results come from, `provenance` says it to programs.
    """
    contents = {"README.txt": README.format(**words).encode()}
    packed = {name: Packed(file.stat().st_size, sha256_of(file)) for name, file in files.items()}
    packed["README.txt"] = packed_of(contents["README.txt"])
    lines = (f"{packed[name].sha256}  {name}\n" for name in sorted(packed))
    contents[SUMS] = "".join(lines).encode()
    packed[SUMS] = packed_of(contents[SUMS])
    whole = " ".join(WHOLE.format(**words).split())
    crate = json.dumps(ro_crate(packed, provenance, folder, whole), indent=1, ensure_ascii=False)
    with zipfile.ZipFile(path, "w") as archive:
        add(archive, METADATA, f"{crate}\n".encode())
        for name in sorted(packed):
            data = contents[name] if name in contents else files[name].read_bytes()
            add(archive, f"{folder}/{name}", data)


def packed_of(content: bytes) -> Packed:
    """Return the size and the SHA-256 of what a file will hold."""
    return Packed(len(content), hashlib.sha256(content).hexdigest())


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Write one file into the archive, with the same bytes whenever and wherever that is."""
    about = zipfile.ZipInfo(name, DATE)
    about.compress_type = zipfile.ZIP_DEFLATED
    about.create_system = 3  # as on Unix, wherever it is made
    about.external_attr = 0o100644 << 16
    archive.writestr(about, content, compresslevel=6)


def main(snakemake) -> None:
    """Pack what the rule names."""
    results = Path(snakemake.params.results)
    files = members(snakemake.input.packed, results)
    heard = "without_rows" in read_json(results / "table" / "source.json")
    with atomic_path(snakemake.output.archive) as path:
        words = RECORDINGS if heard else WORKBOOK
        pack(files, path, results.name, read_json(results / "provenance.json"), words)
        logging.info("%d files, %.1f MB", len(files), path.stat().st_size / 1e6)


start(globals(), main)
