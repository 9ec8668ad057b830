"""Weights are those that were published, or a sentence says what to do; nothing in the wheel is run."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tagger import made_up_weights

from competition.audio.musicnn import __main__ as program
from competition.audio.musicnn import conversion
from competition.audio.musicnn import weights as published
from competition.audio.musicnn.weights import SHAPES, VARIABLE, digest, place, read_weights
from competition.errors import DataError, KitError

CURE = (
    "`make musicnn` fetches them, or `python -m pip download --no-deps --only-binary :all: musicnn==0.1.0` and "
    "`python -m competition.audio.musicnn musicnn-0.1.0-py3-none-any.whl`."
)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Made-up weights, taken for the published ones."""
    weights = made_up_weights()
    for module in (published, conversion):
        monkeypatch.setattr(module, "SHA256", digest(weights))
    return weights


def packed(weights: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, **weights)
    return file.getvalue()


def test_there_are_792079_of_them():
    assert sum(int(np.prod(shape)) for shape in SHAPES.values()) == 792_079


def test_they_are_read_as_they_were_written(tmp_path: Path, made_up: dict[str, np.ndarray]):
    (tmp_path / "w.npz").write_bytes(packed(made_up))
    read = read_weights(tmp_path / "w.npz")
    assert list(read) == list(SHAPES)
    assert all(np.array_equal(read[name], made_up[name]) for name in SHAPES)


def test_where_there_are_none_a_sentence_says_what_to_run(tmp_path: Path):
    with pytest.raises(KitError) as caught:
        read_weights(tmp_path / "none.npz")
    assert str(caught.value) == f"{tmp_path / 'none.npz'}: the weights of musicnn are not there; {CURE}"


def changed(weights: dict[str, np.ndarray], name: str, value: np.ndarray) -> bytes:
    return packed(weights | {name: value})


@pytest.mark.parametrize(
    "spoiled",
    {
        "empty": lambda weights: b"",
        "text": lambda weights: b"weights\n",
        "cut short": lambda weights: packed(weights)[:-100],
        "one number else": lambda weights: changed(weights, "dense_1/bias", weights["dense_1/bias"] + 1e-6),
        "another shape": lambda weights: changed(weights, "dense/kernel", weights["dense/kernel"].T),
        "not all": lambda weights: packed({name: weights[name] for name in list(SHAPES)[1:]}),
        "a pickle": lambda weights: changed(weights, "dense/bias", np.array([print], dtype=object)),
        "only a pickle": lambda weights: pickle.dumps(print),
        "a single array": lambda weights: _single(weights["dense/bias"]),
    }.values(),
)
def test_whatever_else_stands_there_is_refused(tmp_path: Path, made_up: dict[str, np.ndarray], spoiled):
    (tmp_path / "w.npz").write_bytes(spoiled(made_up))
    with pytest.raises(KitError) as caught:
        read_weights(tmp_path / "w.npz")
    assert str(caught.value) == (
        f"{tmp_path / 'w.npz'}: does not hold the weights of musicnn 0.1.0 as they were published; {CURE}"
    )


def _single(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_an_environment_variable_names_another_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "w.npz"))
    assert place() == tmp_path / "w.npz"
    monkeypatch.delenv(VARIABLE)
    assert place().parts[-3:] == ("share", "genre-kit", "musicnn.npz")


def test_another_file_than_the_wheel_is_refused(tmp_path: Path):
    wheel = tmp_path / "musicnn-0.1.0-py3-none-any.whl"
    with pytest.raises(
        DataError, match=r"cannot be read: No such file or directory; expected the file musicnn-0\.1\.0"
    ):
        conversion.convert(wheel, tmp_path / "w.npz")
    wheel.write_bytes(b"something else")
    with pytest.raises(
        DataError, match=r"is not musicnn-0\.1\.0-py3-none-any\.whl: its SHA-256 is [0-9a-f]{64}, expec"
    ):
        conversion.convert(wheel, tmp_path / "w.npz")
    assert not (tmp_path / "w.npz").exists()


def test_the_program_says_so_in_a_line(tmp_path: Path):
    said = CliRunner().invoke(program.main, [str(tmp_path / "none.whl"), "--out", str(tmp_path / "w.npz")])
    assert said.exit_code == 1
    assert said.output.startswith(f"error: {tmp_path / 'none.whl'}: cannot be read")


@pytest.mark.training  # it imports TensorFlow, which takes seconds
def test_a_checkpoint_in_a_wheel_becomes_a_file_of_arrays(
    tmp_path: Path, made_up: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
):
    wheel = tmp_path / "made-up.whl"
    write_wheel(wheel, made_up)
    monkeypatch.setattr(conversion, "WHEEL_SHA256", conversion.hashlib.sha256(wheel.read_bytes()).hexdigest())
    out = tmp_path / "share" / "w.npz"
    said = CliRunner().invoke(program.main, [str(wheel), "--out", str(out)])
    assert said.output == f"{out}: the weights of musicnn\n"
    assert digest(read_weights(out)) == digest(made_up)
    monkeypatch.setattr(conversion, "SHA256", "0")
    with pytest.raises(KitError, match="TensorFlow reads other weights in it than were published"):
        conversion.convert(wheel, tmp_path / "second.npz")
    assert [path.name for path in (tmp_path / "share").iterdir()] == ["w.npz"]
    assert not (tmp_path / "second.npz").exists()


def write_wheel(wheel: Path, weights: dict[str, np.ndarray]) -> None:
    """Write a wheel with a checkpoint, which also holds what the tagger does not need."""
    from competition.runtime.backend import tensorflow

    prefix = wheel.parent / "checkpoint"
    names = [*weights, "beta1_power"]
    tensors = [*weights.values(), np.float32(0.9)]
    tensorflow.raw_ops.SaveV2(
        prefix=str(prefix), tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
    )
    with zipfile.ZipFile(wheel, "w") as archive:
        for part in (".index", ".data-00000-of-00001"):
            archive.write(f"{prefix}{part}", f"musicnn/MSD_musicnn/{part}")
