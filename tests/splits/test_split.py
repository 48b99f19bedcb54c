"""The protocols and the files of a split."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle

import split
from auscultation.data.name_pattern import ICBHI
from auscultation.data.recordings import with_recording
from auscultation.job.errors import InputError
from auscultation.splits.protocols.final import final
from auscultation.splits.protocols.half import half
from auscultation.splits.protocols.holdout import holdout
from auscultation.splits.registry import PROTOCOLS

SIZES = [2, 10, 11, 101]
DEFAULTS = {"half": {"seed": 0}, "holdout": {"seed": 0, "test_size": 0.25}, "final": {}}
DEALT = ("patient", "recording", "shuffled")
DEFAULTS |= {name: {"folds": 3, "repeats": 1, "seed": 0} for name in DEALT}
DEFAULTS |= {"leave_group_out": {"column": "device"}}
FOLDS = dict.fromkeys(DEALT, 3) | {"leave_group_out": 2, "listed_folds": 3}  # the others have one


def cycles_of(n):
    """n cycles, ten a patient, five a recording; `cycle` is not the row number."""
    number = np.arange(n)
    table = pa.table(
        {
            "cycle": number * 3 + 1,
            "patient_ID": 101 + number // 10,
            "crackles": number % 2,
            "state": number % 4,
            "Var": number / 7,
            "recording": [f"{101 + i // 10}_r{i // 5}_Al_sc_D{i // 5 % 2}" for i in range(n)],
        }
    )
    return with_recording(table, ICBHI)


def settings_of(protocol, table, folder):
    """Settings of a protocol for a table; some need a list: every third tests, or three folds."""
    if protocol in DEFAULTS:
        return DEFAULTS[protocol]
    column = "recording" if protocol == "published" else "patient_ID"
    names = table[column].unique().to_pylist()
    part = (lambda i: "train" if i % 3 else "test") if protocol == "published" else lambda i: i % 3
    lines = [f"{name}\t{part(i)}\n" for i, name in enumerate(names)]
    (folder / "list.txt").write_text("".join(lines), encoding="utf-8")
    return {"list": str(folder / "list.txt"), "aliases": {}}


def columns_of(n):
    return {"cycle": np.arange(n) * 3 + 1}


def run(table, folder, protocol, settings=None, target="state"):
    """Run the script on a table; give the opened files and the summary."""
    pq.write_table(table, folder / "cycles.parquet")
    snakemake = SimpleNamespace(
        input=SimpleNamespace(cycles=folder / "cycles.parquet"),
        output=SimpleNamespace(
            train=folder / "out" / "train.parquet",
            test=folder / "out" / "test.parquet",
            summary=folder / "out" / "split.json",
        ),
        params=SimpleNamespace(
            protocol=protocol,
            settings=DEFAULTS[protocol] if settings is None else settings,
            target=target,
        ),
        wildcards=SimpleNamespace(split="mine"),
    )
    split.main(snakemake)
    summary = json.loads((folder / "out" / "split.json").read_text(encoding="utf-8"))
    train, test = (pq.ParquetFile(folder / "out" / f"{side}.parquet") for side in ("train", "test"))
    return train, test, summary


class TestProtocols:
    @pytest.mark.parametrize("seed", [0, 1, 2017])
    @pytest.mark.parametrize("n", SIZES)
    def test_half_is_scikit_learns_shuffle(self, n, seed):
        ((train, test),) = half(columns_of(n), seed=seed)
        order = shuffle(np.arange(n), random_state=seed)
        assert train.tolist() == order[: n // 2].tolist()
        assert test.tolist() == order[n // 2 :].tolist()

    @pytest.mark.parametrize(("seed", "share"), [(0, 0.25), (1, 0.25), (0, 0.4), (7, 0.5)])
    @pytest.mark.parametrize("n", SIZES)
    def test_holdout_is_train_test_split(self, n, seed, share):
        ((train, test),) = holdout(columns_of(n), seed=seed, test_size=share)
        expected = train_test_split(np.arange(n), test_size=share, random_state=seed)
        assert [train.tolist(), test.tolist()] == [side.tolist() for side in expected]

    def test_final_is_everything_on_both_sides(self):
        ((train, test),) = final(columns_of(5))
        assert train.tolist() == test.tolist() == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize("protocol", [half, holdout])
    def test_the_seed_decides(self, protocol):
        orders = {tuple(protocol(columns_of(50), seed=seed)[0][1]) for seed in range(5)}
        assert len(orders) == 5
        assert tuple(protocol(columns_of(50), seed=3)[0][1]) in orders


class TestFiles:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_no_cycle_is_lost_or_on_both_sides(self, tmp_path, protocol):
        table = cycles_of(101)
        files = run(table, tmp_path, protocol, settings_of(protocol, table, tmp_path))[:2]
        everything = table["cycle"].to_pylist()
        tested = []
        assert files[0].num_row_groups == files[1].num_row_groups == FOLDS.get(protocol, 1)
        for fold in range(files[0].num_row_groups):
            sides = [file.read_row_group(fold)["cycle"].to_pylist() for file in files]
            assert all(len(side) == len(set(side)) for side in sides)
            assert set(sides[0]) | set(sides[1]) == set(everything)
            both = set(sides[0]) & set(sides[1])
            assert both == (set(everything) if protocol == "final" else set())
            tested += sides[1]
        if protocol in FOLDS:
            assert sorted(tested) == everything

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_rows_are_those_of_the_table_with_fold(self, tmp_path, protocol):
        table = cycles_of(40)
        rows = {row["cycle"]: row for row in table.to_pylist()}
        for file in run(table, tmp_path, protocol, settings_of(protocol, table, tmp_path))[:2]:
            for fold in range(FOLDS.get(protocol, 1)):
                got = file.read_row_group(fold)
                assert got.column_names == [*table.column_names, "fold"]
                assert got.schema.field("fold").type == pa.int64()
                expected = [rows[c] | {"fold": fold} for c in got["cycle"].to_pylist()]
                assert got.to_pylist() == expected

    def test_rows_keep_the_order_of_the_protocol(self, tmp_path):
        train, test, _ = run(cycles_of(11), tmp_path, "half", {"seed": 4})
        order = (shuffle(np.arange(11), random_state=4) * 3 + 1).tolist()
        assert train.read()["cycle"].to_pylist() + test.read()["cycle"].to_pylist() == order

    def test_each_fold_is_a_row_group(self, tmp_path, monkeypatch):
        def thirds(cycles, *, folds: int = 3):
            rows = np.arange(len(cycles["cycle"]))
            return [(rows[rows % folds != k], rows[rows % folds == k]) for k in range(folds)]

        module = SimpleNamespace(thirds=thirds)
        monkeypatch.setitem(sys.modules, "auscultation.splits.protocols.thirds", module)
        table = cycles_of(30)
        train, test, summary = run(table, tmp_path, "thirds", {"folds": 3})
        for file, expected in ((train, 20), (test, 10)):
            assert file.num_row_groups == 3
            for fold in range(3):
                group = file.read_row_group(fold)
                assert group["fold"].to_pylist() == [fold] * expected
        tested = [c for fold in range(3) for c in test.read_row_group(fold)["cycle"].to_pylist()]
        assert sorted(tested) == table["cycle"].to_pylist()
        assert [entry["fold"] for entry in summary["folds"]] == [0, 1, 2]
        assert summary["settings"] == {"folds": 3}

    def test_compressed_with_zstd(self, tmp_path):
        train, _, _ = run(cycles_of(10), tmp_path, "half")
        assert train.metadata.row_group(0).column(0).compression == "ZSTD"
        assert train.schema_arrow.field("fold").metadata[b"description"]


class TestSummary:
    def test_counts(self, tmp_path):
        # 24 cycles: patients 101 and 102 with ten each, 103 with four; recordings of five.
        train, test, summary = run(cycles_of(24), tmp_path, "final")
        side = {
            "patients": 3,
            "recordings": 5,
            "cycles": 24,
            "classes": {"normal": 6, "crackles": 6, "wheezes": 6, "both": 6},
        }
        assert summary == {
            "protocol": "final",
            "settings": {},
            "folds": [
                {"fold": 0, "train": side, "test": side, "patients_on_both_sides": [101, 102, 103]}
            ],
        }

    def test_counts_of_a_half(self, tmp_path):
        table = cycles_of(24).set_column(3, "state", pa.array([0] * 23 + [2]))
        _, _, summary = run(table, tmp_path, "half", {"seed": 1})
        order = shuffle(np.arange(24), random_state=1)
        for name, rows in (("train", order[:12]), ("test", order[12:])):
            side = summary["folds"][0][name]
            assert side["patients"] == len(set(rows // 10))
            assert side["recordings"] == len(set(rows // 5))
            assert side["cycles"] == 12
            wheezes = int(23 in rows)
            expected = {"normal": 12 - wheezes, "crackles": 0, "wheezes": wheezes, "both": 0}
            assert side["classes"] == expected
        shared = set(order[:12] // 10) & set(order[12:] // 10)
        both = summary["folds"][0]["patients_on_both_sides"]
        assert both == sorted(101 + patient for patient in shared)

    def test_text_ids(self, tmp_path):
        names = pa.array([f"P{i}" for i in range(12)])
        table = cycles_of(12).set_column(1, "patient_ID", names)
        _, _, summary = run(table, tmp_path, "half")
        assert summary["folds"][0]["patients_on_both_sides"] == []
        assert summary["folds"][0]["train"]["patients"] == 6


class TestSmall:
    def test_ten_rows(self, tmp_path):
        for protocol, sizes in (("half", (5, 5)), ("holdout", (7, 3)), ("final", (10, 10))):
            train, test, summary = run(cycles_of(10), tmp_path, protocol)
            assert (train.metadata.num_rows, test.metadata.num_rows) == sizes
            fold = summary["folds"][0]
            assert (fold["train"]["cycles"], fold["test"]["cycles"]) == sizes

    @pytest.mark.parametrize("protocol", ["half", "holdout"])
    def test_one_cycle_is_too_few(self, tmp_path, protocol):
        with pytest.raises(InputError, match="'mine'.*all cycles have the same state, 0"):
            run(cycles_of(1), tmp_path, protocol)
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("protocol", "settings", "said"),
        [
            ("patient", {"folds": 2, "repeats": 1, "seed": 0}, "folds: 2 .* patients"),
            ("recording", {"folds": 2, "repeats": 1, "seed": 0}, "folds: 2 .* recordings"),
            ("shuffled", {"folds": 5, "repeats": 1, "seed": 0}, "folds: 5 .* 4, .* cycles"),
            ("leave_group_out", {"column": "device"}, "one value only: D0"),
            ("published", {"list": "absent.txt", "aliases": {}}, "no such file: absent.txt"),
        ],
    )
    def test_what_a_protocol_refuses_names_the_split(self, tmp_path, protocol, settings, said):
        with pytest.raises(InputError, match=rf"split 'mine' \({protocol}\): .*{said}"):
            run(cycles_of(4), tmp_path, protocol, settings)
        assert not (tmp_path / "out").exists()

    def test_share_that_leaves_nothing_names_the_split(self, tmp_path):
        with pytest.raises(InputError, match=r"split 'mine' \(holdout\): .*test_size"):
            run(cycles_of(10), tmp_path, "holdout", {"seed": 0, "test_size": 1.5})
        assert not (tmp_path / "out").exists()

    def test_no_cycle_to_test_with(self):
        fold = (np.arange(3), np.array([], dtype=np.int64))
        with pytest.raises(ValueError, match=r"fold 0 has no cycle to test with.*\(3\)"):
            split.check_sides([fold], 3)
