"""Labels that follow from others: the state from crackles and wheezes, and these from the state."""

import pyarrow as pa
import pyarrow.compute as pc

from auscultation.data.target import FOLLOWS, label_sources
from auscultation.job.errors import InputError


def with_label(table: pa.Table, target: str) -> pa.Table:
    """Return a table with the target's column, which may follow from other labels.

    Raises InputError where there is neither.
    """
    if target in table.column_names:
        return table
    for sources in FOLLOWS.get(target, ()):
        if {*sources} <= {*table.column_names}:
            values = _label(target, [table[name] for name in sources])
            return table.append_column(target, values.cast(pa.int64()))
    either = " or ".join(" and ".join(map(repr, of)) for of in label_sources(target))
    raise InputError(
        f"the target needs column {either or repr(target)}, and the workbook has none of these names; "
        "if it has another name, config key `columns` says which, as in {state: its name}"
    )


def _label(target: str, sources: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    if len(sources) == 2:
        crackles, wheezes = sources
        state = pc.add(crackles, pc.multiply(wheezes, 2))
    else:
        (state,) = sources
    if target == "state":
        return state
    bits = {"crackles": (1, 3), "wheezes": (2, 3), "abnormal": (1, 2, 3)}[target]
    return pc.if_else(pc.is_valid(state), pc.is_in(state, pa.array(bits, state.type)), None)
