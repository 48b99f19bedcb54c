"""Train and test by a list of recordings or patients: good and wrong ones, and names that differ."""

import pickle

import numpy as np
import pytest

from auscultation.splits.protocols.listed_folds import listed_folds
from auscultation.splits.protocols.published import published


def recordings(*names, cycles_each=2):
    names = np.repeat(names, cycles_each)
    patients = np.array([name.split("_")[0] for name in names])
    return {"cycle": np.arange(len(names)), "recording": names, "patient_ID": patients}


@pytest.fixture
def write_list(tmp_path):
    def write(text, encoding="utf-8"):
        (tmp_path / "list.txt").write_text(text, encoding=encoding)
        return str(tmp_path / "list.txt")

    return write


class TestPublished:
    CYCLES = recordings(
        "101_1b1_Al_sc_Meditron", "102_1b1_Ar_sc_AKGC417L", "103_2b2_Tc_mc_Litt3200"
    )
    GOOD = (
        "101_1b1_Al_sc_Meditron\ttrain\n"
        "102_1b1_Ar_sc_AKGC417L\ttest\n"
        "103_2b2_Tc_mc_Litt3200\ttrain\n"
    )

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: text,
            lambda text: text.replace("\t", ","),
            lambda text: text.replace("\t", " , "),
            lambda text: text.replace("\t", "   "),
            lambda text: "\n  \n" + text.replace("\n", "\n\n"),
            lambda text: text.replace("\n", "\r\n"),
            lambda text: text.rstrip("\n"),
            lambda text: text.replace("train", "Train").replace("test", "TEST"),
            lambda text: "".join(reversed(text.splitlines(keepends=True))),
            lambda text: "\ufeff" + text,
        ],
    )
    def test_small_lists(self, write_list, change):
        ((train, test),) = published(self.CYCLES, list=write_list(change(self.GOOD)))
        assert train.tolist() == [0, 1, 4, 5]
        assert test.tolist() == [2, 3]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a recording side\n" + GOOD, "line 1: .*'a recording side"),
            ("recording side\nname part\n" + GOOD, "line 1: .*'recording side"),
            ("recording side\n", "line 1: .*'recording side"),
            ("\n \n", "list.txt: the list is empty"),
            ("101_1b1_Al_sc_Meditron 0\n102_1b1_Ar_sc_AKGC417L 1\n", "line 1: .*`listed_folds`"),
            (GOOD.replace("test", "validate"), "line 2: .*validate"),
            (GOOD + "104_1b1_Al_sc_Meditron\n", "line 4: .*104_1b1_Al_sc_Meditron"),
            (GOOD + "\n104_1b1_Al_sc_Meditron train 3\n", "line 5: "),
            (
                GOOD + "101_1b1_Al_sc_Meditron\ttest\n",
                "line 4: 101_1b1_Al_sc_Meditron stands twice",
            ),
            (GOOD + "101_1b1_Al_sc_Meditron\ttrain\n", "line 4: .* twice"),
        ],
    )
    def test_lines_that_are_wrong(self, write_list, text, said):
        with pytest.raises(ValueError, match=said):
            published(self.CYCLES, list=write_list(text))

    def test_no_such_file(self, tmp_path):
        with pytest.raises(ValueError, match="no such file: .*absent.txt"):
            published(self.CYCLES, list=str(tmp_path / "absent.txt"))

    def test_recording_that_the_workbook_lacks(self, write_list):
        path = write_list(self.GOOD + "104_1b1_Al_sc_Meditron\ttrain\n")
        with pytest.raises(ValueError) as caught:
            published(self.CYCLES, list=path)
        said = str(caught.value)
        assert "104_1b1_Al_sc_Meditron is in the list but not in the workbook" in said
        assert "nearest: 101_1b1_Al_sc_Meditron" in said
        assert said.endswith("Write beside `list`: `ignore: [104_1b1_Al_sc_Meditron]`")
        assert "in the workbook but not in the list" not in said

    def test_recording_that_the_list_lacks(self, write_list):
        cycles = recordings(*np.unique(self.CYCLES["recording"]), "103_2b2_Tc_mc_Litt32000")
        with pytest.raises(ValueError) as caught:
            published(cycles, list=write_list(self.GOOD))
        said = str(caught.value)
        assert "103_2b2_Tc_mc_Litt32000 is in the workbook but not in the list" in said
        assert "nearest: 103_2b2_Tc_mc_Litt3200" in said

    def test_many_unmatched_are_counted(self, write_list):
        cycles = recordings(*(f"{n}_1b1_Al_sc_Meditron" for n in range(201, 220)))
        with pytest.raises(ValueError) as caught:
            published(cycles, list=write_list(self.GOOD))
        assert "and 14 more in the workbook but not in the list" in str(caught.value)

    def test_aliases(self, write_list):
        path = write_list(self.GOOD.replace("102_1b1", "102_1b2"))
        aliases = {"102_1b2_Ar_sc_AKGC417L": "102_1b1_Ar_sc_AKGC417L"}
        ((train, test),) = published(self.CYCLES, list=path, aliases=aliases)
        assert (train.tolist(), test.tolist()) == ([0, 1, 4, 5], [2, 3])
        assert aliases == {"102_1b2_Ar_sc_AKGC417L": "102_1b1_Ar_sc_AKGC417L"}
        with pytest.raises(ValueError, match="the list has no 109_x"):
            published(self.CYCLES, list=path, aliases=aliases | {"109_x": "102_1b1_Ar_sc_AKGC417L"})
        with pytest.raises(ValueError, match="109_x is in the list but not in the workbook"):
            published(self.CYCLES, list=path, aliases={"102_1b2_Ar_sc_AKGC417L": "109_x"})

    @pytest.mark.parametrize("second", ["101_1b1_Al_sc_Meditron", "103_2b2_Tc_mc_Litt3200"])
    def test_aliases_lose_no_line_of_the_list(self, write_list, second):
        # two lines, perhaps of different sides, for one recording
        with pytest.raises(ValueError, match=f"several names in the list would be {second}"):
            published(
                self.CYCLES,
                list=write_list(self.GOOD),
                aliases={"102_1b1_Ar_sc_AKGC417L": second},
            )

    def test_default_aliases_can_be_params_of_a_job(self):
        defaults = {"aliases": {}, "ignore": None}
        assert pickle.loads(pickle.dumps(published.__kwdefaults__)) == defaults

    def test_a_line_of_names_and_other_marks(self, write_list):
        for mark in ("\t", ",", ";", " "):
            text = f"recording{mark}part\n" + self.GOOD.replace("\t", mark)
            ((train, test),) = published(self.CYCLES, list=write_list(text))
            assert (train.tolist(), test.tolist()) == ([0, 1, 4, 5], [2, 3])

    def test_no_text(self, tmp_path):
        (tmp_path / "list.txt").write_bytes(b"PK\x03\x04\xff\xfe")
        with pytest.raises(ValueError, match="list.txt is no text in UTF-8"):
            published(self.CYCLES, list=str(tmp_path / "list.txt"))


class TestBothSpellings:
    """A list that has a recording twice, by two names, of which the workbook has one."""

    CYCLES = recordings("225_1b1_Pl_sc_Meditron", "226_1b1_Pl_sc_LittC2SE")
    LIST = (
        "225_1b1_Pl_sc_Meditron\ttest\n"
        "226_1b1_Pl_sc_Meditron\ttrain\n"
        "226_1b1_Pl_sc_LittC2SE\ttrain\n"
    )
    SURPLUS = "226_1b1_Pl_sc_Meditron"

    def said(self, path, **settings):
        with pytest.raises(ValueError) as caught:
            published(self.CYCLES, list=path, **settings)
        return str(caught.value)

    def test_the_one_that_is_surplus_is_left_out(self, write_list):
        """Fault 14: a list with both spellings is taken where the config names the one to leave out."""
        path = write_list(self.LIST)
        ((train, test),) = published(self.CYCLES, list=path, ignore=[self.SURPLUS])
        assert (train.tolist(), test.tolist()) == ([2, 3], [0, 1])

    def test_the_message_says_what_to_write(self, write_list):
        """Fault 14: what the refusal of such a list says to write is what makes it be taken."""
        path = write_list(self.LIST)
        write = "`ignore: [226_1b1_Pl_sc_Meditron]`"
        assert self.said(path).endswith(f"Write beside `list`: {write}")
        assert write in self.said(path, aliases={self.SURPLUS: "226_1b1_Pl_sc_LittC2SE"})

    def test_the_other_line_can_be_left_out(self, write_list):
        swapped = self.LIST.replace("LittC2SE\ttrain", "LittC2SE\ttest")
        settings = {
            "ignore": ["226_1b1_Pl_sc_LittC2SE"],
            "aliases": {self.SURPLUS: "226_1b1_Pl_sc_LittC2SE"},
        }
        ((train, test),) = published(self.CYCLES, list=write_list(swapped), **settings)
        assert (train.tolist(), test.tolist()) == ([2, 3], [0, 1])

    def test_what_cannot_be_left_out(self, write_list):
        path = write_list(self.LIST)
        said = self.said(path, ignore=["226_1b1_Pl_sc_Meditro"])
        assert said == f"ignore: the list has no 226_1b1_Pl_sc_Meditro (nearest: {self.SURPLUS})"
        said = self.said(path, ignore=[self.SURPLUS, "225_1b1_Pl_sc_Meditron"])
        assert said == "ignore: the workbook has 225_1b1_Pl_sc_Meditron"
        said = self.said(path, ignore=[self.SURPLUS], aliases={self.SURPLUS: "x"})
        assert said == f"{self.SURPLUS} is under both aliases and ignore"

    def test_names_that_look_the_same(self, write_list):
        cycles = recordings("Zo\u00eb 1", "P\u00a02")
        path = write_list("Zoe\u0308 1\ttrain\nP 2\u200b\ttest\n")
        ((train, test),) = published(cycles, list=path)
        assert (train.tolist(), test.tolist()) == ([0, 1], [2, 3])

    def test_the_challenges_list(self, icbhi_list, icbhi_list_of_921):
        """Fault 14: the challenge's list of 921 lines divides as that of 920 with its alias does."""
        # the workbook's recordings are those of the list, one of them spelt otherwise
        names = [line.split()[0] for line in icbhi_list.read_text(encoding="utf-8").splitlines()]
        ours = "226_1b1_Pl_sc_LittC2SE"
        cycles = recordings(*(ours if name == self.SURPLUS else name for name in names))
        ((train, test),) = published(cycles, list=str(icbhi_list), aliases={self.SURPLUS: ours})
        ((same, again),) = published(cycles, list=str(icbhi_list_of_921), ignore=[self.SURPLUS])
        assert train.tolist() == same.tolist() and test.tolist() == again.tolist()
        assert (len(train), len(test)) == (2 * 539, 2 * 381)  # recordings, as the challenge says


class TestListedFolds:
    CYCLES = recordings("7_1b1_Al_sc_A", "8_1b1_Al_sc_B", "8_1b1_Ar_sc_B", "10_1b1_Al_sc_A")
    GOOD = "7 2\n8 0\n10 1\n"

    @pytest.mark.parametrize(
        "text",
        [GOOD, "patient fold\n" + GOOD, GOOD.replace(" ", ";"), '"7",2\n"8",0.0\n="10",1\n'],
    )
    def test_each_fold_is_tested_once(self, write_list, text):
        """Fault 14: folds published as `patient fold` are the folds."""
        folds = listed_folds(self.CYCLES, list=write_list(text))
        assert [test.tolist() for _, test in folds] == [[2, 3, 4, 5], [6, 7], [0, 1]]
        for train, test in folds:
            assert sorted([*train, *test]) == list(range(8))

    def test_ids_that_are_numbers(self, write_list):
        cycles = self.CYCLES | {"patient_ID": np.array([7, 7, 8, 8, 8, 8, 10, 10])}
        folds = listed_folds(cycles, list=write_list(self.GOOD), ignore=[], aliases={})
        assert [test.tolist() for _, test in folds] == [[2, 3, 4, 5], [6, 7], [0, 1]]

    def test_by_recording(self, write_list):
        path = write_list("7_1b1_Al_sc_A 1\n8_1b1_Al_sc_B 1\n8_1b1_Ar_sc_B 2\n10_1b1_Al_sc_A 2\n")
        folds = listed_folds(self.CYCLES, list=path, by="recording")
        assert [test.tolist() for _, test in folds] == [[0, 1, 2, 3], [4, 5, 6, 7]]
        with pytest.raises(ValueError, match="names recordings, not patients: .*`by: recording`"):
            listed_folds(self.CYCLES, list=path)
        with pytest.raises(ValueError, match="names patients, not recordings: .*`by: patient`"):
            listed_folds(self.CYCLES, list=write_list(self.GOOD), by="recording")

    def test_joined_and_left_out(self, write_list):
        path = write_list("P7 2\n8 0\n10 1\n11 1\n")
        folds = listed_folds(self.CYCLES, list=path, aliases={"P7": 7}, ignore=[11])
        assert [test.tolist() for _, test in folds] == [[2, 3, 4, 5], [6, 7], [0, 1]]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (GOOD + "9 one\n", "line 4: not a patient and the number of its fold: '9 one'"),
            (GOOD + "9 1.5\n", "line 4: "),
            (GOOD + "8 0\n", "line 4: 8 stands twice"),
            (GOOD + "101 3\n", r"101 is in the list but not in the workbook .*ignore: \[101\]"),
            ("7 2\n8 0\n", "10 is in the workbook but not in the list.*Add what the list lacks"),
            ("7 1\n8 1\n10 1\n", "all are in fold 1; there must be two folds or more"),
            ("7 train\n8 test\n10 train\n", "line 1: .*`published` takes train and test"),
        ],
    )
    def test_wrong(self, write_list, text, said):
        with pytest.raises(ValueError, match=said):
            listed_folds(self.CYCLES, list=write_list(text))

    def test_the_published_folds(self, listed_patients):
        text = listed_patients.read_text(encoding="utf-8")
        lines = [line.split() for line in text.splitlines()]
        cycles = recordings(*(f"{name}_1b1_Al_sc_A" for name, _ in lines))
        folds = listed_folds(cycles, list=str(listed_patients))
        assert len(lines) == 126  # patients of the database
        assert sum(len(test) for _, test in folds) == 2 * 126
        for number, (train, test) in enumerate(folds):
            expected = {name for name, fold in lines if int(fold) == number}
            assert set(cycles["patient_ID"][test].tolist()) == expected
            assert not expected & set(cycles["patient_ID"][train].tolist())
