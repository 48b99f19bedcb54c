"""Write config.schema.json, by which editors complete and check config.yaml: `make schema`.

In: config.schema.yaml, the registries of algorithms and protocols, and the comments of config.yaml, which become the
descriptions of their keys. The workflow itself does not read it.
"""

import copy
import json
import re
from collections.abc import Iterable

import yaml

from auscultation.config.merged_schema import protocol_requires, protocol_settings
from auscultation.config.models import OPTION_SCHEMAS, SEVERAL
from auscultation.config.paths import ROOT
from auscultation.config.sweep import takes_list
from auscultation.data.target import CLASSES, Target
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.metrics.names import tuned_by
from auscultation.splits.registry import PROTOCOLS

KEY = re.compile(r"( *)(\w+):( |$)")
COMMENT = re.compile(r" *# ?(.*)")
REGISTRIES = ("algorithms", "own_features", "protocols")  # definitions that they fill in
COMMENTED_OUT = re.compile(r" +# \w+: \{.+\}")  # an example, not a description of what follows


def editor_schema(schema: dict, config: str) -> dict:
    """Return the JSON schema of config.yaml: config.schema.yaml's with registries and comments."""
    definitions = {k: part for k, part in schema["$defs"].items() if k not in REGISTRIES}
    # JSON has no infinity; as a number it is in no limits here
    definitions["positive_or_no_limit"] = definitions["positive"]
    metrics = {name for target in CLASSES for name in tuned_by(Target(target, CLASSES[target]))}
    definitions["metric"] = {"enum": sorted(metrics)}
    metric = {"$ref": "#/$defs/metric"}
    tune = definitions["tune"]
    tune = tune | {"properties": tune["properties"] | {"metric": metric}}
    definitions["tune"] = {"anyOf": [{"type": "boolean"}, metric, tune]}
    for name, row in ALGORITHMS.items():
        values = {key: _or_list(dict(part), schema) for key, part in row.settings.items()}
        options = {k: _or_list(v, {}) if k in SEVERAL else v for k, v in OPTION_SCHEMAS.items()}
        settings = {"algorithm": {"const": name}} | values | options
        definitions[f"model_{name}"] = _entry(settings) | {"description": f"Fit {row.title}."}
    for name in PROTOCOLS:
        settings = {"protocol": {"const": name}} | protocol_settings(name, schema)
        definitions[f"split_{name}"] = _entry(settings, protocol_requires(name))
    properties = copy.deepcopy(schema["properties"])
    properties["models"] = _section("model", "algorithm", ALGORITHMS, definitions)
    properties["splits"] = _section("split", "protocol", PROTOCOLS, definitions)
    title = "config.yaml of auscultation-models"
    whole = schema | {"title": title, "properties": properties, "$defs": definitions}
    for (*above, name), text in descriptions(config).items():
        part = whole
        for key in above:
            part = part["properties"][key]
        part["properties"][name]["description"] = text
    return whole


def _or_list(part: dict, schema: dict) -> dict:
    """Return the schema of a setting, or of a list of its values: a sweep or candidates."""
    if schema and takes_list(part, schema):
        return part
    listed = {"type": "array", "items": part, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [part, listed]}


def _entry(settings: dict, required: list[str] | None = None) -> dict:
    """Return the schema of an entry; without settings it may be empty."""
    entry = {"type": ["object", "null"], "additionalProperties": False, "properties": settings}
    return entry | ({"type": "object", "required": required} if required else {})


def _section(kind: str, key: str, names: Iterable[str], definitions: dict) -> dict:
    """Return the schema of a section whose entries are of a kind that their name or `key` says."""
    of_name = {name: {"$ref": f"#/$defs/{kind}_{name}"} for name in names}
    definitions[f"any_{kind}"] = {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(of_name)}},
        "allOf": [
            {"if": {"required": [key], "properties": {key: {"const": name}}}, "then": entry}
            for name, entry in of_name.items()
        ],
    }
    named = {"type": "object", "required": [key]}  # says by `key` what it is
    any_name = {"$ref": f"#/$defs/any_{kind}"}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            name: {"if": named, "then": any_name, "else": entry} for name, entry in of_name.items()
        },
        "additionalProperties": any_name,
    }


def descriptions(config: str) -> dict[tuple[str, ...], str]:
    """Return the comments above the keys of a config file, by the path of the key."""
    texts: dict[tuple[str, ...], str] = {}
    path: list[str] = []
    lines: list[str] = []
    for line in config.splitlines():
        if COMMENTED_OUT.match(line):
            lines = []
        elif comment := COMMENT.fullmatch(line):
            lines.append(comment[1])
        else:
            if key := KEY.match(line):
                path = [*path[: len(key[1]) // 2], key[2]]
                if lines:
                    texts[tuple(path)] = "\n".join(lines)
            lines = []
    return texts


def editor_schema_text() -> str:
    """Return what config.schema.json has to hold."""
    schema = yaml.safe_load((ROOT / "config.schema.yaml").read_text(encoding="utf-8"))
    config = (ROOT / "config.yaml").read_text(encoding="utf-8")
    return _as_json(editor_schema(schema, config), depth=2) + "\n"


def _as_json(value: object, depth: int) -> str:
    """Return a value as JSON, with a line per key down to a depth."""
    if not depth or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    lines = [f"{json.dumps(key)}: {_as_json(value[key], depth - 1)}" for key in value]
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    (ROOT / "config.schema.json").write_text(editor_schema_text(), encoding="utf-8", newline="\n")
