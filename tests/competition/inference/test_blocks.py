"""Blocks of numbered bands are found by their columns' names."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from competition.inference.blocks import find_blocks, parse

KINDS = st.lists(st.sampled_from(["mfcc", "chroma", "rhythm", "contrast"]), min_size=1, max_size=3, unique=True)
STATISTICS = st.lists(st.sampled_from(["mean", "var", "std", "min", "max"]), min_size=1, max_size=3, unique=True)


@given(kinds=KINDS, statistics=STATISTICS, bands=st.integers(3, 12), seed=st.integers(0, 99))
def test_grids_are_found_in_any_order_of_columns(kinds: list[str], statistics: list[str], bands: int, seed: int):
    grids = {
        kind: {f"{kind}{band}_{statistic}" for band in range(1, bands + 1) for statistic in statistics}
        for kind in kinds
    }
    names = np.random.default_rng(seed).permutation([*sorted(set().union(*grids.values())), "tempo"]).tolist()
    features, blocks = find_blocks(names)
    assert sorted(features) == sorted(names)
    assert {block.name: set(features[block.columns]) for block in blocks} == grids | {"rest": {"tempo"}}
    for block in blocks[:-1]:
        assert block.bands == bands
        for number, name in enumerate(features[block.columns]):
            parsed = parse(name)
            assert parsed is not None
            assert parsed[1:] == (number % bands + 1, block.statistics[number // bands])


def test_a_grid_with_a_gap_is_no_block():
    names = ("mfcc1_mean", "mfcc2_mean", "mfcc3_mean", "mfcc1_var", "mfcc3_var")
    features, blocks = find_blocks(names)
    assert features == names
    assert [(block.name, block.bands, block.statistics) for block in blocks] == [("features", 1, names)]
