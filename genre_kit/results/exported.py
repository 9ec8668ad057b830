"""What `export` returns."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Exported:
    """A finished run as a file of ONNX.

    Attributes
    ----------
    path : Path
    size : int
        In bytes.
    model : str
        What was trained, or that it is a blend.
    recipes : tuple of str
    columns, genres : int
        Of a row of its input, and of its probabilities.
    songs : int
        On how many it was held against the kit.
    songs_from : str
        Where they came from, for people.
    difference : float
        The largest between its probabilities and the kit's.
    other_labels : int
        How many of its labels are not those of the kit's rule.
    runtime : str
        What it was checked with.
    is_corrected : bool
        Whether the run's own probabilities are corrected for the genre shares of its test file, which a graph of single
        songs cannot do.
    gathers_rows : bool
        Whether lines of the run's files are made of several rows, of which each has its own prediction here.
    """

    path: Path
    size: int
    model: str
    recipes: tuple[str, ...]
    columns: int
    genres: int
    songs: int
    songs_from: str
    difference: float
    other_labels: int
    runtime: str
    is_corrected: bool = False
    gathers_rows: bool = False
