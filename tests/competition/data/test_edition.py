from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import EDITION_TEXT

from competition.data.edition import Block, Board, Edition, Roles
from competition.data.edition_file import built_in_editions, edition_text, load_edition, read_edition
from competition.data.formats.opening import open_files
from competition.errors import DataError, EditionError
from competition.inference.find import find_edition


def test_built_in_editions_describe_the_same_264_columns_in_two_layouts():
    assert built_in_editions() == ("mlbp-2017", "mlbp-2018")
    old, new = load_edition("mlbp-2017"), load_edition("mlbp-2018")
    assert old.columns == new.columns == 264
    assert old.genres == new.genres
    assert [(b.name, b.first, b.stop) for b in new.blocks] == [
        ("rhythm", 0, 168),
        ("chroma", 168, 216),
        ("mfcc", 216, 264),
    ]
    assert [(b.name, b.first, b.stop) for b in old.blocks] == [("mfcc", 0, 48), ("chroma", 48, 96), ("rhythm", 96, 264)]
    by_name = {block.name: block.statistics for block in old.blocks}
    assert by_name == {block.name: block.statistics for block in new.blocks}


def test_a_sequence_puts_band_b_of_statistic_s_at_its_column():
    block = Block("x", first=2, bands=3, statistics=("mean", "max"))
    features = np.arange(20.0).reshape(2, 10)
    sequence = block.sequence(features)
    assert sequence.shape == (2, 3, 2)
    for row in range(2):
        for band in range(3):
            for statistic in range(2):
                assert sequence[row, band, statistic] == features[row, 2 + statistic * 3 + band]


def test_an_edition_file_is_read_whole(tmp_path: Path, edition: Edition):
    path = tmp_path / "edition.toml"
    path.write_text(EDITION_TEXT)
    assert read_edition(path) == edition
    assert edition.columns == 10
    assert edition.fallback_target == 1
    assert [edition.block_of(column).name for column in (0, 5, 6, 9)] == ["rhythm", "rhythm", "timbre", "timbre"]


def test_built_in_boards_are_the_classic_ones_and_are_written_by_their_slugs():
    found = load_edition("mlbp-2018")
    assert found.boards == {
        "accuracy": Board("accuracy", "mlbp-data-analysis-challenge-accuracy-2018"),
        "log_loss": Board("binary-log-loss", "mlbp-data-analysis-challenge-log-loss-2018"),
    }
    assert found.has_classic_boards
    assert found.boards_in_effect == tuple(found.boards.values())
    slugs = [f'{name} = "{board.slug}"' for name, board in found.boards.items()]
    assert "\n".join(["[boards]", *slugs]) in edition_text(found)


@pytest.mark.parametrize(
    ("text", "boards", "in_effect"),
    [
        ("", {}, ("accuracy", "binary-log-loss")),
        ('accuracy = "a"', {"accuracy": Board("accuracy", "a")}, ("accuracy", "binary-log-loss")),
        (
            'main = {slug = "s", file = "labels", metric = "macro-f1"}',
            {"main": Board("macro-f1", "s")},
            ("macro-f1", "binary-log-loss"),
        ),
        (
            'main = {metric = "log-loss"}\naccuracy = "a"\nother = {metric = "balanced-accuracy"}',
            {"main": Board("log-loss"), "accuracy": Board("accuracy", "a"), "other": Board("balanced-accuracy")},
            ("accuracy", "log-loss"),
        ),
        ('accuracy = {metric = "macro-f1"}', {"accuracy": Board("macro-f1")}, ("macro-f1", "binary-log-loss")),
    ],
)
def test_boards_are_read_in_both_forms_and_as_they_are_written(
    tmp_path: Path, text: str, boards: dict[str, Board], in_effect: tuple[str, str]
):
    path, again = tmp_path / "edition.toml", tmp_path / "again.toml"
    path.write_text(EDITION_TEXT.replace("[files]", f"[boards]\n{text}\n[files]"))
    found = read_edition(path)
    assert list(found.boards.items()) == list(boards.items())
    assert tuple(board.metric for board in found.boards_in_effect) == in_effect
    again.write_text(edition_text(found))
    assert list(read_edition(again).boards.items()) == list(boards.items())


def test_a_genre_is_found_by_name_or_label(edition: Edition):
    assert edition.target_of("Polka") == edition.target_of("3") == 2
    for wrong in ("0", "4", "polka", ""):
        with pytest.raises(EditionError, match="is not a genre of tiny; expected a label from 1 to 3 or one of Rock"):
            edition.target_of(wrong)


@given(st.sets(st.sampled_from(["Rock", "Jazz", "Polka"]), min_size=2))
def test_an_edition_of_some_genres_keeps_the_competitions_labels(edition: Edition, chosen: set[str]):
    some = edition.only(chosen)
    assert some.genres == tuple(genre for genre in edition.genres if genre in chosen)
    assert [edition.genres[label - 1] for label in some.labels] == list(some.genres)
    assert {*some.genres, *some.left_out} == set(edition.genres)
    assert some.whole == edition
    for genre, label in zip(some.genres, some.labels, strict=True):
        assert some.target_of(genre) == some.target_of(str(label)) == some.genres.index(genre)
    for genre in some.left_out:
        with pytest.raises(EditionError, match=f"{genre} is left out; expected one of the other genres"):
            some.target_of(genre)
        assert (some.fallback_target is None) == ("Jazz" not in chosen)


def test_an_edition_of_some_genres_is_read_as_it_is_written(edition: Edition, tmp_path: Path):
    path = tmp_path / "edition.toml"
    some = edition.only(["Rock", "Polka"])
    path.write_text(edition_text(some))
    assert read_edition(path) == some
    assert "all_genres" not in edition_text(edition)
    path.write_text(EDITION_TEXT.replace("[files]", 'all_genres = ["Ska", "Rock", "Jazz", "Polka"]\n[files]'))
    assert read_edition(path).labels == (2, 3, 4)
    path.write_text(EDITION_TEXT.replace("[files]", 'all_genres = ["Rock", "Polka"]\n[files]'))
    with pytest.raises(EditionError, match='genres: "Jazz" does not stand in all_genres; expected some of Rock, Polka'):
        read_edition(path)


def test_an_edition_is_looked_for_on_the_command_line_then_in_the_data_then_among_the_built_in(tmp_path: Path):
    (tmp_path / "edition.toml").write_text(EDITION_TEXT)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert find_edition("mlbp-2017", tmp_path).name == "mlbp-2017"
    assert find_edition(None, tmp_path).name == "tiny"
    with pytest.raises(DataError, match=r"empty: there is no table in it \(\.csv"):
        find_edition(None, empty)
    assert find_edition(None, None).name == "mlbp-2018"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("first = 6", "first = 7", 'block "timbre" has first = 7, expected 6 .from 0.: there is a gap'),
        ("first = 6", "first = 5", 'block "timbre" has first = 5, expected 6 .from 0.: there is an overlap'),
        ("first = 0", "first = 1", 'block "rhythm" has first = 1, expected 0 .from 0.: there is a gap'),
        ('fallback = "Jazz"', 'fallback = "Ska"', "'Ska' is no genre of this edition; expected one of Rock, Jazz"),
        ('title = "A', 'titel = "A', 'unknown key "titel"; did you mean "title"?'),
        ('train = "songs.csv"', 'train = "s.csv"\nzzz = "?"', r'\[files\]: unknown key "zzz"; expected only train'),
        ('test = "unknown.csv"', "", r'\[files\]: the key "test" is missing'),
        ('"songs.csv"', '"a/songs.csv"', r'train: "a/songs.csv" is no plain file name'),
        ('"songs.csv"', '"genres.csv"', r'train: "genres.csv" is named twice; expected different files'),
        ('name = "timbre"', 'name = "a/b"', "block 2, name: expected a name of letters, digits"),
        ('name = "tiny"', 'name = "../evil"', "name: expected a name of letters, digits"),
        ('"songs.csv"', '"edition.toml"', r'train: "edition.toml" is no plain file name'),
        ("bands = 3", "bands = 0", "block 1, bands: expected a whole number of at least 1, found 0"),
        ("bands = 3", "bands = true", "block 1, bands: expected a whole number of at least 1, found True"),
        ('["mean", "max"]', '["mean", "mean"]', '"mean" stands in the list 2 times'),
        ('name = "timbre"', 'name = "rhythm"', 'the blocks\' names: "rhythm" stands in the list 2 times'),
        ('["Rock", "Jazz", "Polka"]', '["Jazz"]', "genres: expected a list of at least 2"),
        ('["Rock", "Jazz", "Polka"]', '["Jazz", 2]', "genres: expected text, found 2"),
        ('name = "tiny"', "name = ", "is not valid TOML"),
        (
            "[files]",
            '[boards]\naccuracy = "a"\nlog-loss = "b"\n[files]',
            'unknown key "log-loss"; did you mean "log_loss"',
        ),
        ("[files]", '[boards.main]\nmetric = "f1"\n[files]', r"\[boards\] main metric: expected one of accuracy, bal"),
        ("[files]", '[boards.main]\nslug = "s"\n[files]', r'\[boards\] main: the key "metric" is missing'),
        ("[files]", '[boards.main]\nmetric = "log-loss"\nslug = 3\n[files]', "main slug: expected text, found 3"),
        (
            "[files]",
            '[boards.main]\nmetric = "macro-f1"\nfile = "probabilities"\n[files]',
            "main file: macro-f1 is a metric of labels, found 'probabilities'",
        ),
        ("[files]", '[boards."a/b"]\nmetric = "log-loss"\n[files]', "expected a name of letters, digits"),
    ],
)
def test_a_wrong_edition_file_is_met_by_a_sentence(tmp_path: Path, old: str, new: str, sentence: str):
    assert old in EDITION_TEXT
    path = tmp_path / "mine.toml"
    path.write_text(EDITION_TEXT.replace(old, new, 1))
    with pytest.raises(EditionError, match=sentence) as caught:
        read_edition(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_edition_names_the_ones_there_are(tmp_path: Path):
    with pytest.raises(EditionError, match="no such edition; expected mlbp-2017 or mlbp-2018"):
        load_edition(tmp_path / "none.toml")


DESCRIBED = """\
name = "mine"
title = "Mine"
genres = ["jazz", "rock"]
fallback = "rock"

[files]
train = "train.csv"

[columns]
id = "id"
label = "genre"
"""
HEADER = ("id", "genre", "tempo", "mfcc10_mean", "mfcc1_mean", "mfcc2_mean", "mfcc1_var", "mfcc2_var", "mfcc10_var")
BY_PATTERN = """
[[blocks]]
name = "mfcc"
columns = ["mfcc*_mean", "mfcc*_var"]
"""


def described(folder: Path, text: str) -> Edition:
    path = folder / "edition.toml"
    path.write_text(text)
    return read_edition(path, lambda files, roles: HEADER)


def test_without_blocks_all_columns_that_have_no_other_role_are_one(tmp_path: Path):
    edition = described(tmp_path, DESCRIBED)
    assert edition.roles is not None and edition.roles.features == HEADER[2:]
    assert [(block.name, block.bands, block.statistics) for block in edition.blocks] == [("features", 1, HEADER[2:])]


def test_blocks_name_their_columns_by_patterns_in_the_order_of_their_numbers(tmp_path: Path):
    edition = described(tmp_path, DESCRIBED + BY_PATTERN)
    bands = [f"mfcc{band}_{statistic}" for statistic in ("mean", "var") for band in (1, 2, 10)]
    assert edition.roles is not None and edition.roles.features == (*bands, "tempo")
    assert [(block.name, block.bands) for block in edition.blocks] == [("mfcc", 3), ("rest", 1)]


def test_what_is_left_out_is_in_no_block(tmp_path: Path):
    edition = described(tmp_path, DESCRIBED + 'leave_out = ["tempo", "mfcc2_mean", "mfcc2_var"]\n' + BY_PATTERN)
    assert [(block.name, block.bands) for block in edition.blocks] == [("mfcc", 2)]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            'leave_out = ["mfcc2_mean"]\n' + BY_PATTERN,
            r"numbers of columns: mfcc\*_mean \(2\), mfcc\*_var \(3\)",
        ),
        ('features = ["tempo"]\nleave_out = ["tempo"]\n', r'"tempo" stands in features, too; take it out of one'),
        ('features = ["beat*"]\n', r'no column is named like "beat\*"; the first ones are id, genre'),
        ('group_pattern = "("\n', "is no regular expression"),
        ('group_pattern = "a"\n', "has no group; put what names the song between"),
        ('missing = "mean"\n', "expected one of refuse, median, found 'mean'"),
        ('[submission]\nlabels = "names"\nfirst_label = 0\n', "first_label has no effect"),
        ('[submission.classes]\nJazz = "jazz"\n', "expected every genre once"),
    ],
)
def test_descriptions_that_contradict_themselves_are_refused(tmp_path: Path, more: str, sentence: str):
    with pytest.raises(EditionError, match=sentence):
        described(tmp_path, DESCRIBED + more)


def test_columns_are_called_by_their_names_else_by_their_numbers_from_1_in_the_file(edition: Edition):
    assert edition.column_names == ()
    assert edition.column_titles == tuple(map(str, range(1, 11)))
    roles = Roles(features=tuple(map(str, range(2, 12))), id="1", header=False)
    numbered = replace(edition, roles=roles)
    assert (numbered.column_names, numbered.column_titles) == ((), roles.features)
    named = replace(edition, roles=replace(roles, features=tuple("abcdefghij"), header=None))
    assert named.column_titles == named.column_names == tuple("abcdefghij")


def test_rows_of_one_song_make_one_line(tmp_path: Path):
    text = edition_text(load_edition("mlbp-2018")).replace("[files]", '[files]\ntest_groups = "test_groups.csv"')
    (tmp_path / "edition.toml").write_text(text)
    edition = load_edition(tmp_path / "edition.toml")
    (tmp_path / "test_data.csv").write_text(
        ",".join(["1"] * 264 + [""])[:-1] + "\n" + (",".join(["2"] * 264) + "\n") * 3
    )
    (tmp_path / "test_groups.csv").write_text("b\na\nb\nc\n")
    ids, places = open_files(tmp_path, edition).test_entries() or ((), None)
    assert ids == ("1", "2", "3")
    assert np.array_equal(places, [0, 1, 0, 2])
    (tmp_path / "test_groups.csv").write_text("b\na\nb\n")
    with pytest.raises(DataError, match=r"test_groups\.csv: 3 ids for the 4 rows of test_data\.csv"):
        open_files(tmp_path, edition).test_entries()


def test_groups_of_test_rows_are_for_plain_files(tmp_path: Path):
    path = tmp_path / "edition.toml"
    path.write_text(
        'name = "a"\ntitle = "A"\ngenres = ["x", "y"]\nfallback = "x"\n'
        '[files]\ntrain = "t.csv"\ntest_groups = "g.csv"\n[columns]\nfeatures = ["f"]\nlabel = "l"\n'
    )
    with pytest.raises(EditionError, match="test_groups: has no effect with"):
        load_edition(path)
