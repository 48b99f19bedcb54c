"""What Snakemake makes of a config that is given on the command line, as the docs say it."""

import yaml

CONFIG = {"splits": {"half": {}}, "models": {"mean": {}}}
MORE = {"models": {"most_frequent": {}}}


def fits_planned(project, *args):
    """How many fits of which algorithm a dry run plans."""
    counts = project.planned(*args)
    return {rule: n for rule, n in counts.items() if rule.startswith("fits_")}


def test_a_second_config_file(project):
    """Fault 23: a second config file adds its models; --replace-workflow-config lets it stand alone."""
    project.configure(CONFIG)
    more, whole = (project.folder / name for name in ("more.yaml", "whole.yaml"))
    more.write_text(yaml.safe_dump(MORE), encoding="utf-8")
    whole.write_text(yaml.safe_dump(CONFIG | MORE), encoding="utf-8")
    both = fits_planned(project, "--configfile", str(more))
    assert both == {"fits_mean": 1, "fits_most_frequent": 1}
    alone = fits_planned(project, "--configfile", str(whole), "--replace-workflow-config")
    assert alone == {"fits_most_frequent": 1}


def test_a_path_that_is_a_number(project):
    """Fault 23: what the message says to write for a path that looks like a number is taken as one."""
    project.configure(CONFIG | {"demo": {"patients": 12}})
    for given in ("workbook=1e5", 'workbook="1e5"', "workbook='1e5'"):
        done = project.snakemake("--dry-run", "--config", given)
        assert done.returncode != 0
        assert "workbook: 100000 is not of type 'string'" in done.stdout, done.stdout
        assert "write --config workbook=./1e5" in done.stdout
    done = project.snakemake("--dry-run", "--config", "workbook=./1e5")
    assert "workbook: no such file: 1e5" in done.stdout, done.stdout
    # each job reads the command line again
    project.run("2017/table/cycles.parquet", "--config", "results=./2017")
    assert (project.folder / "2017" / "table" / "cycles.parquet").is_file()


def test_a_sheet_that_is_a_number(project, finished):
    """Fault 23: so is a sheet's name."""
    workbook = str(finished.results / "demo" / "workbook.xlsx")
    project.configure(CONFIG | {"workbook": workbook})
    done = project.snakemake("--config", "sheet=1e5")
    assert "write --config 'sheet=!!str 1e5'" in done.stdout, done.stdout
    done = project.snakemake("--config", "sheet=!!str 1e5")
    assert "no sheet '1e5'" in done.stdout, done.stdout


def test_a_model_that_stands_twice(project):
    """Fault 23: of two models of one name none is lost in silence."""
    text = "splits: {half: {}}\nmodels:\n  knn: {n_neighbors: 3}\n  mean: {}\n  knn: {p: 1}\n"
    project.configure(text)
    done = project.snakemake("--dry-run")
    said = "models.knn: stands twice, in lines 3 and 5 of config.yaml; rename or remove one"
    assert done.returncode != 0 and said in done.stdout, done.stdout


def test_results_with_a_url(project):
    """Fault 12: a folder of results with braces is refused with a URL too, before anything starts."""
    project.configure(CONFIG | {"workbook": "https://example.org/a.xlsx", "results": "a{b}"})
    done = project.snakemake()
    assert done.returncode != 0
    assert "results: { } < > have a meaning for Snakemake" in done.stdout, done.stdout
    assert "Job stats" not in done.stdout and "Traceback" not in done.stdout
