"""The edition of a folder: asked for, there, built in, or what the files show."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.data.edition_file import load_edition
from competition.data.sample import sample_dataset, write_sample
from competition.errors import DataError, KitWarning
from competition.inference.find import find_edition


def written(folder: Path, name: str) -> Path:
    write_sample(sample_dataset(load_edition(name), training_rows=60, test_rows=20), folder)
    return folder


def test_the_default_edition_is_recognised_by_its_files_without_a_word(tmp_path: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_edition(None, written(tmp_path, "mlbp-2018")).name == "mlbp-2018"


def test_files_of_2017_are_recognised_by_the_order_of_their_columns_and_that_is_said(tmp_path: Path):
    folder = written(tmp_path, "mlbp-2017")
    with pytest.warns(KitWarning, match=r"its columns are in the order of mlbp-2017 \(mfcc, chroma, rhythm\)"):
        assert find_edition(None, folder).name == "mlbp-2017"
    assert find_edition("mlbp-2018", folder).name == "mlbp-2018"  # as asked


@pytest.mark.parametrize("more", [-2, 1, 2])
def test_a_few_columns_more_or_less_are_a_built_in_editions_with_a_mistake(tmp_path: Path, more: int):
    folder = written(tmp_path, "mlbp-2018")
    table = pd.read_csv(folder / "train_data.csv", header=None)
    table = table.iloc[:, :more] if more < 0 else pd.concat([table, *[table.iloc[:, :1]] * more], axis=1)
    table.to_csv(folder / "train_data.csv", header=False, index=False)
    assert find_edition(None, folder).name == "mlbp-2018"


def test_files_of_the_same_names_with_other_columns_are_looked_at(tmp_path: Path):
    rng = np.random.default_rng(1)
    np.savetxt(tmp_path / "train_data.csv", rng.normal(size=(40, 7)), fmt="%.5g", delimiter=",")
    np.savetxt(tmp_path / "test_data.csv", rng.normal(size=(9, 7)), fmt="%.5g", delimiter=",")
    np.savetxt(tmp_path / "train_labels.csv", np.resize([1, 2], 40), fmt="%d")
    with pytest.warns(KitWarning, match=r"has no edition\.toml; its files are taken for this"):
        edition = find_edition(None, tmp_path)
    assert edition.columns == 7
    assert edition.genres == ("1", "2")


def test_an_edition_one_folder_down_is_found(tmp_path: Path):
    folder = written(tmp_path / "download", "mlbp-2018")
    text = (Path(load_edition.__code__.co_filename).parent / "editions" / "mlbp-2018.toml").read_text()
    (folder / "edition.toml").write_text(text.replace('name = "mlbp-2018"', 'name = "mine"'))
    assert find_edition(None, tmp_path).name == "mine"


def test_a_folder_without_tables_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="there is no table in it"):
        find_edition(None, tmp_path)
