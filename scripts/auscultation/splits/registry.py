"""The registry of protocols: the files of `protocols/`, by name.

A protocol is a function of the cleaned columns and its own settings, which returns folds. Its keyword
arguments, with their annotations and defaults, are the settings that the config may give it; one whose
default is None may be omitted. Where its module has `UNIT`, or `unit_of(settings)`, each unit (cycle,
recording or patient) is kept whole and tested exactly once.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from auscultation.splits.folds import Fold

PROTOCOLS = tuple(
    sorted(path.stem for path in (Path(__file__).parent / "protocols").glob("[a-z]*.py"))
)


def module_of(name: str) -> ModuleType:
    """Return the module of a protocol; it alone is imported."""
    return import_module(f"auscultation.splits.protocols.{name}")


def protocol(name: str) -> Callable[..., list[Fold]]:
    """Return the function of a protocol."""
    return getattr(module_of(name), name)


def unit_of(protocol: str, settings: Mapping) -> str | None:
    """Return the unit that a protocol keeps whole and tests exactly once; None without one."""
    module = module_of(protocol)
    if hasattr(module, "unit_of"):
        return module.unit_of(settings)
    return getattr(module, "UNIT", None)


def patients_apart(protocol: str, settings: Mapping) -> bool:
    """Return whether a protocol with these settings keeps patients whole and tests each once."""
    return unit_of(protocol, settings) == "patient"
