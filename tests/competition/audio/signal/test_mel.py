import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.audio.signal.mel import mel_filters, to_hertz, to_mel


@given(st.lists(st.floats(0, 24000), min_size=1))
def test_the_mel_scale_goes_both_ways_and_rises(hertz: list[float]):
    ordered = np.sort(hertz)
    assert to_hertz(to_mel(ordered)) == pytest.approx(ordered)
    assert (np.diff(to_mel(ordered)) >= 0).all()


@pytest.mark.parametrize(("rate", "bands", "highest"), [(22050, 128, None), (44100, 128, None), (16000, 96, 8000.0)])
def test_filters_are_triangles_of_one_area_side_by_side(rate: int, bands: int, highest: float | None):
    filters = mel_filters(rate, 8192, bands, highest).toarray()
    assert filters.shape == (4097, bands)
    assert filters.sum(axis=0) * (rate / 8192) == pytest.approx(1.0, rel=0.02)
    assert (np.diff(filters.argmax(axis=0)) > 0).all()
    assert (np.count_nonzero(filters, axis=1) <= 2).all()


def test_filters_end_where_they_are_told_to():
    hertz = np.arange(1025) * (16000 / 2048)
    filters = mel_filters(16000, 2048, 40, 4000.0).toarray()
    assert filters[hertz >= 4000].sum() == 0
    assert filters[(hertz > 0) & (hertz < 3990)].any(axis=1).all()
