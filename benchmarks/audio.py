"""The time of describing sound, and how near loudness is to published descriptors.

``python -m benchmarks.audio speed [--audio DIR]`` times, on one core, the 264 classic columns from files; the Fourier
transforms alone that these take; librosa's chroma and MFCC of the same files (``pip install librosa``); and all that
`extract` does with a file. Without ``--audio`` twelve files of 30 s are made. ``reference --audio DIR`` compares
descriptors of the files in DIR with those in DIR/ssd_reference.csv: track, spectral_masking, n_samples, and columns
such as ssd_mean_b01.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd
import scipy.fft
from threadpoolctl import threadpool_limits

from competition.audio import spectral_statistics
from competition.audio.features.table import CLASSIC, measured
from competition.audio.listening import Settings, listen
from competition.audio.reading import RATE, SUFFIXES, library
from competition.audio.signal.excerpt import FRAME, HOP, Excerpt
from competition.runtime.memory import keep_freed, take_process

LOUDNESS_FRAME, LOUDNESS_HOP, SEGMENT = 512, 256, 2**17
STATISTICS = ("mean", "var", "skew", "kurt", "median", "min", "max")


@click.group()
def main() -> None:
    """Print figures about describing sound."""
    take_process()  # as `extract` does
    keep_freed()


@dataclass(frozen=True)
class Work:
    """Something that is done with a file or its samples."""

    name: str
    of: Callable[[Path, np.ndarray], object]


@main.command()
@click.option("--audio", type=click.Path(path_type=Path), metavar="DIR", help="[default: files made for it]")
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True)
def speed(audio: Path | None, rounds: int) -> None:
    """Time the classic features, the transforms that they take, librosa, and an extraction, in turns."""
    classic = Work("264 columns, files decoded", lambda path, _: measured(Excerpt(decoded(path), RATE), CLASSIC))
    others = [
        Work("the Fourier transforms alone", lambda _, samples: transforms(samples)),
        Work("the same, decoded before", lambda _, samples: measured(Excerpt(samples, RATE), CLASSIC)),
        Work("all that extract does", lambda path, _: listen(path, Settings(CLASSIC))),
        Work("chroma and MFCC", lambda path, _: measured(Excerpt(decoded(path), RATE), CLASSIC[1:])),
    ]
    if importlib.util.find_spec("librosa") is not None:
        others.append(Work("chroma and MFCC by librosa", lambda path, _: librosa_features(decoded(path))))
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        paths = write_files(Path(folder)) if audio is None else sound_files(audio)
        click.echo(f"{len(paths)} files, one core; medians of {rounds} rounds in turns, of processor time")
        for other in others:
            compare(classic, other, paths, rounds)


def write_files(folder: Path) -> list[Path]:
    """Write twelve files of chords over noise, 30 s each, 16 bits."""
    paths = [folder / f"{number}.wav" for number in range(12)]
    late = np.arange(30 * RATE) / RATE
    for number, path in enumerate(paths):
        generator = np.random.default_rng(number)
        pitches = enumerate(generator.uniform(80, 2000, size=12), start=1)
        chord = sum(np.sin(2 * np.pi * hertz * late) / place for place, hertz in pitches)
        sound = 0.1 * chord * (1 + np.sin(4 * np.pi * late)) + 0.02 * generator.normal(size=len(late))
        library("soundfile").write(path, sound, RATE, subtype="PCM_16")
    return paths


def sound_files(folder: Path) -> list[Path]:
    """Return a folder's sound files of one channel and 22,050 Hz, which are read without resampling."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    infos = [library("soundfile").info(str(path)) for path in paths]
    fitting = [path for path, one in zip(paths, infos, strict=True) if (one.samplerate, one.channels) == (RATE, 1)]
    if not fitting:
        raise click.UsageError(f"{folder} holds no sound files of one channel and {RATE} Hz.")
    return fitting


def decoded(path: Path) -> np.ndarray:
    """Return a file's samples; float32."""
    return library("soundfile").read(str(path), dtype="float32")[0]


def transforms(samples: np.ndarray) -> None:
    """Transform the frames that the classic features take, and do no more."""
    segments = samples[: max(1, len(samples) // SEGMENT) * SEGMENT]
    for padded, length, hop in ((np.pad(samples, FRAME // 2), FRAME, HOP), (segments, LOUDNESS_FRAME, LOUDNESS_HOP)):
        frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
        for first in range(0, len(frames), 2**17 // length):
            scipy.fft.rfft(frames[first : first + 2**17 // length], axis=1)


def librosa_features(samples: np.ndarray) -> None:
    """Describe samples by librosa, with the kit's settings."""
    import librosa

    chroma = librosa.feature.chroma_stft(y=samples, sr=RATE)
    timbre = librosa.feature.mfcc(y=samples, sr=RATE, n_mfcc=12)
    for bands in (chroma, timbre):
        np.stack([bands.mean(axis=1), bands.var(axis=1), bands.min(axis=1), bands.max(axis=1)])


def compare(work: Work, other: Work, paths: list[Path], rounds: int) -> None:
    """Print the times of two works for 30 s of sound, and how many times as long as the second the first takes."""
    pairs = []
    for path in paths:
        samples = decoded(path)
        times = [[milliseconds(one, path, samples) for one in (work, other)] for _ in range(1 + rounds)]
        pairs.append(np.array(times[1:]) * (30 * RATE / len(samples)))
    both = np.concatenate(pairs)
    first, second = np.median(both, axis=0)
    low, ratio, high = np.quantile(both[:, 0] / both[:, 1], [0.25, 0.5, 0.75])
    click.echo(f"{work.name} {first:.2f} ms for 30 s, {other.name} {second:.2f}: {ratio:.2f} times "
               f"(half of the turns from {low:.2f} to {high:.2f})")  # fmt: skip


def milliseconds(work: Work, path: Path, samples: np.ndarray) -> float:
    begun = time.process_time()
    work.of(path, samples)
    return 1000 * (time.process_time() - begun)


@main.command()
@click.option("--audio", type=click.Path(exists=True, path_type=Path), metavar="DIR", required=True)
def reference(audio: Path) -> None:
    """Print how far loudness descriptors are from the reference, over all bands that change."""
    place = audio / "ssd_reference.csv"
    if not place.is_file():
        raise click.UsageError(f"{place} is not there: nothing to compare with.")
    table = pd.read_csv(place)
    paths = {path.stem: path for path in sound_files(audio)}
    for masking, rows in table.groupby("spectral_masking"):
        worst = np.array([relative_error(row, paths[row["track"]]) for _, row in rows.iterrows()])
        click.echo(f"masking {masking}: worst relative error {worst.max():.1e} (median {np.median(worst):.1e}); "
                   f"{np.count_nonzero(worst <= 1e-3)} of {len(worst)} clips within 0.1 %")  # fmt: skip


def relative_error(row: pd.Series, path: Path) -> float:
    """Return the largest relative error of a clip's descriptors."""
    expected = np.array([[row[f"ssd_{statistic}_b{band:02d}"] for band in range(1, 25)] for statistic in STATISTICS])
    samples = decoded(path)[: int(row["n_samples"])]
    found = spectral_statistics(samples, RATE, spectral_masking=bool(row["spectral_masking"])).reshape(7, 24)
    varies = expected[STATISTICS.index("max")] > expected[STATISTICS.index("min")] * (1 + 1e-9)
    return float(np.abs(found / np.where(expected == 0, 1, expected) - 1)[:, varies].max())


if __name__ == "__main__":
    main()
