"""What was measured, as the rows of an explanation: unknown numbers as None, genres and songs by their names."""

from collections.abc import Sequence

import numpy as np

from competition.data.songs import SongNames
from competition.explain.confusions import PairCost
from competition.explain.genres import LivesOn
from competition.explain.hardest import HardSong, Neighbour
from competition.explain.importance import Change, Importance
from competition.explain.labels import LabelNoise
from competition.explain.more_songs import Doubling, SongCurve
from competition.scoring.metrics import Estimate
from genre_kit.runs.explained.content import (
    CurveRow,
    GenreRow,
    HardSongRow,
    ImportanceRow,
    NeighbourRow,
    NoiseRow,
    Pair,
    PairRow,
    SizeRow,
    SuspectRow,
)


def importance_row(one: Importance, titles: Sequence[str]) -> ImportanceRow:
    """Return a part's row; `titles` are those of all columns."""
    return ImportanceRow(
        kind=one.part.kind,
        block=one.part.block,
        name=one.part.name,
        title=one.part.title,
        columns=tuple(titles[column] for column in one.part.columns),
        place=one.part.place,
        loss=_pair(one.loss),
        loss_songs=_known(one.loss.over_songs),
        loss_repeats=_known(one.loss.over_repeats),
        score=_pair(one.score),
        score_songs=_known(one.score.over_songs),
        score_repeats=_known(one.score.over_repeats),
        by_genre=tuple(map(_pair, one.by_genre)),
    )


def genre_rows(found: Sequence[LivesOn]) -> tuple[GenreRow, ...]:
    """Return the rows of what genres live on."""
    return tuple(GenreRow(one.genre, one.what, _pair(one.change)) for one in found)


def pair_rows(found: Sequence[PairCost], genres: Sequence[str]) -> tuple[PairRow, ...]:
    """Return the rows of what pairs of genres cost."""
    return tuple(PairRow(genres[one.first], genres[one.second], _pair(one.cost), one.of_first) for one in found)


def hard_song_rows(found: Sequence[HardSong], genres: Sequence[str], names: SongNames) -> tuple[HardSongRow, ...]:
    """Return the rows of the hardest songs."""
    return tuple(
        HardSongRow(
            names.name(one.row),
            genres[one.target],
            one.own,
            genres[one.predicted],
            one.given,
            _neighbour(one.near_own, names),
            _neighbour(one.near_predicted, names),
        )
        for one in found
    )


def noise_row(found: LabelNoise, genres: Sequence[str], names: SongNames) -> NoiseRow:
    """Return the row of wrong labels."""
    suspects = (
        SuspectRow(names.name(one.row), genres[one.label], one.own, genres[one.suggested], one.given)
        for one in found.suspects
    )
    return NoiseRow(found.share, (found.interval.low, found.interval.high), found.songs, tuple(suspects))


def curve_row(found: SongCurve | None) -> CurveRow | None:
    """Return the row of the learning curve over the number of songs."""
    if found is None:
        return None
    sizes = tuple(SizeRow(one.songs, _pair(one.loss), _pair(one.score)) for one in found.sizes)
    return CurveRow(
        found.model, sizes, found.loss.value, _interval(found.loss), found.score.value, _interval(found.score)
    )


def _interval(one: Doubling) -> tuple[float, float]:
    return one.interval.low, one.interval.high


def _neighbour(one: Neighbour | None, names: SongNames) -> NeighbourRow | None:
    return None if one is None else NeighbourRow(names.name(one.row), one.distance)


def _pair(one: Change | Estimate) -> Pair:
    return _known(one.value), _known(one.standard_error)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
