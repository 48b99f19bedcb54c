"""Train and test by a list of recordings: small lists, good and wrong, and names that differ."""

import pickle

import numpy as np
import pytest
from lib.protocols import published, read_list


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
            ("recording side\n" + GOOD, "line 1: .*'recording side"),
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
            read_list(str(tmp_path / "absent.txt"))

    def test_recording_that_the_workbook_lacks(self, write_list):
        path = write_list(self.GOOD + "104_1b1_Al_sc_Meditron\ttrain\n")
        with pytest.raises(ValueError) as caught:
            published(self.CYCLES, list=path)
        said = str(caught.value)
        assert "104_1b1_Al_sc_Meditron is in the list but not in the workbook" in said
        assert "nearest: 101_1b1_Al_sc_Meditron" in said and "aliases" in said
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
        assert pickle.loads(pickle.dumps(published.__kwdefaults__)) == {"aliases": {}}
