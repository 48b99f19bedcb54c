"""The other results that `snakemake diff` looks at."""

from pathlib import Path

from auscultation.job.files import read_json

NEEDED = ("comparison.parquet", "provenance.json")


def other_results(against: str | None, results: str) -> str | None:
    """Return the folder of the other results, without a slash at its end; None where none is named.

    Raises ValueError where it is no folder of finished results, or this run's own.
    """
    if against is None:
        return None
    folder = Path(against)
    if not folder.is_dir():
        raise ValueError(f"no such folder: {against}")
    if folder.resolve() == Path(results).resolve():
        raise ValueError(f"{against} has this run's own results; name those of another run")
    if absent := " and no ".join(name for name in NEEDED if not (folder / name).is_file()):
        what = "it is not the results folder of a run that has finished"
        raise ValueError(f"{against} has no {absent}: {what}")
    try:
        provenance = read_json(folder / "provenance.json")
    except ValueError as error:
        raise ValueError(f"{against}/provenance.json cannot be read: {error}") from None
    parts = ("workbook", "lock", "code", "versions", "config")
    held = provenance if isinstance(provenance, dict) else {}
    if not all(isinstance(held.get(part), dict) for part in parts):
        raise ValueError(f"{against}/provenance.json does not hold {', '.join(parts)}")
    return against.rstrip("/")
