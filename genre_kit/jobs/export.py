"""`export`: a finished run as one ONNX graph, which needs neither this kit nor TensorFlow."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from competition.errors import RunError
from competition.models.onnx import check_packages
from competition.scoring.probabilities import FLOOR, spread
from competition.storage.files import write_whole
from competition.storage.folders import KEPT_OUT
from competition.storage.places import check_place
from genre_kit.jobs.steps.inputs import PathLike, choose_data, name_of_test_songs, open_dataset, open_test_songs
from genre_kit.results.exported import Exported
from genre_kit.runs.exporting import Exportable, read_exportable
from genre_kit.runs.manifest import Manifest

if TYPE_CHECKING:
    from competition.models.onnx.graph import Graph

DEFAULT_FILE = Path("genres.onnx")
MOST_DIFFERENCE = 1e-5
"""Between the graph's probabilities and the kit's."""
_LEAST_BYTES = 10_000_000


def export(
    run: PathLike, *, out: PathLike | None = None, data: PathLike | None = None, force: bool = False
) -> Exported:
    """Write a finished run as one ONNX file: from a row of columns to calibrated probabilities and a label.

    Parameters
    ----------
    run : path
        The folder of a run that `submit` has trained, or of a blend of such runs.
    out : path or None
        The file; by default ``genres.onnx`` in the current folder.
    data : path or None
        Where the songs are on which it is held against the kit; by default the run's own data.
    force : bool
        Whether a file there is replaced.

    Returns
    -------
    Exported

    Raises
    ------
    KitError
        When a package is missing, the run keeps no models or some that a graph cannot hold, its data is gone, the file
        is there already or cannot be written, or its probabilities differ from the kit's by more than 1e-5.
    """
    check_packages()
    from competition.models.onnx.session import runtime

    path, run = DEFAULT_FILE if out is None else Path(out), Path(run)
    _check_path(path, force=force)
    source = read_exportable(run)
    songs, songs_from = _songs(source, data)
    content, difference, other_labels = _checked(source, songs, songs_from)
    write_whole(path, content)
    ensemble = Manifest.read(run).ensemble or {}
    return Exported(
        path=path,
        size=len(content),
        model=str(ensemble.get("name", run.name)),
        recipes=source.recipes,
        columns=len(source.columns),
        genres=len(source.edition.whole.genres),
        songs=len(songs),
        songs_from=songs_from,
        difference=difference,
        other_labels=other_labels,
        runtime=runtime(),
        is_corrected=source.is_corrected,
        gathers_rows=source.edition.gathers_test_rows,
    )


def _check_path(path: Path, *, force: bool) -> None:
    check_place(path.parent, _LEAST_BYTES)
    if path.is_dir():
        raise RunError(f"{path}: is a folder; name a file with `out`, such as {path / DEFAULT_FILE}.")
    if path.exists() and not force:
        raise RunError(f"{path}: is there already; name another file with `out`, or replace it with `force`.")


def _songs(source: Exportable, data: PathLike | None) -> tuple[np.ndarray, str]:
    """Return the songs that the graph is held against the kit on, float32, (rows, columns), and what they are.

    They are those of the test file; of the training file where there is no other, as when songs were kept out of it.
    """
    chosen, edition = choose_data(data, None, source.folder), source.edition
    if (source.folder / KEPT_OUT).is_file() or (chosen.data is not None and edition.files.test is None):
        dataset = open_dataset(chosen.data, edition, with_test=False)
        return dataset.features, f"training songs of {dataset.source}"
    songs, _, _ = open_test_songs(chosen.data, edition)
    return songs, f"test songs of {name_of_test_songs(chosen.data, edition)}"


def _checked(source: Exportable, songs: np.ndarray, songs_from: str) -> tuple[bytes, float, int]:
    """Return a graph that is as exact as it must be, by how much it differs from the kit, and in how many labels.

    Kernels are computed in float32, which is twice as quick, where that is exact enough for these songs.

    Raises
    ------
    RunError
        When its probabilities differ by more than `MOST_DIFFERENCE` in float64 too.
    """
    own = None
    for kernels in (np.float32, np.float64):
        content = _graph(source, kernels)
        own = source.predict(songs) if own is None else own
        differences, other_labels = _compared(source, content, songs, own)
        if differences.max() <= MOST_DIFFERENCE:  # not where it is nan
            return content, float(differences.max()), other_labels
    row = int(np.argmax(np.nan_to_num(differences, nan=np.inf)))
    raise RunError(
        f"{source.folder}: the graph's probabilities differ from the kit's by {differences[row]:.1e} in row {row + 1} "
        f"of the {len(songs)} {songs_from}; expected at most {MOST_DIFFERENCE:g}, so nothing was written. Report it "
        "with what doctor says, and the run's recipe.toml."
    )


def _graph(source: Exportable, kernels: type[np.floating]) -> bytes:
    from competition.models.onnx.graph import INPUT, Graph, Output
    from competition.models.onnx.pieces import in_pieces
    from submissions.rule_nodes import chosen

    graph, edition = Graph(kernels=kernels), source.edition
    found = in_pieces(graph, INPUT, lambda inner, rows: _predicted(inner, _with_gaps(inner, rows, source), source))
    texts = np.array(source.label_texts, object)[edition.places]
    first = edition.submission.first_label
    labels = texts if first is None else texts.astype(np.int64)
    label = graph.add("Gather", graph.constant(labels), chosen(graph, found, source.rule))
    everything = _spread(graph, found, source)
    outputs = {
        "probabilities": Output(everything, np.float64, (len(edition.whole.genres),)),
        "label": Output(label, object if first is None else np.int64),
    }
    return graph.to_bytes(edition.name, len(source.columns), outputs, source.about())


def _predicted(graph: "Graph", rows: str, source: Exportable) -> str:
    from competition.models.onnx.ensemble import predicted
    from competition.models.onnx.probabilities import pooled

    if source.saved is not None:
        return predicted(graph, rows, source.saved)
    runs, weights = zip(*source.blended, strict=True)
    return pooled(graph, [_predicted(graph, rows, run) for run in runs], weights)


def _with_gaps(graph: "Graph", rows: str, source: Exportable) -> str:
    """Return rows with the columns that say which cells are missing."""
    if not source.gaps.size:
        return rows
    missing = graph.add("IsNaN", graph.add("Gather", rows, source.gaps, axis=1))
    return graph.add("Concat", rows, graph.cast(missing, np.float32), axis=1)


def _spread(graph: "Graph", probabilities: str, source: Exportable) -> str:
    """Return probabilities of all genres of the competition, as `spread` makes them."""
    edition = source.edition
    if not edition.left_out:
        return probabilities
    genres = len(edition.whole.genres)
    shares = np.eye(genres)[edition.places] * (1 - FLOOR * len(edition.left_out))
    floors = np.where(np.isin(np.arange(genres), edition.places), 0, FLOOR)
    return graph.add("Add", graph.add("MatMul", probabilities, shares), floors)


def _compared(source: Exportable, content: bytes, songs: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, int]:
    """Return by how much a graph's probabilities of each row differ from the kit's own, and how many labels differ."""
    from competition.models.onnx.session import applied

    edition = source.edition
    found = applied(content, songs[:, : len(source.columns)])
    differences = np.abs(found["probabilities"] - spread(own, edition.places, len(edition.whole.genres)))
    texts = np.array(source.label_texts)[edition.places[source.rule.predict(own)]]
    return differences.max(axis=1), int(np.count_nonzero(found["label"].astype(str) != texts))
