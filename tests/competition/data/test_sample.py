import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from support import ROOT, run_python

from competition.data.edition import Block, Edition, Files
from competition.data.edition_file import built_in_editions, load_edition
from competition.data.loading import load_dataset
from competition.data.sample import Sample, _five_digits, generate_sample, sample_dataset, write_sample
from competition.errors import DataError
from competition.models.base.scaling import fit_scaler
from competition.scoring.metrics import accuracy, board_log_loss

REAL_COUNTS = [2178, 618, 326, 260, 253, 214, 195, 141, 92, 86]
SHAPE = ("mean", "variance", "skewness", "kurtosis", "median", "min", "max")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate_sample(load_edition("mlbp-2018"))


@pytest.fixture(scope="module")
def features(sample: Sample) -> np.ndarray:
    """All rows, those to train on first."""
    return np.concatenate([sample.dataset.features, sample.dataset.test_features])


@pytest.fixture(scope="module")
def silent(sample: Sample, features: np.ndarray) -> np.ndarray:
    """The rows of `features` in which no band's variance is above 0."""
    return np.flatnonzero((statistic(sample.dataset.edition, features, "rhythm", "variance") == 0).all(axis=1))


def statistic(edition: Edition, features: np.ndarray, block_name: str, name: str) -> np.ndarray:
    block = next(block for block in edition.blocks if block.name == block_name)
    return block.sequence(features)[:, :, block.statistics.index(name)]


def make_edition(genres: int, *blocks: tuple[str, int, tuple[str, ...]]) -> Edition:
    names, placed, first = tuple(f"genre {number}" for number in range(genres)), [], 0
    for name, bands, statistics in blocks:
        placed.append(Block(name, first, bands, statistics))
        first = placed[-1].stop
    return Edition("made", "Made up", names, names[0], Files("x.csv", "y.csv", "z.csv"), tuple(placed))


def test_the_sample_has_the_real_competitions_size(sample: Sample):
    dataset = sample.dataset
    assert dataset.features.shape == (4363, 264)
    assert dataset.test_features.shape == (6544, 264)
    assert dataset.features.dtype == dataset.test_features.dtype == np.float32
    assert dataset.targets.shape == (4363,)
    assert sample.test_targets.shape == (6544,)
    assert dataset.targets.dtype == sample.test_targets.dtype == np.int64
    assert np.isfinite(dataset.features).all() and np.isfinite(dataset.test_features).all()
    assert dataset.source == "the embedded sample competition"


def test_the_same_arguments_give_the_same_numbers(sample: Sample):
    edition = sample.dataset.edition
    again = generate_sample(edition)
    assert again.dataset.fingerprint == sample.dataset.fingerprint
    np.testing.assert_array_equal(again.test_targets, sample.test_targets)
    small = [sample_dataset(edition, training_rows=40, test_rows=20, seed=seed).fingerprint for seed in (1, 1, 2)]
    assert small[0] == small[1] != small[2]


@pytest.mark.process
@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_gives_the_same_numbers(sample: Sample, threads: str):
    code = (
        "from competition.data.edition_file import load_edition; from competition.data.sample import sample_dataset; "
        'print(sample_dataset(load_edition("mlbp-2018")).fingerprint)'
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
    said = run_python("-c", code, env=environment, check=True)
    assert said.stdout.strip() == sample.dataset.fingerprint


def test_training_rows_of_the_first_genre_come_first_and_the_others_are_shuffled(sample: Sample):
    targets, first = sample.dataset.targets, sample.dataset.counts[0]
    assert (targets[:first] == 0).all()
    assert (targets[first:] > 0).all()
    assert set(targets[first : first + 200]) == set(targets[-200:]) == set(range(1, 10))


def test_genres_are_as_unequal_as_the_real_ones(sample: Sample):
    counts = sample.dataset.counts
    np.testing.assert_allclose(counts, REAL_COUNTS, atol=50)
    assert (np.diff(counts) < 0).all()


def test_test_rows_have_the_same_shares_in_random_order(sample: Sample):
    targets = sample.test_targets
    np.testing.assert_allclose(np.bincount(targets) / 6544, sample.dataset.counts / 4363, atol=0.001)
    assert abs((targets[:3272] == 0).mean() - (targets[3272:] == 0).mean()) < 0.05


def test_four_columns_are_constant_and_no_others(sample: Sample, features: np.ndarray):
    for rows in (features, sample.dataset.features, sample.dataset.test_features):
        assert np.flatnonzero(np.ptp(rows, axis=0) == 0).tolist() == [216, 217, 218, 219]
    assert (features[:, 216:220] == 1e6).all()


def test_four_test_songs_are_silent(sample: Sample, features: np.ndarray, silent: np.ndarray):
    edition = sample.dataset.edition
    assert len(silent) == 4
    assert silent.min() >= 4363
    songs = features[silent]
    assert set(statistic(edition, songs, "rhythm", "skewness").ravel()) == {-1000, 1000}
    assert (statistic(edition, songs, "rhythm", "kurtosis") == 1000).all()
    for name in ("mean", "median", "min", "max"):
        assert (statistic(edition, songs, "rhythm", name) == np.float32(1.066)).all()
    for block in edition.blocks:
        assert (statistic(edition, songs, block.name, "variance") == 0).all()
        lowest = statistic(edition, songs, block.name, "min")
        assert (lowest == statistic(edition, features, block.name, "min").min()).all()
        assert (lowest == statistic(edition, songs, block.name, "max")).all()


@pytest.mark.parametrize("block", ["rhythm", "chroma", "mfcc"])
def test_statistics_are_in_order(sample: Sample, features: np.ndarray, block: str):
    edition = sample.dataset.edition
    low, mean, high = (statistic(edition, features, block, name) for name in ("min", "mean", "max"))
    if block == "mfcc":  # whose first means are the constant columns
        low, mean, high = low[:, 4:], mean[:, 4:], high[:, 4:]
    assert (low <= mean).all() and (mean <= high).all()
    assert (low < mean).mean() > 0.9 and (mean < high).mean() > 0.9
    assert (statistic(edition, features, block, "variance") >= 0).all()


def test_medians_are_in_order(sample: Sample, features: np.ndarray):
    low, median, high = (
        statistic(sample.dataset.edition, features, "rhythm", name) for name in ("min", "median", "max")
    )
    assert (low <= median).all() and (median <= high).all()
    assert (low < median).mean() > 0.9 and (median < high).mean() > 0.9


def test_kurtosis_has_a_few_far_outliers(sample: Sample, features: np.ndarray):
    kurtosis = statistic(sample.dataset.edition, features, "rhythm", "kurtosis")
    assert 2e5 < kurtosis.max() < 8e5
    assert 2 <= (kurtosis > 1e5).sum() <= 50
    assert 3000 < np.median(kurtosis) < 6000
    assert kurtosis.min() >= 1000


def test_chroma_maxima_are_mostly_one(sample: Sample, features: np.ndarray):
    maxima = statistic(sample.dataset.edition, features, "chroma", "max")
    is_one = (maxima == 1).mean(axis=0)
    assert maxima.max() == 1
    assert is_one.min() > 0.95 and is_one.max() < 1
    assert is_one.mean() == pytest.approx(0.98, abs=0.015)


@pytest.mark.parametrize(("name", "floor"), [*((name, 1.066) for name in SHAPE if name[0] == "m"), ("variance", 0)])
def test_the_last_band_is_mostly_on_its_floor(sample: Sample, features: np.ndarray, name: str, floor: float):
    on_floor = (statistic(sample.dataset.edition, features, "rhythm", name) == np.float32(floor)).mean(axis=0)
    assert on_floor[-1] == pytest.approx(0.75, abs=0.02)
    assert on_floor[:-1].max() < 0.05


def test_five_digits_are_those_of_the_text():
    generator = np.random.default_rng(5)
    values = generator.normal(size=5000) * 10.0 ** generator.integers(-9, 10, size=5000)
    values = np.concatenate([values, [0, 1, -1, 0.1, 99999.9, 999995, 9.99999e-5, 1e6, 1e-5, 123456.7]])
    expected = np.array([float(f"{value:.5g}") for value in values])
    np.testing.assert_array_equal(_five_digits(values), expected)


@pytest.mark.parametrize("name", built_in_editions())
def test_a_written_sample_is_read_back(tmp_path: Path, name: str):
    edition = load_edition(name)
    dataset = sample_dataset(edition, training_rows=400, test_rows=300)
    paths = write_sample(dataset, tmp_path / "new" / "folder")
    assert paths == [tmp_path / "new" / "folder" / f for f in ("train_data.csv", "train_labels.csv", "test_data.csv")]
    loaded = load_dataset(tmp_path / "new" / "folder", edition)
    assert loaded.fingerprint == dataset.fingerprint


def test_files_look_like_the_real_ones(tmp_path: Path):
    dataset = sample_dataset(load_edition("mlbp-2018"), training_rows=400, test_rows=300)
    train, labels, test = (path.read_bytes().decode() for path in write_sample(dataset, tmp_path))
    assert labels == "".join(f"{target + 1}\n" for target in dataset.targets)
    for text, rows in ((train, 400), (test, 300)):
        assert "\r" not in text and " " not in text
        assert text.count("\n") == rows and text.endswith("\n")
        cells = text.splitlines()[0].split(",")
        assert len(cells) == 264
        assert cells[216:220] == ["1e+06"] * 4
        assert cells == [f"{float(cell):.5g}" for cell in cells]


@pytest.mark.training
def test_the_sample_is_about_as_hard_as_the_real_competition(sample: Sample):
    dataset = sample.dataset
    scaler = fit_scaler(dataset.features)
    model = LogisticRegression(C=0.015, tol=0.01).fit(scaler.transform(dataset.features), dataset.targets)
    probabilities = model.predict_proba(scaler.transform(dataset.test_features))
    scored = accuracy(sample.test_targets, probabilities.argmax(axis=1))
    assert 0.6 < scored < 0.7
    assert scored > accuracy(sample.test_targets, np.zeros(6544)) + 0.1
    assert 0.16 < board_log_loss(sample.test_targets, probabilities) < 0.18


UNKNOWN = ("mean of mean", "deviation of mean")
LAYOUTS = {
    "two genres, 20 columns": make_edition(2, ("mfcc", 5, ("mean", "variance", "min", "max"))),
    "blocks of one band": make_edition(3, ("rhythm", 1, SHAPE), ("chroma", 1, ("max", "mean")), ("mfcc", 1, ("min",))),
    "unknown statistics": make_edition(9, ("rhythm", 4, SHAPE), ("chroma", 12, UNKNOWN), ("mfcc", 12, UNKNOWN)),
    "unknown blocks": make_edition(4, ("colour", 3, ("median", "max")), ("weight", 30, UNKNOWN)),
    "2000 columns": make_edition(40, ("mfcc", 200, UNKNOWN), ("rhythm", 200, SHAPE), ("chroma", 100, UNKNOWN)),
}


@pytest.mark.parametrize(
    ("layout", "constant"), [*zip(LAYOUTS, ([0, 1], [], [52, 53, 54, 55], [6, 7, 8, 9], [0, 1, 2, 3]), strict=True)]
)
def test_any_layout_can_be_generated(layout: str, constant: list[int], tmp_path: Path):
    edition = LAYOUTS[layout]
    dataset = sample_dataset(edition, training_rows=250, test_rows=150)
    assert dataset.features.shape == (250, edition.columns)
    assert dataset.test_features.shape == (150, edition.columns)
    assert dataset.counts.sum() == 250 and dataset.counts.min() >= 2
    assert np.flatnonzero((dataset.features == 1e6).all(axis=0)).tolist() == constant
    varies = np.ptp(dataset.features, axis=0) > 0
    assert all(varies[block.columns].any() for block in edition.blocks)
    write_sample(dataset, tmp_path)
    assert load_dataset(tmp_path, edition).fingerprint == dataset.fingerprint


def test_a_blocks_only_band_is_heard():
    features = sample_dataset(LAYOUTS["blocks of one band"]).features
    assert (features[:, 0] > 1.066).mean() > 0.9


def test_unknown_statistics_tell_genres_apart():
    edition = LAYOUTS["unknown statistics"]
    dataset = sample_dataset(edition)
    first = dataset.targets == 0
    unknown = fit_scaler(dataset.features).transform(dataset.features)[:, edition.blocks[1].first :]
    gaps = np.abs(unknown[first].mean(axis=0) - unknown[~first].mean(axis=0))
    assert (gaps > 0.1).mean() > 0.5  # three standard errors; 0.001 of the columns would do so by chance


@pytest.mark.parametrize(("rows", "counts"), [(6, [2, 2, 2]), (10, [4, 3, 3]), (13, [6, 4, 3])])
def test_rows_left_over_go_to_the_largest_remainders(rows: int, counts: list[int]):
    edition = make_edition(3, ("mfcc", 3, ("mean",)))
    assert sample_dataset(edition, training_rows=rows, test_rows=1).counts.tolist() == counts


def test_the_rarest_of_many_genres_still_has_two_songs():
    edition = make_edition(50, ("mfcc", 3, ("mean",)))
    assert sample_dataset(edition, training_rows=100, test_rows=1).counts.tolist() == [2] * 50
    assert sample_dataset(edition, training_rows=120, test_rows=1).counts.min() == 2


@pytest.mark.parametrize(("training_rows", "test_rows"), [(19, 100), (100, 0), (-1, 100)])
def test_too_few_rows_are_refused(training_rows: int, test_rows: int):
    rows = f"{training_rows} training rows and {test_rows} test rows asked for; expected at least 20 training rows"
    with pytest.raises(DataError, match=rows):
        sample_dataset(load_edition("mlbp-2018"), training_rows=training_rows, test_rows=test_rows)
