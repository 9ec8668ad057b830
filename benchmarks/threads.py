"""Whether the number of threads changes what a preset predicts.

``python -m benchmarks.threads [--data DIR] [--model lstm] [--preset quick] [--folds N]`` runs `submit` as the machine
is, on one processor, and with one and with four threads in every library, and prints for each how many labels are the
same as at first, and by how much probabilities differ at most. Presets may be given several times; all by default.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np

LIBRARIES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ONE_PROCESSOR = (
    "import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); os.execv(sys.argv[1], sys.argv[1:])"
)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A competition. [default: the embedded sample]")
@click.option("--model", type=click.Choice(["dense", "lstm"]), default="dense", show_default=True)
@click.option("--preset", "presets", multiple=True, default=("quick", "standard", "best"))
@click.option("--folds", type=int, default=10, show_default=True)
def main(data: Path | None, model: str, presets: Sequence[str], folds: int) -> None:
    """Print a line for each preset and number of threads."""
    songs = [] if data is None else ["--data", str(data.absolute())]
    for preset in presets:
        words = ["submit", "--model", model, "--preset", preset, "--folds", str(folds), "--quiet", *songs]
        compare(f"{model}, {preset}", words)


def compare(name: str, words: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        usual = predicted(words, place / "usual", {})
        others = {
            "one processor": predicted(words, place / "processor", {}, one_processor=True),
            "one thread a library": predicted(words, place / "one", dict.fromkeys(LIBRARIES, "1")),
            "four threads a library": predicted(words, place / "four", dict.fromkeys(LIBRARIES, "4")),
        }
    for way, (labels, probabilities) in others.items():
        agree, differ = np.mean(labels == usual[0]), np.abs(probabilities - usual[1]).max()
        click.echo(f"{name}, {way}: {agree:.4%} of {len(labels)} labels agree, probabilities within {differ:.1e}")


def predicted(
    words: Sequence[str], out: Path, variables: Mapping[str, str], *, one_processor: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Run a command line, and return the labels and probabilities that it writes."""
    command = [sys.executable, "-m", "competition", *words, "--out", str(out)]
    if one_processor:
        command = [sys.executable, "-c", ONE_PROCESSOR, *command]
    subprocess.run(command, env=os.environ | variables, check=True)
    labels = np.loadtxt(out / "label_pred.csv", delimiter=",", skiprows=1)[:, 1]
    return labels, np.loadtxt(out / "label_all.csv", delimiter=",", skiprows=1)[:, 1:]


if __name__ == "__main__":
    main()
