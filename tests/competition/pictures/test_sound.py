"""What pictures of sound must show: every assertion reads the drawn artists, not the code that drew them."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, imread

from competition.audio.features.spectral_descriptors import spectral_statistics
from competition.audio.signal.excerpt import Excerpt
from competition.pictures import sound, style, titles
from tests.competition.pictures.test_songs import contrast

RATE = 22050
A440, A1760 = 440.0, 1760.0


def tone(hertz: float, seconds: float = 1.5, size: float = 0.3) -> Excerpt:
    """A tone that begins in the middle."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = size * np.sin(2 * np.pi * hertz * time) * (time >= seconds / 2)
    return Excerpt(wave.astype(np.float32), RATE)


@cache
def page() -> Figure:
    return sound.sound_of_song(tone(A440), "song.wav", "1.5 s")


@cache
def genres() -> Figure:
    excerpts = [tone(A440), tone(A1760, seconds=2, size=0.03), tone(A440, seconds=1)]
    return sound.spectrograms_of_genres(excerpts, ["blues: a.wav", "jazz: b.wav", "polka: c.wav"])


def panel(figure: Figure, title: str) -> Axes:
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left").startswith(title)]
    return found


def image_of(axes: Axes) -> AxesImage:
    (image,) = axes.images
    return image


def row_at(axes: Axes, values: np.ndarray) -> float:
    """Where, on the vertical axis, an array's largest row stands; it is drawn upwards."""
    low, high = image_of(axes).get_extent()[2:]
    return low + (np.argmax(values.mean(axis=1)) + 0.5) * (high - low) / len(values)


def hertz_of(axes: Axes, place: float) -> float:
    """What the ticks say of a place on the vertical axis."""
    names = [float(label.get_text()) for label in axes.get_yticklabels()]
    return float(np.interp(place, axes.get_yticks(), names))


@pytest.mark.parametrize("title", ["Mel spectrogram", "The same in grey"])
def test_a_tone_stands_where_the_ticks_say_its_frequency_is(title: str):
    axes = panel(page(), title)
    image = image_of(axes)
    assert image.origin == "lower"
    assert hertz_of(axes, row_at(axes, image.get_array())) == pytest.approx(A440, rel=0.05)
    assert axes.get_ylabel().startswith("Hz")


def test_a_tones_pitch_class_is_the_strongest():
    axes = panel(page(), "Chroma")
    place = round(row_at(axes, image_of(axes).get_array()))
    assert axes.get_yticklabels()[place].get_text() == "A"
    assert len(axes.get_yticklabels()) == 12


def test_what_begins_after_some_seconds_is_drawn_from_there():
    loud = image_of(panel(page(), "Mel")).get_array().max(axis=0) > -20
    left, right = image_of(panel(page(), "Mel")).get_extent()[:2]
    begins = left + np.argmax(loud) * (right - left) / len(loud)
    assert begins == pytest.approx(0.75, abs=0.06)
    (wave,) = panel(page(), "Waveform").collections
    edge = wave.get_paths()[0].vertices
    assert edge[np.abs(edge[:, 1]) > 0.01, 0].min() == pytest.approx(0.75, abs=0.01)
    assert np.abs(edge[:, 1]).max() == pytest.approx(0.3, abs=0.01)


def test_all_that_is_over_time_has_one_axis_in_seconds():
    over_time = [panel(page(), title) for title in ("Waveform", "Mel", "The same", "Chroma", "MFCC")]
    assert {axes.get_xlim() for axes in over_time} == {(0, 1.5)}
    assert [axes.get_xlabel() for axes in over_time] == ["", "", "", "", "seconds"]


def test_colour_and_grey_show_the_same():
    colour, grey = (image_of(panel(page(), title)) for title in ("Mel", "The same"))
    np.testing.assert_array_equal(colour.get_array(), grey.get_array())
    assert (colour.get_array().max(), colour.get_clim()) == (0, (-80, 0))
    shades = grey.to_rgba(np.array([-80.0, -40.0, 0.0]))
    assert (np.ptp(shades[:, :3], axis=1) == 0).all()
    assert (np.diff(shades[:, 0]) > 0).all()


def test_coefficients_are_standardized_each_by_itself():
    values = image_of(panel(page(), "MFCC")).get_array()
    assert values.shape[0] == 12
    np.testing.assert_allclose(values.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=1), 1, atol=1e-5)


def test_the_descriptors_values_stand_in_their_cells():
    axes = panel(page(), "SSD")
    values = spectral_statistics(tone(A440).samples, RATE).reshape(7, 24)
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert len(texts) == 7 * 24
    for (statistic, band), value in np.ndenumerate(values):
        assert float(texts[statistic, band]) == pytest.approx(value, rel=0.006, abs=1e-12)
    assert [label.get_text().split("\n")[0] for label in axes.get_xticklabels()] == [
        "mean", "variance", "skewness", "kurtosis", "median", "min", "max",
    ]  # fmt: skip
    assert [axes.get_yticklabels()[band].get_text() for band in (0, 23)] == ["1: 0–100", "24: 12000–15500"]


def test_each_statistic_has_all_colours_in_the_order_of_its_values():
    values = spectral_statistics(tone(A440).samples, RATE).reshape(7, 24)
    shown = image_of(panel(page(), "SSD")).get_array().T
    np.testing.assert_array_equal([shown.min(axis=1), shown.max(axis=1)], [np.zeros(7), np.ones(7)])
    for column, statistic in zip(shown, values, strict=True):
        assert (np.diff(column[np.argsort(statistic)]) >= 0).all()


def test_the_descriptors_values_stand_out():
    axes = panel(page(), "SSD")
    cells = image_of(axes).to_rgba(image_of(axes).get_array())[..., :3]
    for text in axes.texts:
        statistic, band = text.get_position()
        assert contrast(cells[band, statistic], to_rgb(text.get_color())) >= 4.5


def test_silence_is_dark_and_steady():
    figure = sound.sound_of_song(Excerpt(np.zeros(RATE, np.float32), RATE), "nothing.wav", "1.0 s")
    for title, value in {"Mel": -80, "The same": -80, "Chroma": 0, "MFCC": 0}.items():
        np.testing.assert_allclose(image_of(panel(figure, title)).get_array(), value, rtol=1e-6)


def test_genres_share_colours_and_axes():
    shown = genres().axes[:3]
    assert [axes.get_title(loc="left") for axes in shown] == ["blues: a.wav", "jazz: b.wav", "polka: c.wav"]
    assert {image_of(axes).get_clim() for axes in shown} == {(-80, 0)}
    assert {(axes.get_xlim(), axes.get_ylim()) for axes in shown} == {((0, 2), (-0.5, 127.5))}
    loudest = [image_of(axes).get_array().max() for axes in shown]
    assert max(loudest) == 0
    assert loudest[1] < -15  # a tenth of the amplitude is 20 dB less, and filters are lower where they are wider
    assert hertz_of(shown[0], row_at(shown[1], image_of(shown[1]).get_array())) == pytest.approx(A1760, rel=0.05)


def test_the_lowest_panel_of_each_column_names_the_seconds():
    labels = [axes.get_xlabel() for axes in genres().axes[:3]]
    assert labels == ["", "seconds", "seconds"]
    assert genres().axes[1].xaxis.get_tick_params()["labelbottom"]
    assert not genres().axes[3].get_visible()


@pytest.mark.parametrize("draw", [page, genres])
def test_every_figure_has_its_title_and_labels_and_nothing_is_cut_off(draw, tmp_path):
    figure = draw()
    style.save(figure, tmp_path / "figure.png")
    assert figure.get_suptitle()
    pixels = imread(tmp_path / "figure.png")
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 1).all()


def test_the_same_songs_give_the_same_bytes(tmp_path):
    for name in ("first.png", "second.png"):
        style.save(sound.spectrograms_of_genres([tone(A440), tone(A1760)], ["a: a.wav", "b: b.wav"]), tmp_path / name)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_the_title_has_the_length_however_long_the_name_is():
    assert page().get_suptitle() == "song.wav, 1.5 s"
    *name, length = sound.sound_of_song(tone(A440), "word " * 60, "3 min 25 s").get_suptitle().split("\n")
    assert length == "3 min 25 s"
    assert len(name) == 2
    assert name[1].endswith("…")


@given(st.text(max_size=60), st.integers(3, 20), st.integers(1, 3))
def test_titles_keep_within_their_lines(text: str, letters: int, most: int):
    lines = titles.in_lines(text, letters, most).split("\n")
    assert len(lines) <= most
    assert all(len(line) <= letters for line in lines if line.isascii())
    assert all(letter.isprintable() for line in lines for letter in line)


def test_a_text_that_fits_is_left_as_it_is():
    assert titles.in_lines("blues.00000.flac, 30.0 s", 24) == "blues.00000.flac, 30.0 s"


def test_letters_that_the_usual_font_lacks_come_from_another_one():
    usual, *others = titles.families_for("Ⓐ side")
    assert (usual, len(others)) == ("DejaVu Sans", 1)
    assert titles.families_for("\U0010fffd") == ["DejaVu Sans"]  # which no font has
