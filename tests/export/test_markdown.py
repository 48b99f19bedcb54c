"""Markdown shows texts of workbooks and configs as they are."""

import html
import re

import pytest
from markdown_it import MarkdownIt

from auscultation.export.markdown import render, table, text

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "a|b `c` |",
    "**b** _x_ a_b __y__ ~~z~~",
    "[l](http://e.org) ![i](x) <http://e.org>",
    "&lt; &amp; &#60;",
    "\\| back\\",
    "<!-- c",
    "# h",
    "- y",
    "1. x",
    "> q",
    "---",
    "``` x",
    "=1+1",
    "two\n\nlines",
    "$x$",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_shows_as_it_is(hostile):
    line = " ".join(hostile.split())
    (cell,) = re.findall(r"<td>(.*?)</td>", MARKDOWN.render(table([[hostile]], ["h"])))
    (paragraph,) = re.findall(r"^<p>(.*)</p>$", MARKDOWN.render(text(hostile)))
    for shown in (cell, paragraph):
        assert "<" not in shown and html.unescape(shown) == line


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_template_escapes_what_it_is_given(hostile, tmp_path):
    """By itself, through macros, blocks and filters; nothing is escaped twice."""
    (tmp_path / "t.j2").write_text(
        "{% macro m(x) %}{{ x }}{% endmacro %}{% set b %}{{ x }}{% endset %}"
        "{% for shown in (x, m(x), b, x | line, m(x) | line, [x] | listed, [x, m(x)] | join(' ')) %}"
        "{{ shown }}\n\n{% endfor %}{{ [[x, b]] | table([x, m(x)]) }}"
    )
    shown = MARKDOWN.render(render({"x": hostile}, str(tmp_path / "t.j2")))
    line = " ".join(hostile.split())
    texts = [
        html.unescape(one)
        for one in re.findall(r"<(?:p|t[dh])(?: style[^>]*)?>(.*?)</(?:p|t[dh])>", shown)
    ]
    assert texts == [line] * 6 + [f"{line} {line}"] + [line] * 4


def test_addresses_are_no_links():
    # GitHub makes links of these, CommonMark does not: what begins one must be broken
    for address in ("http://e.org", "see www.e.org", "a@b.org", "mailto:a@b.org"):
        assert not re.search(r"https?://|www\.|\w@|mailto:", text(address))
        assert html.unescape(MARKDOWN.render(text(address))) == f"<p>{address}</p>\n"
