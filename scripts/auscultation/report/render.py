"""Templates filled in: a page of one file, with the look and the behaviour that all pages share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from auscultation.figures.style import scheme_css
from auscultation.scores.questions import ALPHA, PATIENTS, SIDE
from auscultation.scores.wording import (
    ANSWERS,
    area,
    classes_of,
    counted,
    in_short,
    interval,
    listed,
    metric_name,
    number,
    p_text,
    positive_class,
    predicted,
    signed,
    sought,
    spoken,
    topic,
)

NUMBERS = (number, interval, signed, p_text)  # these hold nothing of a workbook or a config
WORDS = (
    *(area, classes_of, counted, in_short, listed, metric_name, positive_class, predicted),
    *(sought, spoken, topic),
)


def line(text: str | Markup) -> Markup:
    """Return a text on one line, escaped unless it is marked safe."""
    return Markup(" ").join(escape(text).split())


def breakable(text: str) -> Markup:
    """Return a name that a narrow column breaks behind its underscores, not in the middle of a word."""
    return Markup("_<wbr>").join(text.split("_"))


def escaped(function: Callable[..., str]) -> Callable[..., Markup]:
    """Return a function whose text is marked safe, as it has been escaped."""

    @wraps(function)
    def marked(*args, **settings) -> Markup:
        return escape(function(*args, **settings))

    return marked


def environment(
    folder: str | Path, finalize: Callable[[object], object] | None = None
) -> Environment:
    """Return what a folder's templates are filled in with: all that is not marked safe is escaped.

    `finalize` is applied to each value before it is escaped, for what is no HTML.
    """
    made = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {function.__name__: escaped(function) for function in NUMBERS}
    made.filters |= {function.__name__: function for function in WORDS}
    made.filters |= {"line": line, "breakable": breakable, "answer_word": ANSWERS.__getitem__}
    made.globals |= {"ALPHA": ALPHA, "FEWEST_PATIENTS": PATIENTS, "FEWEST_OF_A_SIDE": SIDE}
    return made


def render(context: dict, template: str, css: str, script: str) -> str:
    """Return the page that a template makes of a context, the look and the behaviour."""
    style, code = (Markup(Path(path).read_text(encoding="utf-8")) for path in (css, script))
    scheme = [Markup(text) for text in scheme_css()]
    path = Path(template)
    page = environment(path.parent).get_template(path.name)
    return page.render(css=style, script=code, scheme=scheme, **context)
