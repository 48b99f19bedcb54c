"""Entries under `splits:` of the config: the protocol of each, its settings checked and filled in."""

from auscultation.config.merged_schema import protocol_requires, protocol_settings
from auscultation.config.schema import Resolved, closed, fill_defaults, problems_of, unknown_name
from auscultation.splits.registry import PROTOCOLS


def resolve_split(name: str, entry: dict, where: str, schema: dict) -> Resolved:
    """Return a split with its `protocol` and `settings`; `where` is its key, for messages."""
    protocol = entry.get("protocol", name)
    if not isinstance(protocol, str) or protocol not in PROTOCOLS:
        return {name: entry}, [unknown_name(where, "protocol", name, entry, PROTOCOLS)]
    settings = {key: value for key, value in entry.items() if key != "protocol"}
    whole = closed(protocol_settings(protocol, schema), schema)
    problems = problems_of(settings, whole, where, f"a setting of protocol {protocol}")
    missing = [key for key in protocol_requires(protocol) if key not in settings]
    problems += [f"{where}.{key}: missing; protocol {protocol} needs it" for key in missing]
    fill_defaults(settings, whole)
    return {name: {"protocol": protocol, "settings": settings}}, problems
