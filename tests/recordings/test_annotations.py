"""Annotations of every form become one table, and what is wrong with them is named."""

import json
import random

import pyarrow as pa
import pytest
from openpyxl import Workbook

from auscultation.recordings.annotations import read_annotations
from auscultation.recordings.folder import list_folder
from auscultation.workbook.read import read_workbook

NAME = "101_1b1_Al_sc_Meditron"
CYCLES = [(0.04, 0.58, 0, 1), (0.58, 2.4, 1, 0), (2.4, 3.9, 1, 1)]
SOUNDS = (".wav", ".flac", ".m4a")
ICBHI = "".join("\t".join(map(str, row)) + "\n" for row in CYCLES)


def annotated(root, files, sounds=(NAME,), **options):
    """Return what the annotations of a folder say; `files` has the text or bytes of each."""
    for name in sounds:
        path = root / (name if name.endswith(SOUNDS) else f"{name}.wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_annotations(list_folder(root), **options)


def cycles(read):
    """Return start, end, crackles and wheezes of each cycle."""
    columns = ("start", "end", "crackles", "wheezes")
    return list(zip(*(read.table[name].to_pylist() for name in columns), strict=True))


def checks(read):
    """Return check, file and place of each problem."""
    return [problem[:3] for problem in read.problems]


def test_the_workbook_of_the_notebook(icbhi_4k, icbhi_patients, real_workbook):
    """From the annotations and patients of the database come the workbook's rows in its order."""
    read = read_annotations(list_folder(icbhi_4k), icbhi_patients)
    book = read_workbook(real_workbook).table
    assert (len(book), read.problems) == (6898, [])
    names = zip(book["patient_ID"].to_pylist(), book["adq_format"].to_pylist(), strict=True)
    assert read.table["recording"].to_pylist() == [f"{patient}_{rest}" for patient, rest in names]
    patient = ("patient_ID", "Diagnosis", "age", "sex", "IMC", "weight", "height")
    for name in ("start", "end", "crackles", "wheezes", *patient):
        assert read.table[name].combine_chunks().equals(book[name].combine_chunks()), name


@pytest.mark.parametrize("separator", ["\t", ",", " ", ";", "  "])
def test_any_one_separator(separator, tmp_path):
    read = annotated(tmp_path, {f"{NAME}.txt": ICBHI.replace("\t", separator)})
    assert (cycles(read), read.problems) == (CYCLES, [])


@pytest.mark.parametrize(
    "data",
    [
        ICBHI.replace("\n", "\r\n").encode(),
        ICBHI.encode("utf-8-sig"),
        ICBHI.encode("utf-16"),
        b"\n" + ICBHI.replace("\n", "\n\n").encode() + b"\n",
        b"start\tend\tcrackles\twheezes\n" + ICBHI.encode(),
        ICBHI.replace(".", ",").encode(),
    ],
    ids=["CRLF", "BOM", "UTF-16", "blank lines", "header", "decimal comma"],
)
def test_texts_as_programs_write_them(data, tmp_path):
    read = annotated(tmp_path, {f"{NAME}.txt": data})
    assert (cycles(read), read.problems) == (CYCLES, [])


@pytest.mark.parametrize(
    "line, check",
    [
        ("3.9\t4.5\t0", "column"),
        ("3.9\t4.5\t0\t0\t1", "column"),
        ("3.9,4.5,0,0", "column"),
        ("3.9\tx\t0\t0", "number"),
        ("3.9\tnan\t0\t0", "finite"),
        ("-1\t4.5\t0\t0", "range"),
        ("4.5\t4.5\t0\t0", "order"),
        ("3.9\t4.5\t2\t0", "label"),
        ("3.9\t4.5\t0\tno", "label"),
    ],
)
def test_a_wrong_line_is_named_by_file_and_line(line, check, tmp_path):
    read = annotated(tmp_path, {f"{NAME}.txt": f"\n{ICBHI}{line}\n"})
    assert checks(read) == [(check, f"{NAME}.txt", "line 5")]
    assert cycles(read) == CYCLES


def test_cycles_are_sorted_and_overlaps_named(tmp_path):
    """Neighbours may share a time; what begins before the latest end so far overlaps."""
    text = "2.4\t3\t0\t0\n0\t2.4\t0\t1\n2.9\t4\t0\t0\n2.9\t4\t0\t0\n"
    read = annotated(tmp_path, {f"{NAME}.txt": text})
    assert [row[0] for row in cycles(read)] == [0, 2.4, 2.9, 2.9]
    file = f"{NAME}.txt"
    assert checks(read) == [("overlap", file, "line 3"), ("duplicate", file, "line 4")]
    assert f"cycles were sorted by their start: {NAME}" in read.notes


def test_recordings_without_annotation_and_the_reverse(tmp_path):
    """Each is named: one of the two is most likely misspelt, or lies elsewhere."""
    files = {"101_2b1_Al_sc_Meditron.txt": ICBHI, "README.txt": "Read me.", "102_a.txt": ""}
    read = annotated(tmp_path, files, sounds=[NAME, "102_a"])
    assert sorted(checks(read)) == [
        ("empty", "102_a.txt", ""),
        ("orphan", "101_2b1_Al_sc_Meditron.txt", ""),
        ("unannotated", f"{NAME}.wav", ""),
    ]
    orphan = next(problem for problem in read.problems if problem.check == "orphan")
    assert NAME in orphan.message
    assert "no annotations, left out: README.txt" in read.notes


def test_an_annotation_of_sound_that_cannot_be_read_is_no_orphan(tmp_path):
    read = annotated(tmp_path, {f"{NAME}.txt": ICBHI}, sounds=[f"{NAME}.m4a", "102_1b1_Al_sc_X"])
    assert [check for check, *_ in checks(read)] == ["file", "unannotated"]


def test_two_annotations_of_one_recording(tmp_path):
    """An equal copy elsewhere is the same annotation, another one is an error."""
    files = {f"a/{NAME}.txt": ICBHI, f"b/{NAME}.txt": ICBHI}
    assert not annotated(tmp_path, files).problems
    read = annotated(tmp_path, {f"b/{NAME}.txt": ICBHI[:20]})
    assert checks(read) == [("twice", f"b/{NAME}.txt", "")]
    read = annotated(tmp_path, {"annotations.csv": f"recording,crackles,wheezes\n{NAME},0,1\n"})
    assert ("twice", f"a/{NAME}.txt", "") in checks(read)


def test_labels_of_audacity(tmp_path):
    """Words in a label count, whatever else it says; one that says neither is named."""
    text = (
        "0.1\t0.9\tFine crackles\n\\\t100.0\t900.0\n0.9\t2\tWHEEZE left\n2\t3\tboth\n3\t4\t\n4\t5\n"
        "5\t6\tcough\n6\t7\twheeze + crackle\n"
    )
    read = annotated(tmp_path, {f"{NAME}.txt": text})
    labels = [row[2:] for row in cycles(read)]
    assert labels == [(1, 0), (0, 1), (1, 1), (0, 0), (0, 0), (0, 0), (1, 1)]
    assert checks(read) == [("words", f"{NAME}.txt", "line 7")]
    assert "1 annotations in labels of Audacity" in read.notes


def test_sprsound(tmp_path):
    """Times are ms as texts; rhonchi and stridor count as wheezes; the name has age, sex, place."""
    kinds = ["Normal", "Fine Crackle", "Wheeze+Crackle", "Rhonchi", "Stridor", "Coarse Crackle"]
    events = [
        {"start": str(250 * at), "end": str(250 * at + 250), "type": kind}
        for at, kind in enumerate(kinds)
    ]
    files = {
        "json/40996386_8.3_1_p1_2979.json": json.dumps({"event_annotation": events}),
        "json/4_0.5_0_p3_1.json": json.dumps({"record_annotation": "Poor", "event_annotation": []}),
    }
    sounds = ["wav/40996386_8.3_1_p1_2979", "wav/4_0.5_0_p3_1"]
    read = annotated(tmp_path, files, sounds=sounds)
    assert [row[2:] for row in cycles(read)] == [(0, 0), (1, 0), (1, 1), (0, 1), (0, 1), (1, 0)]
    assert cycles(read)[1][:2] == (0.25, 0.5)
    assert checks(read) == [("empty", "json/4_0.5_0_p3_1.json", "")]
    row = read.table.slice(0, 1).to_pylist()[0]
    named = {name: row[name] for name in ("patient_ID", "age", "sex", "location", "device")}
    assert named == {
        "patient_ID": 40996386,
        "age": 8.3,
        "sex": "F",
        "location": "p1",
        "device": None,
    }


@pytest.mark.parametrize("data", ["{", '{"event_annotation": 3}', '{"event_annotation": [{}]}'])
def test_json_of_another_form(data, tmp_path):
    read = annotated(tmp_path, {f"{NAME}.json": data})
    assert [problem.file for problem in read.problems] == [f"{NAME}.json"]


TABLE = [
    ("recording", "start", "end", "crackles", "wheezes", "patient_ID", "age", "device"),
    ("a/one", 0.5, 1.25, 0, 1, "P1", 7, "Littmann"),
    ("a/one", 0, 0.5, 1, 0, "P1", None, None),
    ("b/two.wav", None, None, 1, 1, "P2", 70.5, None),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_one_table_for_all(kind, tmp_path):
    """Recordings by path or name; without times the whole recording; patients of any name."""
    if kind == "csv":
        lines = [",".join("" if v is None else str(v) for v in row) for row in TABLE]
        (tmp_path / "annotations.csv").write_text("\r\n".join(lines) + "\r\n", "utf-8-sig")
    else:
        book = Workbook()
        for row in TABLE:
            book.active.append(row)
        book.save(tmp_path / "annotations.xlsx")
    read = annotated(tmp_path, {}, sounds=["a/one", "b/two"])
    assert not read.problems
    assert cycles(read) == [(0, 0.5, 1, 0), (0.5, 1.25, 0, 1), (None, None, 1, 1)]
    assert read.table["recording"].to_pylist() == ["one", "one", "two"]
    assert read.table["patient_ID"].to_pylist() == ["P1", "P1", "P2"]
    assert read.table["age"].to_pylist() == [7, 7, 70.5]
    assert read.table.schema.field("patient_ID").type == pa.string()


def test_wrong_rows_of_a_table_are_named_by_cell(tmp_path):
    rows = ["recording,start,end,crackles,wheezes,patient_ID", "one,0,1,0,0,P1", "one,1,2,3,0,P1"]
    rows += ["one,2,,0,0,P1", "one,5,4,0,0,P1", "one,x,9,0,0,P1", "one,9,10,0,0,P2"]
    rows += ["three,0,1,0,0,P3", "two,0,1,,0,P4"]
    read = annotated(tmp_path, {"annotations.csv": "\n".join(rows) + "\n"}, sounds=["one", "two"])
    file = "annotations.csv"
    assert sorted(checks(read)) == sorted(
        [
            ("label", file, "D3"),
            ("missing", file, "A4"),
            ("order", file, "A5"),
            ("number", file, "B6"),
            ("recording", file, "A7"),
            ("orphan", file, "A8"),
            ("missing", file, "D9"),
            ("unannotated", "two.wav", ""),
        ]
    )
    assert cycles(read) == [(0, 1, 0, 0), (9, 10, 0, 0)]


def test_a_table_that_cannot_be_used(tmp_path):
    """A damaged table, or one without labels, is named, and every recording with it."""
    for data in (b"recording,start\none,1\n", b"PK\x03\x04 cut", b""):
        read = annotated(tmp_path, {"annotations.csv": data}, sounds=["one"])
        assert {check for check, *_ in checks(read)} <= {"file", "column", "unannotated"}
        assert {problem.file for problem in read.problems} == {"annotations.csv", "one.wav"}


def drawn(draw, name):
    """Return files that annotate a recording, right, wrong or not at all."""
    lines = [f"{at}\t{at + 1}\t{draw.randrange(2)}\t0" for at in range(draw.randrange(4))]
    for _ in range(draw.randrange(3)):
        lines.insert(
            draw.randrange(len(lines) + 1),
            draw.choice(
                ["", "0\t1", "9\t8\t0\t0", "a\tb\tc\td", "1 2 3 4", "0\t1\twheeze", "\\", "{"]
            ),
        )
    text = draw.choice(["\n", "\r\n"]).join(lines)
    made = draw.choice(
        [text, text, text, "", "\0", '{"event_annotation": []}', b"\xff\xfe\x00", "hello", None]
    )
    return {} if made is None else {f"{draw.choice(['', 'a/', 'b/'])}{name}.txt": made}


@pytest.mark.parametrize("seed", range(40))
def test_no_recording_is_lost(seed, tmp_path):
    """Each recording of a random folder has rows or is named by a problem; rows are of recordings."""
    draw = random.Random(seed)
    names = [f"{100 + n}_1b1_Al_sc_X" for n in range(draw.randrange(1, 9))]
    sounds = [f"{draw.choice(['', 'a/'])}{n}.{draw.choice(['wav', 'flac', 'm4a'])}" for n in names]
    files = {}
    for name in [*names, "999_1b1_Al_sc_X"]:
        files |= drawn(draw, name)
    if draw.random() < 0.5:
        rows = [
            f"{draw.choice([*names, 'b/x', ''])},{draw.choice(['', '0', '1', 'x'])},"
            f"{draw.choice(['', '2', '1'])},{draw.choice('01112')},{draw.choice(['0', '1', ''])}"
            for _ in range(draw.randrange(9))
        ]
        files["annotations.csv"] = "\n".join(["recording,start,end,crackles,wheezes", *rows, ""])
    read = annotated(tmp_path, files, sounds=sounds)
    rows = {*read.table["recording"].to_pylist()}
    named = {problem.file.rsplit("/", 1)[-1].rsplit(".", 1)[0] for problem in read.problems}
    assert rows | (named & {*names}) == {*names}
    assert read.table["recording"].to_pylist() == sorted(read.table["recording"].to_pylist())
    for start, end, crackles, wheezes in cycles(read):
        assert (start is None and end is None) or 0 <= start < end
        assert {crackles, wheezes} <= {0, 1}
