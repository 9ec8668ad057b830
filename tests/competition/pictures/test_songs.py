"""What the pictures must show: every assertion reads the drawn artists, not the code that drew them."""

from collections import namedtuple
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from support import run_python

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.errors import RunError
from competition.models.base.crossfit import CrossFit
from competition.models.base.scaling import fit_scaler
from competition.models.ensemble_training import Trained
from competition.models.ensembles import Model
from competition.models.networks.recipe import Recipe
from competition.pictures import confusion, genres, learning, songs, style
from genre_kit.reports.page.pictures import draw_curves

# Not competition.models.networks.engine's own, whose import loads TensorFlow.
Epoch = namedtuple("Epoch", "fold epoch training_loss held_out_loss")

GENRES = ("Pop_Rock", "Ca$h $lang", "Jazz")
RHYTHM = Block("rhythm", first=0, bands=4, statistics=("mean", "max"))
TIMBRE = Block("timbre", first=8, bands=4, statistics=("mean", "deviation of deviation", "max"))


def make_dataset(genres=GENRES, blocks=(RHYTHM, TIMBRE), rows=12):
    rng = np.random.default_rng(3)
    edition = Edition("tiny", "Tiny", tuple(genres), genres[0], Files("a", "b", "c"), tuple(blocks))
    features = rng.normal(size=(rows, edition.columns)).astype(np.float32)
    features[:, -1] = 1e6
    return Dataset(edition, features, np.arange(rows) % len(genres), None, "nowhere")


@pytest.fixture
def dataset():
    return make_dataset()


def panels(figure):
    """The figure's axes as lines of a left and a right panel."""
    return np.reshape(figure.axes, (-1, 2))


def drawn(axes):
    """The columns, from 0, and values of a panel's data, in order of column; it is drawn counted from 1."""
    lines = [line for line in axes.lines if line.get_marker() == "."]
    columns, values = np.concatenate([line.get_xydata() for line in lines]).T
    assert len(set(columns)) == len(columns)
    order = np.argsort(columns)
    return columns[order].astype(int) - 1, values[order]


def marked(axes):
    """The names above a panel, and the first and last column of each shaded part."""
    names = [label.get_text().replace("\n", " ") for label in axes.child_axes[0].get_xticklabels()]
    spans = [(patch.get_x() - 0.5, patch.get_x() + patch.get_width() - 1.5) for patch in axes.patches]
    return dict(zip(names, spans, strict=True))


def colours(axes):
    """The colour of each drawn column."""
    lines = [line for line in axes.lines if line.get_marker() == "."]
    return {int(column) - 1: to_rgb(line.get_color()) for line in lines for column in line.get_xdata()}


def curves(axes):
    """The mean curve and the folds' curves, by name of the loss."""
    thick = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    thin = [line for line in axes.lines if line.get_label().startswith("_")]
    return {
        name: (mean, [line for line in thin if line.get_color() == mean.get_color()]) for name, mean in thick.items()
    }


def history(folds=3, epochs=4):
    rng = np.random.default_rng(5)
    return [Epoch(fold, epoch, *rng.random(2)) for fold in range(folds) for epoch in range(1, epochs + 1)]


def test_bars_are_as_long_as_the_counts_with_the_first_label_on_top():
    axes = genres.genre_distribution(GENRES, np.array([6, 0, 2])).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [6, 0, 2]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1 Pop_Rock", "2 Ca$h $lang", "3 Jazz"]
    heights = [axes.transData.transform((0, tick))[1] for tick in axes.get_yticks()]
    assert heights == sorted(heights, reverse=True)


def test_bars_are_annotated_with_count_and_percent():
    axes = genres.genre_distribution(GENRES, np.array([6, 0, 2])).axes[0]
    assert [text.get_text() for text in axes.texts] == ["6 (75.0%)", "0 (0.0%)", "2 (25.0%)"]


def test_predicted_genres_are_compared_by_percent():
    axes = genres.genre_distribution(GENRES, np.array([6, 0, 2]), np.array([1, 1, 2])).axes[0]
    training, predicted = axes.containers
    assert [bar.get_width() for bar in training] == [75, 0, 25]
    assert [bar.get_width() for bar in predicted] == [25, 25, 50]
    assert [text.get_text() for text in axes.texts][3:] == ["1 (25.0%)", "1 (25.0%)", "2 (50.0%)"]
    assert training[0].get_facecolor() != predicted[0].get_facecolor()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "8 training songs",
        "4 test songs, predicted",
    ]


def test_no_song_at_all_is_no_division_by_zero():
    axes = genres.genre_distribution(GENRES, np.zeros(3, int), np.zeros(3, int)).axes[0]
    assert {text.get_text() for text in axes.texts} == {"0 (0.0%)"}


@pytest.mark.parametrize("rows", [[5], [0, 7, 11]])
def test_each_row_has_a_raw_and_a_standardized_panel(dataset, rows):
    lines = panels(songs.samples(dataset, rows))
    standardized = fit_scaler(dataset.features).transform(dataset.features)
    assert len(lines) == len(rows)
    for (left, right), row in zip(lines, rows, strict=True):
        assert left.get_title("left") == f"Song {row + 1}, {GENRES[row % 3]}"
        np.testing.assert_array_equal(drawn(left), [np.arange(20), dataset.features[row]])
        np.testing.assert_array_equal(drawn(right), [np.arange(20), standardized[row]])


def test_raw_values_are_not_crushed_by_a_constant_million(dataset):
    left, _ = panels(songs.samples(dataset, [0]))[0]
    heights = left.transAxes.inverted().transform(left.transData.transform(np.stack(drawn(left), axis=1)))[:, 1]
    assert heights.max() < 1
    assert np.ptp(heights[:-1]) > 0.1
    assert "symlog" in left.get_ylabel()


def test_all_columns_are_marked_by_block_and_coloured_alike(dataset):
    for axes in panels(songs.samples(dataset, [0]))[0]:
        assert marked(axes) == {"rhythm": (0, 7), "timbre": (8, 19)}
        by_column = colours(axes)
        assert len({by_column[column] for column in range(8)}) == 1
        assert len({by_column[column] for column in range(8, 20)}) == 1
        assert by_column[0] != by_column[8]


def test_a_block_page_shows_its_columns_alone_marked_by_statistic(dataset):
    whole, page = songs.samples(dataset, [0, 1]), songs.samples(dataset, [0, 1], TIMBRE)
    for axes in panels(page).flat:
        assert list(drawn(axes)[0]) == list(range(8, 20))
        assert axes.get_xlim() == (8.5, 20.5)
        assert axes.get_xlabel() in ("", "column, counted from 1")
        assert colours(axes)[8] == colours(whole.axes[0])[8]
    assert marked(page.axes[0]) == {"mean": (8, 11), "deviation of deviation": (12, 15), "max": (16, 19)}
    np.testing.assert_array_equal(drawn(page.axes[2])[1], dataset.features[1, 8:20])


def test_names_too_wide_for_their_blocks_are_turned_and_take_no_room_from_the_panels():
    names = [f"spectral_measure_{number}" for number in range(12)]
    dataset = make_dataset(blocks=[Block(name, first, 1, ("value",)) for first, name in enumerate(names)])
    figure = songs.samples(dataset, [0])
    labels = figure.axes[0].child_axes[0].get_xticklabels()
    assert [label.get_text() for label in labels] == names
    assert {label.get_rotation() for label in labels} == {90}
    assert panel_height(figure) > 0.9 * panel_height(songs.samples(make_dataset(), [0]))


def panel_height(figure):
    figure.draw_without_rendering()
    return figure.axes[0].bbox.height


@pytest.mark.parametrize("scale", [0, 1e-9, 1, 1e30])
@pytest.mark.parametrize("shift", [0, 0.19])
def test_raw_axis_has_ticks_whatever_the_scale(dataset, scale, shift):
    dataset.features[:] = dataset.features * np.float32(scale) + np.float32(shift)
    left, _ = panels(songs.samples(dataset, [0]))[0]
    low, high = left.get_ylim()
    assert 1 <= sum(low <= tick <= high for tick in left.get_yticks()) <= 9


def test_confusion_shows_the_counts():
    matrix = np.array([[5, 1, 0], [2, 30, 3], [0, 0, 4]])
    axes = confusion.confusion(GENRES, matrix, False).axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), matrix)
    assert {(text.get_position(), text.get_text()) for text in axes.texts} == {
        ((column, row), str(matrix[row, column])) for row in range(3) for column in range(3)
    }
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("true genre", "predicted genre")
    assert axes.yaxis_inverted()


def test_confusion_shares_leave_a_genre_without_songs_empty():
    figure = confusion.confusion(GENRES, np.array([[3, 1, 0], [0, 0, 0], [1, 0, 4]]), True)
    expected = [[0.75, 0.25, 0], [np.nan] * 3, [0.2, 0, 0.8]]
    shown = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(np.ma.filled(shown, np.nan), expected)
    assert [text.get_text() for text in figure.axes[0].texts][1:6] == ["0.25", "0.00", "-", "-", "-"]
    assert "share of each true genre" in figure.get_suptitle()


@pytest.mark.parametrize("normalized", [False, True])
def test_cell_texts_stand_out(normalized):
    axes = confusion.confusion(["g"] * 12, np.arange(144).reshape(12, 12) ** 2, normalized).axes[0]
    image = axes.images[0]
    cells = image.to_rgba(image.get_array())[..., :3]
    for text in axes.texts:
        column, row = text.get_position()
        assert contrast(cells[row, column], to_rgb(text.get_color())) >= 4.5


def contrast(*pair):
    """The contrast of two colours as the Web Content Accessibility Guidelines define it; they ask for 4.5."""
    linear = [np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) for rgb in np.array(pair)]
    dark, light = sorted(rgb @ (0.2126, 0.7152, 0.0722) for rgb in linear)
    return (light + 0.05) / (dark + 0.05)


def test_curves_are_drawn_once_a_recipe_of_the_first_of_its_models():
    def trained(name: str, epochs: int) -> Trained:
        recipe = Recipe(name=name, family="dense")
        return Trained(Model(recipe, 1), CrossFit(np.ones((2, 1, 2)), None, tuple(history(2, epochs))), 1.0)

    drawn = draw_curves([trained("one", 2), trained("two", 3), trained("one", 4)])
    assert sorted(drawn) == ["learning-curves-one.png", "learning-curves-two.png"]
    longest = max(len(line.get_xdata()) for line in drawn["learning-curves-one.png"].axes[0].lines)
    assert longest == 2


def test_learning_curves_show_each_fold_and_the_mean():
    epochs = history()
    axes = learning.learning_curves(epochs[::-1], "mine").axes[0]
    for name, field in {"training": "training_loss", "held out": "held_out_loss"}.items():
        mean, folds = curves(axes)[name]
        losses = [[getattr(epoch, field) for epoch in epochs if epoch.fold == fold] for fold in range(3)]
        np.testing.assert_array_equal([line.get_ydata() for line in folds], losses)
        np.testing.assert_allclose(mean.get_ydata(), np.mean(losses, axis=0))
        np.testing.assert_array_equal(mean.get_xdata(), [1, 2, 3, 4])
        assert all(line.get_linewidth() < mean.get_linewidth() for line in folds)


def test_learning_curves_average_the_folds_that_reached_an_epoch():
    axes = learning.learning_curves([Epoch(0, 1, 2.0, 4.0), Epoch(1, 1, 3.0, 5.0), Epoch(1, 2, 1.0, 2.0)], "mine").axes[
        0
    ]
    assert list(curves(axes)["training"][0].get_ydata()) == [2.5, 1]
    assert list(curves(axes)["held out"][0].get_ydata()) == [4.5, 2]


@pytest.mark.parametrize("epochs", [1, 2, 3, 70])
def test_epoch_ticks_are_whole_numbers(epochs):
    axes = learning.learning_curves(history(2, epochs), "mine").axes[0]
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == int(tick) for tick in ticks)


def test_a_single_epoch_is_visible():
    axes = learning.learning_curves(history(1, 1), "mine").axes[0]
    assert all(mean.get_marker() == "o" for mean, _ in curves(axes).values())


def test_two_genres_and_twenty_columns(tmp_path):
    dataset = make_dataset(genres=("A", "B"))
    figures = [
        genres.genre_distribution(dataset.edition.genres, dataset.counts, dataset.counts),
        songs.samples(dataset, [0]),
        confusion.confusion(dataset.edition.genres, np.eye(2, dtype=int), True),
    ]
    for number, figure in enumerate(figures):
        style.save(figure, tmp_path / f"{number}.png")


FIGURES = {
    "distribution": lambda: genres.genre_distribution(GENRES, np.array([9000, 5, 2]), np.array([1, 1, 2])),
    "samples": lambda: songs.samples(make_dataset(), [7, 0]),
    "block": lambda: songs.samples(make_dataset(), [0], TIMBRE),
    "confusion": lambda: confusion.confusion(GENRES, np.diag([4000, 30, 1]), False),
    "shares": lambda: confusion.confusion(GENRES[:2], np.eye(2), True),
    "curves": lambda: learning.learning_curves(history(), "mine"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_its_title_and_labels_and_nothing_is_cut_off(name, tmp_path):
    figure = FIGURES[name]()
    style.save(figure, tmp_path / "figure.png")
    assert figure.get_suptitle()
    assert all(axes.get_ylabel() for axes in figure.axes)
    pixels = imread(tmp_path / "figure.png")
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 1).all()


@pytest.mark.parametrize("name", ["distribution", "block", "shares", "curves"])
def test_the_users_settings_neither_change_nor_matter(name, tmp_path):
    style.save(FIGURES[name](), tmp_path / "plain.png")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.bbox": "tight"}):
        before = dict(matplotlib.rcParams)
        style.save(FIGURES[name](), tmp_path / "odd.png")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "odd.png").read_bytes()


def test_saved_figures_are_pngs_and_the_same_bytes_twice(tmp_path):
    figure = FIGURES["curves"]()
    for name in ("first.png", "second.png"):
        style.save(figure, tmp_path / name)
    content = (tmp_path / "first.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert b"Software" not in content
    assert content == (tmp_path / "second.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.png", "second.png"]


def test_saving_where_it_cannot_be_says_so(tmp_path):
    with pytest.raises(RunError, match="cannot be written"):
        style.save(FIGURES["shares"](), tmp_path / "missing" / "figure.png")


@pytest.mark.process
def test_importing_plots_loads_neither_tensorflow_nor_a_display():
    code = (
        "import sys, competition.pictures.songs; "
        "print([name for name in ('tensorflow', 'keras', 'matplotlib.pyplot', 'tkinter') if name in sys.modules])"
    )
    done = run_python("-c", code, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_cell_is_not_drawn(dataset):
    gaps = replace(dataset, features=dataset.features.copy())
    gaps.features[0, 2] = gaps.features[5, 2] = np.nan
    for axes in panels(songs.samples(gaps, [0]))[0]:
        columns, values = drawn(axes)
        assert columns[np.isnan(values)].tolist() == [2]
    _, whole = drawn(panels(songs.samples(dataset, [0]))[0][1])
    np.testing.assert_allclose(np.delete(values, 2), np.delete(whole, 2), rtol=1e-5)


@pytest.mark.parametrize("missing", [np.s_[0], np.s_[:, 3], np.s_[:]])
def test_songs_and_columns_without_any_value_are_drawn_as_nothing(dataset, tmp_path, missing):
    gaps = replace(dataset, features=dataset.features.copy())
    gaps.features[missing] = np.nan
    style.save(songs.samples(gaps, [0, 1]), tmp_path / "songs.png")
    assert imread(tmp_path / "songs.png").size
