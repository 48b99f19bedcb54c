"""The page "Config keys": every key of config.yaml, from config.schema.json, which `make schema` makes.

That file has what config.schema.yaml and the registries of algorithms and protocols say, and as descriptions the
comments of config.yaml.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "object": "mapping",
    "array": "list",
}
INTRODUCTION = """# Config keys

Every key that `config.yaml` may have. All are optional except `models` and `splits`; a wrong key or value is reported
before anything starts. `--config key=value` sets a key for one run. This page is made from the files that check the
config, by `make docs`.
"""
MODELS = """
## Settings of models

An entry of `models:` takes the settings of its algorithm, by the names and with the defaults of the library, and

{options}

A list of values makes one model of each ([models](models.md)); `algorithm:` says which algorithm it is, where
that is not the entry's name.
"""
SPLITS = """
## Settings of splits

`protocol:` says which protocol it is, where that is not the entry's name. [Splits](splits.md) says which to believe.
"""
LARGEST = (
    2147483647,
    1000000000,
    4294967295,
)  # limits of the libraries, of no interest to a reader
ESCAPED = re.compile(r"([\\*_\[\]<>#|$~])")
PAGE = re.compile(r"\bdocs/([\w-]+)\.md")
OPTIONS = ("features", "missing", "scale", "tune", "fit_timeout", "class_weight")


def script_defaults(name: str, script: str) -> dict[str, Any]:
    """Return the defaults of an algorithm whose settings are those of a function `fit_<name>` of the project.

    Those of a library's estimators are the library's.
    """
    for node in ast.parse(script).body:
        if isinstance(node, ast.FunctionDef) and node.name == f"fit_{name}":
            names = [argument.arg for argument in node.args.args]
            values = [ast.literal_eval(default) for default in node.args.defaults]
            return dict(zip(names[len(names) - len(values) :], values, strict=True))
    return {}


def config_page(schema: Schema, defaults: dict[str, dict[str, Any]]) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    schema : dict
        What config.schema.json holds.
    defaults : dict
        By algorithm the defaults of its settings that are not in the schema.
    """
    parts = [INTRODUCTION]
    for name, part in schema["properties"].items():
        parts.append(_key(name, part, schema))
    algorithms, protocols = (
        {
            name.removeprefix(kind): part
            for name, part in schema["$defs"].items()
            if name.startswith(kind)
        }
        for kind in ("model_", "split_")
    )
    options = {
        key: part
        for row in algorithms.values()
        for key, part in row["properties"].items()
        if key in OPTIONS
    }
    parts.append(MODELS.format(options=_table(options, schema)))
    described = schema["properties"]["models"]["properties"]
    for name, part in algorithms.items():
        text = described[name].get("description", part["description"])
        filled = {key: {"default": content} for key, content in defaults.get(name, {}).items()}
        rows = {key: row | filled.get(key, {}) for key, row in part["properties"].items()}
        table = _settings({"properties": rows}, (*OPTIONS, "algorithm"), schema)
        parts.append(f"### {name}\n\n{markdown(text)}\n\n{table}")
    parts.append(SPLITS)
    described = schema["properties"]["splits"]["properties"]
    for name, part in protocols.items():
        text = described[name].get("description", "")
        parts.append(f"### {name}\n\n{markdown(text)}\n\n{_settings(part, ('protocol',), schema)}")
    return "\n\n".join(parts) + "\n"


def _key(name: str, part: Schema, schema: Schema) -> str:
    """Return the section of a key."""
    entries = name in ("models", "splits")
    values = "mapping of entries, see below" if entries else kind(part, schema)
    needed = ["required"] if name in schema["required"] else []
    default = (
        [f"default `{value(part['default'])}`"]
        if "default" in part and part["default"] != {}
        else []
    )
    lines = [
        f"## {name}",
        f"*{'; '.join([values, *default, *needed])}*",
        markdown(part["description"]),
    ]
    if not entries and (nested := dict(_nested(part, schema, f"{name}."))):
        lines.append(_table(nested, schema))
    return "\n\n".join(lines)


def _settings(part: Schema, without: tuple[str, ...], schema: Schema) -> str:
    """Return the table of the settings of an algorithm or protocol."""
    settings = {key: row for key, row in part["properties"].items() if key not in without}
    if not settings:
        return "No settings."
    return _table(settings, schema, part.get("required", ()))


def _nested(part: Schema, schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Yield the keys below a key, at every depth, by their path."""
    part = resolved(part, schema)
    for option in part.get("anyOf", ()):
        yield from _nested(option, schema, path)
    for name, below in part.get("properties", {}).items():
        yield f"{path}{name}", below
        yield from _nested(below, schema, f"{path}{name}.")


def _table(
    rows: dict[str, Schema], schema: Schema, required: tuple[str, ...] | list[str] = ()
) -> str:
    """Return a table of keys; columns without content are left out."""
    cells = []
    for name, part in rows.items():
        part = resolved(part, schema)
        default = (
            f"`{value(part['default'])}`" if "default" in part and part["default"] != {} else ""
        )
        if name in required:
            default = "required"
        text = " ".join(markdown(part.get("description", ""), "<br>").split())
        cells.append((f"`{name}`", kind(single(part), schema).replace("|", "\\|"), default, text))
    titles = ("Key", "Value", "Default", "What it is")
    shown = [i for i in range(len(titles)) if i < 2 or any(row[i] for row in cells)]
    lines = [titles, ["---"] * len(titles), *cells]
    return "\n".join("| " + " | ".join(line[i] for i in shown) + " |" for line in lines)


def resolved(part: Schema, schema: Schema) -> Schema:
    """Return a part of a schema with its `$ref` replaced by what that refers to."""
    if "$ref" not in part:
        return part
    rest = {key: row for key, row in part.items() if key != "$ref"}
    return resolved(schema["$defs"][part["$ref"].removeprefix("#/$defs/")], schema) | rest


def single(part: Schema) -> Schema:
    """Return the schema of a setting without the list of values that makes a sweep of it."""
    match part.get("anyOf"):
        case [first, {"type": "array", "items": items}] if items == first:
            return first
    return part


def value(content: object) -> str:
    """Return a value as config.yaml has it."""
    return re.sub(r'"([A-Za-z]\w*)"', r"\1", json.dumps(content, ensure_ascii=False))


def kind(part: Schema, schema: Schema) -> str:
    """Return in words which values a part of a schema allows."""
    part = resolved(part, schema)
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(kind(option, schema) for option in part["anyOf"]))
    if "enum" in part:
        return ", ".join(f"`{value(option)}`" for option in part["enum"])
    types = part.get("type", "object")
    types = [types] if isinstance(types, str) else types
    words = []
    for name in types:
        word = TYPES[name]
        if name == "array":
            word = (
                f"list of {plural(kind(part.get('items', {}), schema))}"
                if "items" in part
                else word
            )
        elif name in ("integer", "number"):
            word += limits(part)
        words.append(word)
    return " or ".join(words)


def plural(words: str) -> str:
    """Return "texts" for "text", and so on."""
    return re.sub(r"\b(text|number|mapping)\b", r"\1s", words)


def limits(part: Schema) -> str:
    """Return the limits of a number, such as " from 0 to 1"."""
    low, above = part.get("minimum"), part.get("exclusiveMinimum")
    high, below = part.get("maximum"), part.get("exclusiveMaximum")
    high = None if high in LARGEST else high
    if low is not None and high is not None:
        return f" from {low} to {high}"
    texts = [
        *([f"at least {low}"] if low is not None else []),
        *([f"above {above}"] if above is not None else []),
        *([f"at most {high}"] if high is not None else []),
        *([f"below {below}"] if below is not None else []),
    ]
    return f" {' and '.join(texts)}" if texts else ""


def markdown(comment: str, item: str = "- ") -> str:
    """Return a comment of config.yaml as Markdown: its indented lines are the items of a list.

    Parameters
    ----------
    comment : str
        Lines without their `# `. By two spaces an item or an example starts, and by three within a line another
        one; a line that is indented by more goes on.
    item : str
        What is before each item.
    """
    blocks: list[str] = []
    listed = False
    for line in comment.splitlines():
        indent = len(line) - len(line.lstrip())
        if not blocks or indent == 2 or (indent == 0 and listed):
            blocks.append("")
            listed = indent == 2
        mark = "\0" if listed and not blocks[-1] else ""
        blocks[-1] += f"{mark}{line.strip()} "
    texts = []
    for block in blocks:
        if block.startswith("\0"):
            for text in re.split(r" {3,}", block.strip("\0 ")):
                term = _term(text)
                texts.append(item + (f"`{term}`" if term else "") + escaped(text[len(term) :]))
        else:
            texts.append(escaped(block.strip()))
    return "\n\n".join(texts)


def _term(text: str) -> str:
    """Return what an item explains: the value before its first colon, or an entry, `name: {..}`."""
    depth = 0
    for i, letter in enumerate(text):
        depth += (letter in "{[(") - (letter in "}])")
        if not depth and letter == "}" and re.match(r"\w+: \{", text):
            return text[: i + 1]
        if not depth and text.startswith(": ", i) and not text.startswith(": {", i):
            term = text[:i].removesuffix(" (default)")
            return term if re.fullmatch(r"\w+|\{.*\}", term) else ""
    return text if re.fullmatch(r"\{.*\}", text) else ""


def escaped(text: str) -> str:
    """Return a text whose signs mean nothing in Markdown, except code between backticks; names of pages are links."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [PAGE.sub(r"[\1](\1.md)", ESCAPED.sub(r"\\\1", part)) for part in parts[::2]]
    return "".join(parts)
