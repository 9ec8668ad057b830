"""A job of a few seconds, to see whether the kit works: made-up songs, two networks, both files, their check.

``python -m genre_kit.jobs.machine.tiny_job`` does it in a temporary folder and prints the graphics processors that
TensorFlow sees, as JSON.
"""

import json
import tempfile
import warnings
from pathlib import Path

from competition.runtime.memory import take_process
from competition.runtime.variables import leave_out_foreign

SONGS = 300
_RECIPE = """\
family = "dense"
hidden_units = [8]
epochs = 2
"""


def tiny_job(place: Path) -> None:
    """Train on made-up songs, and write both files into a folder; raises what goes wrong."""
    from genre_kit.jobs.check import check
    from genre_kit.jobs.sample import sample
    from genre_kit.jobs.train import submit

    data, _ = sample(songs=SONGS, out=place / "data")
    (place / "recipe.toml").write_text(_RECIPE)
    submit(data=data, recipe=place / "recipe.toml", folds=2, seeds=1, out=place / "run")
    if not check([place / "run"], data=data).is_ok:
        raise RuntimeError("the files that were written do not pass their check")


def graphics() -> list[str]:
    """Return the names of the graphics processors that TensorFlow sees."""
    from competition.runtime.backend import tensorflow

    found = tensorflow.config.list_physical_devices("GPU")
    details = (tensorflow.config.experimental.get_device_details(one) for one in found)
    return [str(detail.get("device_name", "unknown")) for detail in details]


def main() -> None:
    """Do the job in this process, as a command would."""
    take_process()
    leave_out_foreign()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        tiny_job(Path(place))
    print(json.dumps(graphics()))


if __name__ == "__main__":
    main()
