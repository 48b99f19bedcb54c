"""What the workbooks lack for a config, looked up before any job starts.

Only where that is quick: the names of the columns alone are read, and once they are in `source.json`
of the results, these. What cannot be looked up here, the jobs find.
"""

from pathlib import Path

from auscultation.config.columns import problems_of_table
from auscultation.data.columns import WORKBOOK
from auscultation.job.files import read_json
from auscultation.workbook.sources import origins


def lacking(config: dict, workbooks: list[str], own: list[str], source: str) -> list[str]:
    """Return what the workbooks lack, one line each; nothing where that cannot be told yet.

    `workbooks` are all files that the rules read, `own` those that are the user's, `source` is the
    file that says what was read last.
    """
    if config["recordings"]:
        from auscultation.recordings.families.registry import column_names  # numpy: 0.1 s

        return problems_of_table(config, [*WORKBOOK, *column_names(config["families"])])
    columns = _read_before(config, workbooks, source)
    if columns is None:
        columns = _named(config, own)
    return [] if columns is None else problems_of_table(config, columns)


def _read_before(config: dict, workbooks: list[str], source: str) -> list[str] | None:
    """Return the columns of the last reading, where it was of these files as they are now."""
    try:
        about = read_json(source)
        made = Path(source).stat().st_mtime
        newer = any(Path(path).stat().st_mtime > made for path in workbooks)
    except (OSError, ValueError):
        return None
    asked = {"sheet": config["sheet"], "columns": config["columns"]}
    same = about.get("workbook") == ", ".join(workbooks) and about.get("asked") == asked
    return about["columns"] if same and not newer else None


def _named(config: dict, own: list[str]) -> list[str] | None:
    """Return the columns of all workbooks together; None where some cannot be looked up quickly."""
    demo = "demo" in origins(config)
    if len(own) + demo < len(origins(config)):
        return None  # one is to be downloaded
    names: dict[str, None] = {}
    if demo:
        names |= dict.fromkeys(set(WORKBOOK) - {"recording", "location", "device"})
    if own:
        from auscultation.workbook.peek import column_names  # pyarrow and readers: 0.2 s

        for path in own:
            columns = column_names(path, config["sheet"], config["columns"])
            if columns is None:
                return None
            names |= dict.fromkeys(columns)
    return list(names)
