"""From the package index's wheel to a file of arrays: what TensorFlow is needed for, once."""

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from competition.audio.musicnn.weights import SHA256, SHAPES, WHEEL, WHEEL_SHA256, digest
from competition.errors import DataError, KitError
from competition.storage.files import write_whole, writing

_CHECKPOINT = "musicnn/MSD_musicnn/"
_PARTS = (".index", ".data-00000-of-00001")


def convert(wheel: Path, out: Path) -> None:
    """Write the weights in a wheel to a file that `read_weights` reads.

    Parameters
    ----------
    wheel : Path
        Of musicnn 0.1.0; nothing in it is run.
    out : Path
        Appears whole or not at all; replaced where it exists.

    Raises
    ------
    DataError
        When the wheel is not there, or another file.
    KitError
        When TensorFlow reads other weights than expected.
    RunError
        When the file cannot be written.
    """
    weights = _checkpoint(_checked(wheel))
    if digest(weights) != SHA256:
        raise KitError(f"{wheel}: TensorFlow reads other weights in it than were published; try another version of it.")
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **weights)
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, packed.getvalue())


def _checked(wheel: Path) -> bytes:
    """Return the bytes of the wheel."""
    try:
        content = wheel.read_bytes()
    except OSError as problem:
        raise DataError(f"{wheel}: cannot be read: {problem.strerror}; expected the file {WHEEL}.") from None
    found = hashlib.sha256(content).hexdigest()
    if found != WHEEL_SHA256:
        raise DataError(
            f"{wheel}: is not {WHEEL}: its SHA-256 is {found}, expected {WHEEL_SHA256}; download it with "
            "`python -m pip download --no-deps --only-binary :all: musicnn==0.1.0`."
        )
    return content


def _checkpoint(wheel: bytes) -> dict[str, np.ndarray]:
    """Return the weights in the bytes of a wheel."""
    from competition.runtime.backend import tensorflow  # takes seconds: the wheel is checked before

    with zipfile.ZipFile(io.BytesIO(wheel)) as archive, tempfile.TemporaryDirectory() as folder:
        for part in _PARTS:
            (Path(folder) / f"weights{part}").write_bytes(archive.read(_CHECKPOINT + part))
        reader = tensorflow.compat.v1.train.NewCheckpointReader(str(Path(folder) / "weights"))
        return {name: reader.get_tensor(name) for name in SHAPES}
