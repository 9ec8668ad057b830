"""Files that the kit reads, spoiled so that they reach ever more of its code: only sentences may come of it.

``python -m benchmarks.guided_fuzz [--inputs 5000] [--only WORD] [--keep DIR]``: as ``benchmarks.fuzz``, with the same
valid files and readers, but libFuzzer decides how bytes are changed, by which lines of the readers they run through
(Atheris, Linux only: ``pip install atheris``). Each target has a process of its own; the first thing that is no
sentence ends it, and the input is kept.
"""

import shutil
import subprocess
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import click

TARGETS = (
    "features, no header", "labels", "groups", "folds", "table with a header", "labels to hand in",
    "probabilities to hand in", "edition", "edition with columns", "recipes", "space", "frames, JSON", "frames, array",
    "a song kept", "a competition in an archive", "run: manifest.json", "run: scores.json", "search: trial.json",
)  # fmt: skip
_LIMITS = ("-max_len=20000", "-len_control=0", "-timeout=10", "-rss_limit_mb=4000")
"""Of an input, in bytes; of reading it, in seconds; of the process's memory."""


@click.command()
@click.option("--inputs", type=click.IntRange(min=1), default=5000, show_default=True, help="Of each target.")
@click.option("--seed", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--only", multiple=True, metavar="WORD", help="Targets with this word in their names; may be repeated.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for the inputs that are no sentences.")
@click.option("--target", hidden=True)
def main(inputs: int, seed: int, only: tuple[str, ...], keep: Path | None, target: str | None) -> None:
    """Print how many inputs each target has met, and how much of the readers they reached."""
    if find_spec("atheris") is None:
        raise click.ClickException("Atheris is not installed: python -m pip install 'atheris>=3,<4' (Linux only)")
    if target is not None:
        fuzz(target, inputs, seed, keep or Path())
    chosen = [name for name in TARGETS if not only or any(word in name for word in only)]
    finds = [_found(name, inputs, seed, keep or Path("finds")) for name in chosen]
    sys.exit(any(finds))


def _found(name: str, inputs: int, seed: int, keep: Path) -> bool:
    """Fuzz a target in a process of its own, and return whether something was no sentence."""
    keep.mkdir(parents=True, exist_ok=True)
    words = ["--target", name, "--inputs", inputs, "--seed", seed, "--keep", keep]
    command = [sys.executable, "-m", "benchmarks.guided_fuzz", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = [line for line in done.stderr.splitlines() if "\tDONE" in line]
    click.echo(f"{name:28} {said[-1].expandtabs(1) if said else 'not all were run'}")
    if done.returncode:
        told = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("#")]
        click.echo("\n".join(told[-40:]))
    return done.returncode != 0


def fuzz(name: str, inputs: int, seed: int, keep: Path) -> None:
    """Let libFuzzer spoil a target's valid file; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["competition", "submissions", "tuning", "genre_kit", "json", "tomllib"]):
        from benchmarks.fuzzing.seeds import write_seeds
        from benchmarks.fuzzing.targets import TARGETS as KNOWN
        from competition.errors import KitError
    (target,) = (one for one in KNOWN if one.name == name)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        seeds, corpus = write_seeds(Path(place) / "seeds"), Path(place) / "corpus"
        corpus.mkdir()
        for number, valid in enumerate((target.seed, *target.others)):
            shutil.copyfile(seeds / valid, corpus / str(number))

        def read(content: bytes) -> None:
            (seeds / target.seed).write_bytes(content)
            try:
                target.read(seeds / target.seed)
            except KitError as problem:
                assert str(problem).strip()

        options = [*_LIMITS, f"-runs={inputs}", f"-seed={seed}", f"-artifact_prefix={keep}/{Path(target.seed).stem}-"]
        atheris.Setup([sys.argv[0], *options, str(corpus)], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
