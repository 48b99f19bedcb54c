"""The config's schema with what the registries know: settings of algorithms and protocols, targets."""

import copy
import inspect

from auscultation.data.target import CLASSES, Target, Wanted
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.metrics.names import tuned_by
from auscultation.splits.registry import protocol as function_of

# JSON types of the settings of protocols, by the annotations of their functions
TYPES: dict[object, str] = {int: "integer", float: "number", str: "string", bool: "boolean"}
TYPES |= {dict: "object", dict | None: "object", list | None: "array"}


def with_algorithms(schema: dict) -> dict:
    """Return the schema with the settings and features of every algorithm of the registry."""
    schema = copy.deepcopy(schema)
    for name, row in ALGORITHMS.items():
        schema["$defs"]["algorithms"][name] = dict(row.settings)
        if row.features is not None:
            schema["$defs"]["own_features"][name] = {"default": list(row.features)}
    return schema


def for_target(schema: dict, name: Wanted) -> dict:
    """Return the schema with what depends on the target: classes that have weights, metrics."""
    classes = CLASSES.get(name.column, tuple(name.classes))
    if name.ordered and name.column not in CLASSES:
        classes = ("", "positive")
    schema, target = copy.deepcopy(schema), Target(name.column, classes)
    if name.column in CLASSES:
        codes = [str(code) for code in range(len(target.classes))]
        schema["$defs"]["weights"]["propertyNames"] = {"enum": codes}
    metric = {"enum": list(tuned_by(target)), "default": tuned_by(target)[0]}
    schema["$defs"]["tune"]["properties"]["metric"] = metric
    return schema


def protocol_settings(protocol: str, schema: dict) -> dict[str, dict]:
    """Return the schema of each setting of a protocol, with its default if it has one.

    They are the keyword arguments of the protocol's function; limits are in the config's schema.
    """
    settings = {}
    for name, parameter in inspect.signature(function_of(protocol)).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            limits = schema["$defs"]["protocols"].get(name, {})
            settings[name] = {"type": TYPES[parameter.annotation]} | limits
            if parameter.default is not parameter.empty and parameter.default is not None:
                settings[name]["default"] = parameter.default
    return settings


def protocol_requires(protocol: str) -> list[str]:
    """Return the settings that a protocol has no default for."""
    parameters = inspect.signature(function_of(protocol)).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
