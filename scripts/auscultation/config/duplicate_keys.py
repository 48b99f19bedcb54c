"""Keys that stand twice in a config file: YAML keeps the last, and says nothing of the first."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml


def keys_twice(paths: Iterable[str | Path]) -> list[str]:
    """Return which keys stand twice in a mapping of the files, and where.

    Files that are no YAML (JSON is), or are not there, are left to whoever reads them.
    """
    lines = []
    for path in map(Path, paths):
        try:
            root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except (OSError, ValueError, yaml.YAMLError):
            continue
        lines += [f"{line} of {path.name}; rename or remove one" for line in _twice(root, "")]
    return lines


def _twice(node: yaml.Node | None, where: str) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _twice(item, f"{where}{number}.")
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen and name != "<<":  # several mappings may be merged into one
            yield f"{where}{name}: stands twice, in lines {seen[name]} and {line}"
        seen[name] = line
        yield from _twice(value, f"{where}{name}.")
