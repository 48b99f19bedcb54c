"""A page of one file: a template filled in, with the look and the behaviour that all pages share."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from auscultation.figures.style import scheme_css


def render(context: dict, template: str, css: str, script: str) -> str:
    """Fill in the template; everything that is not marked safe is escaped."""
    folder, name = str(Path(template).parent), Path(template).name
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, code = (Markup(Path(path).read_text(encoding="utf-8")) for path in (css, script))
    scheme = [Markup(text) for text in scheme_css()]
    return environment.get_template(name).render(css=style, script=code, scheme=scheme, **context)
