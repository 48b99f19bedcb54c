"""The other results that `snakemake diff` looks at: of one run, or of several."""

from pathlib import Path

from auscultation.job.files import read_json

NEEDED = ("comparison.parquet", "provenance.json")


def other_results(against: str | list[str] | None, results: str) -> list[str]:
    """Return the folders of the other results, without a slash at their ends; none where none is named.

    Raises ValueError where one is no folder of finished results, or this run's own, or named twice.
    """
    folders = [against] if isinstance(against, str) else against or []
    names = [_checked(path, results) for path in folders]
    places = [Path(path).resolve() for path in folders]
    for name, place in zip(names, places, strict=True):
        if places.count(place) > 1:
            raise ValueError(f"{name} is named twice; name each of the other runs once")
    return names


def _checked(against: str, results: str) -> str:
    """Return the folder of other results, without a slash at its end."""
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
