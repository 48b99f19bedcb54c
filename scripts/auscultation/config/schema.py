"""Check values against the config's JSON schema, and say what is wrong in lines for people."""

import copy
import datetime
import difflib
import math
import re
from collections.abc import Iterable

import yaml
from jsonschema import Draft202012Validator, validators

EXPONENT = re.compile(r"[+-]?\d+e[+-]?\d+", re.IGNORECASE)
PATHS = ("workbook", "recordings", "patient_tables", "results", "score", "against")
# Keys that the config had once.
GONE = {"bootstrap": "not a key of the config any more, as intervals need no draws; delete it"}
EXACT = 2**53  # whole numbers from here on are not all floats, and libraries' own integers end soon
# A number is one that has an end: YAML's .nan is in no limits, and its .inf in some.
TYPES = Draft202012Validator.TYPE_CHECKER
Validator = validators.extend(
    Draft202012Validator,
    type_checker=TYPES.redefine(
        "number", lambda _, value: TYPES.is_type(value, "number") and math.isfinite(value)
    ),
)
# What an entry of the config stands for, by name, and what is wrong with it.
Resolved = tuple[dict[str, dict], list[str]]


def nearest(name: str, names: Iterable[str]) -> str:
    """Return which of the names is probably meant, if one is near, else all of them, as a sentence."""
    names = sorted(map(str, names))
    if near := difflib.get_close_matches(str(name), names, n=1):
        return f"did you mean `{near[0]}`?"
    return f"there are: {', '.join(names)}" if names else "it has none"


def unknown_name(where: str, key: str, name: str, entry: dict, names: Iterable[str]) -> str:
    """Return the line about a split's protocol or a model's algorithm (`key`) that does not exist."""
    if key in entry:
        return f"{where}.{key}: there is no {key} `{entry[key]}`; {nearest(entry[key], names)}"
    own = f"(a name of your own needs `{key}:`)"
    return f"{where}: there is no {key} `{name}`; {nearest(name, names)} {own}"


def normalise(value):
    """Return a value with mappings sorted and whole floats as integers.

    What Snakemake remembers of a job's parameters then depends on their meaning alone.
    """
    if isinstance(value, dict):
        return {str(key): normalise(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [normalise(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return value


def closed(properties: dict, schema: dict) -> dict:
    """Return the schema of a mapping that has these properties and no others."""
    whole = {"type": "object", "additionalProperties": False, "properties": properties}
    return whole | {"$defs": schema["$defs"]}


def deref(schema: dict, root: dict) -> dict:
    """Return a schema without its reference to `$defs` of the same document."""
    if "$ref" not in schema:
        return schema
    return root["$defs"][schema["$ref"].rsplit("/", 1)[1]] | schema


def fill_defaults(value: dict, schema: dict, root: dict | None = None) -> None:
    """Write the defaults that a schema names into a value."""
    root = root or schema
    for key, part in schema.get("properties", {}).items():
        part = deref(part, root)
        if "default" in part:
            value.setdefault(key, copy.deepcopy(part["default"]))
        if isinstance(value.get(key), dict):
            fill_defaults(value[key], part, root)


def read_texts(value: dict, schema: dict, root: dict | None = None) -> None:
    """Read, in place, the texts in a config's mappings that are to be numbers, true or false.

    Inside mappings Snakemake's command line knows texts alone: `--config 'demo={patients: 60}'`.
    """
    root = root or schema
    for key, part in schema.get("properties", {}).items():
        inner, part = value.get(key), deref(part, root)
        if isinstance(inner, dict):
            own = {name: deref(of, root) for name, of in part.get("properties", {}).items()}
            inner |= {name: _read(inner[name], of) for name, of in own.items() if name in inner}
            read_texts(inner, part, root)


def _read(value: object, schema: dict) -> object:
    """Return what YAML reads in a text where the schema wants a number, true or false."""
    if isinstance(value, list):
        return [_read(item, schema.get("items", {})) for item in value]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(value, str) or not {*kinds} & {"number", "integer", "boolean"}:
        return value
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return read if isinstance(read, int | float) else value


def problems_of(
    value: dict, schema: dict, prefix: str = "", of: str = "a key of the config"
) -> list[str]:
    """Return what is wrong with a value, one line per key."""
    problems: list[str] = []
    for error in Validator(schema).iter_errors(normalise(value)):
        path = ".".join([prefix] * bool(prefix) + [str(step) for step in error.absolute_path])
        if error.validator == "additionalProperties":
            names = error.schema["properties"]
            for key in sorted(set(map(str, error.instance)) - set(names)):
                where = f"{path}.{key}" if path else key
                problems.append(f"{where}: {GONE.get(where, f'not {of}; {nearest(key, names)}')}")
        elif error.validator == "required":
            needed = error.validator_value
            problems += [f"{key}: missing" for key in needed if key not in error.instance]
        elif error.validator == "enum":
            choices = [c for c in error.validator_value if c is not None]
            problems.append(f"{path}: {error.instance!r} is none of {', '.join(map(str, choices))}")
        elif error.validator == "anyOf":
            problems.append(f"{path}: {' and '.join(_choices(error))}{_hint(path, error)}")
        else:
            problems.append(f"{path}: {error.message}{_hint(path, error)}")
    return list(dict.fromkeys(problems))


def _hint(path: str, error) -> str:
    """Return how to write a value that YAML, or Snakemake's command line, took for another type."""
    if isinstance(error.instance, str) and EXPONENT.fullmatch(error.instance):
        return " (write a number with an exponent as 1.0e-4)"  # YAML 1.1 takes 1e-4 for text
    errors = [error, *error.context]
    wanted = [part.schema.get("type", []) for part in errors if part.validator == "type"]
    no_text = isinstance(error.instance, int | float | datetime.date)
    return f" ({as_text(path)})" if no_text and any("string" in kinds for kinds in wanted) else ""


def as_text(key: str) -> str:
    """Return how to write a text that looks like a number, a date or true, so that it stays one.

    In a config file, quotes do that. `--config` of Snakemake takes quotes off, and reads what Python
    reads as a whole number, a number or True as such.
    """
    if key in PATHS:
        return f'for a file of such a name write --config {key}=./1e5, or "1e5" in a config file'
    if "." in key:
        return 'for such a text write quotes around it, as in "1e5"'
    return f"for such a text write --config '{key}=!!str 1e5', or \"1e5\" in a config file"


def _choices(error) -> list[str]:
    """Return why each of several schemas refuses a value, those within those included."""
    inner = [line for choice in error.context for line in _choices(choice)]
    return list(dict.fromkeys(inner)) or [error.message]
