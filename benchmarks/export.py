"""How long an exported run takes from a process's start to its last prediction, and where.

``python -m benchmarks.export genres.onnx songs.npy`` starts processes one after the other, each of which imports numpy
and onnxruntime, opens the file and predicts all songs; these are float32 in numpy's own format, so that no CSV file is
read. Without songs, those of the embedded sample.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

_CODE = """
import sys, time
began, clock = time.perf_counter(), time.process_time()
import numpy as np, onnxruntime
imported = time.perf_counter()
options = onnxruntime.SessionOptions()
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
model = onnxruntime.InferenceSession(sys.argv[1], options)
opened = time.perf_counter()
model.run(None, {"features": np.load(sys.argv[2])})
ended = time.perf_counter()
print(imported - began, opened - imported, ended - opened, time.process_time() - clock)
"""


def main() -> None:
    """Print the medians over processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("songs", type=Path, nargs="?")
    parser.add_argument("--processes", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        songs = given.songs or _sample(Path(place) / "songs.npy")
        times = np.array([_measured(given.file, songs) for _ in range(given.processes)])
    imports, opening, predicting, processor = np.median(times, axis=0)
    print(f"imports {imports:.2f} s, opening {opening:.2f} s, predicting {predicting:.2f} s")
    print(f"in all {np.median(times[:, :3].sum(axis=1)):.2f} s, of the processor's time {processor:.2f} s")


def _sample(path: Path) -> Path:
    from competition.data.edition_file import load_edition
    from competition.data.sample import sample_dataset

    np.save(path, sample_dataset(load_edition("mlbp-2018")).test_features)
    return path


def _measured(file: Path, songs: Path) -> list[float]:
    said = subprocess.run([sys.executable, "-c", _CODE, file, songs], capture_output=True, text=True, check=True)
    return [float(number) for number in said.stdout.split()]


if __name__ == "__main__":
    main()
