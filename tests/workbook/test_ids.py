"""Which ids are one patient, in every kind of file: what looks the same, and nothing else."""

import random
import re
import uuid
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.cells import pack
from auscultation.workbook.parse import parse
from binary_workbooks import xls, xlsb
from clean import clean
from workbook_edits import parquet, read, save
from workbooks import NAMES, csv_text, ods, rows, table, xlsx

MAKERS = {"xlsx": xlsx, "xls": xls, "xlsb": xlsb, "ods": ods, "csv": csv_text}
UUIDS = [f"00000000-0000-0000-0000-00000000000{k}" for k in range(3)]
HASHES = [2**63 + 5, 2**64 - 1, 17]


def with_keys(keys, column="patient_ID"):
    """Return a cycle for each key, that of the clean workbook but for its key and its time."""
    at, made = NAMES.index(column), []
    for n, key in enumerate(keys):
        row = rows()[n % 12]
        row[at], row[8], row[9] = key, 10.0 * n, 10.0 * n + 2
        made.append(row)
    return [list(NAMES), *made]


def of_parquet(array, column="patient_ID"):
    """Return the cycles as Parquet with a key column of any type."""
    cells = with_keys(range(len(array)))
    columns = dict(zip(NAMES, zip(*cells[1:], strict=True), strict=True))
    types = {name: table().schema.field(name).type for name in NAMES}
    made = pa.table({n: pa.array(list(v), types[n]) for n, v in columns.items()})
    return parquet(made.set_column(NAMES.index(column), column, array))


@pytest.mark.parametrize("ending", MAKERS)
def test_exponents_letters_zeros_and_signs_are_texts(ending, tmp_path):
    """Fault 1: ids are texts unless every one is a plain whole number; 1E1 and 10 are two patients."""
    ids = ["1E1", "2E2", "3E3", "10", "200", "3000", "007", "7", "+7", "1e1"]
    got = read(save(tmp_path, ending, MAKERS[ending](with_keys(ids)))).table
    assert got["patient_ID"].to_pylist() == ids
    recordings = clean(got, ["IMC", "weight", "height"], "impute")[0]["recording"].to_pylist()
    assert [name.split("_")[0] for name in recordings] == ids


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["12", "13.0", "0"], [12, 13, 0]),
        (["12", "012"], ["12", "012"]),
        (["12", "-12"], ["12", "-12"]),
        (["12", "12.5"], ["12", "12.5"]),
        (["12", "12;0"], ["12", "12;0"]),
        (["1.000", "1"], ["1.000", "1"]),  # a thousand in Germany
        (["12345678901234567890", "12345678901234567891"],) * 2,
        (["9223372036854775807", "9007199254740993"], [9223372036854775807, 9007199254740993]),
        (["9223372036854775808", "7"], ["9223372036854775808", "7"]),
        (["0x10", "16"], ["0x10", "16"]),
        (["1_0", "10"], ["1_0", "10"]),
        (["inf", "INF"], ["inf", "INF"]),
        (["TRUE", "1"], ["TRUE", "1"]),
        (["\u0661", "1"], ["\u0661", "1"]),  # an Arabic digit one
        (["A", "a"], ["A", "a"]),
    ],
)
def test_ids_that_are_texts_or_numbers(ids, expected, tmp_path):
    """Fault 1: leading zeros, letters, exponents and 20 digits stay, plain whole numbers are those."""
    for ending in ("csv", "xlsx"):
        got = read(save(tmp_path, ending, MAKERS[ending](with_keys(ids)))).table["patient_ID"]
        assert got.to_pylist() == expected


@pytest.mark.parametrize("seed", range(20))
def test_no_two_texts_become_one_id(seed):
    """Fault 1: of random texts, only 12 and 12.0 are ever one id, in packed and in mixed columns."""
    draw = random.Random(seed)
    alphabet = draw.choice(["0123456789", "01.", "019eE+-.", "0123456789abcP_-", "1 0.,'", "0'=\""])
    texts = {"".join(draw.choices(alphabet, k=draw.randint(1, 21))) for _ in range(300)}
    texts |= {text.strip() + ".0" for text in texts}
    texts = sorted({" ".join(t.split()) for t in texts} - {"", "-"})

    def same(text):
        plain = re.fullmatch(r"(0|[1-9][0-9]*)\.0", text)
        wrapped = re.fullmatch(r'="(.*)"', text)
        return same(wrapped[1]) if wrapped else plain[1] if plain else text

    expected = len({same(text) for text in texts})
    assert len(set(parse(pack(texts), "id").array.to_pylist())) == expected
    assert len(set(parse([*texts, 5.0], "id").array.to_pylist()) - {"5", 5}) >= expected - 1
    wholes = [str(draw.randint(0, 2**63 - 1)) for _ in range(50)]
    assert parse(pack(wholes), "id").array.to_pylist() == list(map(int, wholes))


def test_other_keys_are_kept_apart_too(tmp_path):
    """Fault 1: texts in a column that the workflow does not know are numbers only if none is lost."""
    for values, expected in (
        (["1E1", "10", "2"], ["1E1", "10", "2"]),
        (["1.0", "1", "2"], ["1.0", "1", "2"]),
        (["9007199254740993", "9007199254740992", "-3"], [9007199254740993, 9007199254740992, -3]),
        (["12345678901234567890", "3", "4"], ["12345678901234567890", "3", "4"]),
        (["1.5", "2", "1e-5"], [1.5, 2.0, 1e-5]),
    ):
        cells = [[*row, v] for row, v in zip(with_keys("abc"), ["site", *values], strict=True)]
        for ending in ("csv", "xlsx"):
            got = read(save(tmp_path, ending, MAKERS[ending](cells))).table["site"].to_pylist()
            assert got == expected


def test_recordings_of_two_patients_never_have_one_name():
    """Fault 1: patient A_1 with recording 1b1 is not patient A with recording 1_1b1."""
    made = {"patient_ID": ["A", "A_1"], "adq_format": ["1_1b1_Al_sc_M", "1b1_Al_sc_M"]}
    raw = pa.table(made | {"state": [0, 1]})
    with pytest.raises(InputError, match="'A_1_1b1_Al_sc_M'.* patients 'A' and 'A_1'"):
        clean(raw, [], "impute")


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([2**53, 2**53 + 1, 2**53 + 2]), [2**53, 2**53 + 1, 2**53 + 2]),
        (pa.array([-(2**62) - 1, -(2**62), 5]), [-(2**62) - 1, -(2**62), 5]),
        (pa.array([2**53 + 1, 7, 8], pa.uint64()), [2**53 + 1, 7, 8]),
        (pa.array(HASHES, pa.uint64()), [str(value) for value in HASHES]),
        (pa.array([1, 2, 3], pa.int8()), [1, 2, 3]),
        (pa.array([Decimal("12.00"), Decimal(9007199254740993), Decimal(3)]), [12, 2**53 + 1, 3]),
        (pa.array([Decimal(10**20 + k) for k in range(3)]), [str(10**20 + k) for k in range(3)]),
        (pa.array([2**60 + 1, 2**60 + 2, 1]).dictionary_encode(), [2**60 + 1, 2**60 + 2, 1]),
        (pa.array(["007", "7", "x"], pa.large_string()), ["007", "7", "x"]),
        (pa.array(["007", "7", "x"], pa.string_view()), ["007", "7", "x"]),
        (pa.array(["007", "7", "x"]).dictionary_encode(), ["007", "7", "x"]),
        (pa.array([b"007", b"7", b"x"]), ["007", "7", "x"]),
        (pa.array([1.0, 2.0, 3.0], pa.float32()), [1, 2, 3]),
        (pa.array([uuid.UUID(int=k) for k in range(3)], pa.uuid()), UUIDS),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_ids_of_parquet_keep_their_digits(array, expected, tmp_path):
    """Fault 17: whole numbers of 64 bits are never floats; patients that differ in a digit are two."""
    got = read(save(tmp_path, "parquet", of_parquet(array)))
    assert got.table["patient_ID"].to_pylist() == expected and got.warnings == []
    recording = clean(got.table, ["IMC", "weight", "height"], "impute")[0]["recording"].to_pylist()
    assert [name.split("_")[0] for name in recording] == list(map(str, expected))


# spelling, other spelling, what both are
ALIKE = {
    "no-break-space": ("P\u00a012", "P 12", "P 12"),
    "narrow-no-break-space": ("P\u202f12", "P 12", "P 12"),
    "composed": ("Zoe\u0308", "Zo\u00eb", "Zo\u00eb"),
    "wrapper": ('="101"', "101", 101),
    "wrapper-of-zeros": ('="007"', "007", "007"),
    "zero-width-space": ("P\u200b1", "P1", "P1"),
    "byte-order-mark": ("\ufeff101", "101", 101),
    "soft-hyphen": ("Mey\u00ader", "Meyer", "Meyer"),
    "number-of-programs": ("12.0", "12", 12),
    "among-letters": ("12.0", "12", "12"),
}


@pytest.mark.parametrize(
    ("name", "column"),
    [(name, "patient_ID") for name in ALIKE]
    + [(name, "adq_format") for name in ALIKE if "12" not in ALIKE[name]],  # names are no numbers
)
def test_what_looks_the_same_is_one(name, column, tmp_path):
    """Fault 17: ids that look the same are one patient, and the notes say what was joined."""
    one, other, expected = ALIKE[name]
    last = "x" if name == "among-letters" or isinstance(expected, str) else 999
    cells = with_keys([one, other, last], column)
    if column == "adq_format":
        expected = str(expected)
    for ending in ("csv", "xlsx", "ods"):
        content = MAKERS[ending](cells)
        if ending == "csv":
            content = csv_text(
                [
                    [
                        f'"{str(v).replace(chr(34), chr(34) * 2)}"' if v is not None else v
                        for v in row
                    ]
                    for row in cells
                ]
            )
        if ending == "xlsx" and str(one).startswith("="):
            continue  # there it would be a formula
        got = read(save(tmp_path, ending, content))
        assert got.table[column].to_pylist()[:2] == [expected, expected]
        said = [note for note in got.notes if "texts that look the same are one" in note]
        assert len(said) == 1 and column in said[0] and f"'{other}'" in said[0]
    assert read(save(tmp_path, "csv", csv_text(with_keys(["a", "b", "c"], column)))).notes == [
        "read as utf-8-sig, separated by comma"
    ]


def test_notes_name_what_cannot_be_seen(tmp_path):
    """Fault 17: a note on joined ids shows the characters in which they differ."""
    got = read(save(tmp_path, "ods", ods(with_keys(["P\u00a012", "P 12", "x"]))))
    assert any("'P<no-break space>12' and 'P 12' are 'P 12'" in note for note in got.notes)


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (["1-Mar", "2-3a", "x"], "A2 '1-Mar'"),
        (["01. Mrz", "2", "x"], "A2 '01. Mrz'"),
        (["x", "Mar-01", "mars-02"], "A3 'Mar-01', A4 'mars-02'"),
        (["2017-03-01", "2", "3"], "A2 '2017-03-01'"),
        (["01/03/2017", "2", "3"], "A2 '01/03/2017'"),
        ([datetime(2017, 3, 1), "2-3a", 7], "A2 2017-03-01"),
        ([12345678901234567890, 2, 3], "A2 1234567890123457"),
    ],
)
def test_ids_that_excel_has_spoiled(ids, shown, tmp_path):
    """Fault 17: dates that Excel made of ids, and numbers whose last digits it cut, are warned of."""
    path = save(tmp_path, "xlsx", xlsx(with_keys(ids)))
    for reader in ("calamine", "openpyxl"):
        got = read(path, reader=reader)
        assert len(got.warnings) == 1 and shown in got.warnings[0]
        assert got.table["patient_ID"].type == pa.string()
        assert len(set(got.table["patient_ID"].to_pylist())) == 3
    with pytest.raises(InputError, match="'patient_ID': a"):
        read(path, checks={"id": "error"})
    assert read(path, checks={"id": "off"}).warnings == []


@pytest.mark.parametrize(
    "text", ["P-01", "1-3", "12-345", "march", "Marlene 3b", "3.4.5", "2017-3"]
)
def test_other_ids_are_not_taken_for_dates(text, tmp_path):
    """Fault 17: what only resembles a date is warned of nowhere."""
    path = save(tmp_path, "csv", csv_text(with_keys([text, "b", "c"])))
    assert read(path).warnings == []
