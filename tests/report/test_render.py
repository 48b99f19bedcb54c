"""Templates: what they use is there, and editing one reruns the rules that fill it in."""

import re

import pytest
from jinja2 import meta, nodes

from auscultation.export.methods.prose import guarded
from auscultation.report.render import environment, line
from harness import ROOT

FOLDER = ROOT / "report"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.j2"))
RULES = {  # by template that a rule fills in, the rule and its file
    "report.html.j2": ("report", "../Snakefile"),
    "diff.html.j2": ("diff_runs", "export.smk"),
    "runs.html.j2": ("diff_runs", "export.smk"),
    "model_card.md.j2": ("export_model", "export.smk"),
    "external.html.j2": ("validate_scored", "score.smk"),
    "methods/methods.j2": ("write_methods", "methods.smk"),
    "methods/checklist.j2": ("write_methods", "methods.smk"),
}


def parsed(name):
    path = FOLDER / name
    made = guarded(path.parent) if name.startswith("methods/") else environment(FOLDER)
    return made.parse(path.read_text(encoding="utf-8"))


def used(name):
    """Return the templates that one uses, and those that these use."""
    beside = "methods/" if name.startswith("methods/") else ""
    names = {f"{beside}{other}" for other in meta.find_referenced_templates(parsed(name))}
    return names.union(*map(used, names))


@pytest.mark.parametrize("rule", sorted({*RULES.values()}))
def test_a_rule_has_all_its_templates_as_inputs(rule):
    rule, file = rule
    own = {name for name, filled in RULES.items() if filled == (rule, file)}
    text = (ROOT / "rules" / file).read_text(encoding="utf-8")
    (block,) = re.findall(rf"^rule {rule}:(.*?)^    output:", text, re.MULTILINE | re.DOTALL)
    patterns = re.findall(r"\"report/([^\"]*\.j2)\"", block)
    inputs = {path.relative_to(FOLDER).as_posix() for p in patterns for path in FOLDER.glob(p)}
    assert inputs == own.union(*map(used, own))


def test_every_template_is_used():
    assert set(TEMPLATES) == set(RULES).union(*map(used, RULES))


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in TEMPLATES
        if not name.endswith((".html.j2", ".md.j2")) and not name.startswith("methods/")
    ],
)
def test_macros_use_only_what_they_are_given(name):
    """A macro that is imported sees nothing of the page: what it does not know fails where it is used."""
    tree = parsed(name)
    stored = (n.name for n in tree.find_all(nodes.Name) if n.ctx == "store")  # in branches, too
    undeclared = meta.find_undeclared_variables(tree) - {*stored}
    assert undeclared <= environment(FOLDER).globals.keys()


def test_what_is_not_marked_safe_is_escaped(tmp_path):
    (tmp_path / "t.j2").write_text(
        "{{ x }} {{ x | line }} {{ [x, 'b'] | listed }} {{ -0.5 | number }}"
    )
    shown = environment(tmp_path).get_template("t.j2").render(x="<i>\n&")
    assert shown == "&lt;i&gt;\n&amp; &lt;i&gt; &amp; &lt;i&gt;\n&amp; and b −0.500"
    assert str(line(" a\n b ")) == "a b"
