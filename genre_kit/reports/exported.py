"""The lines about a run that has been exported."""

import textwrap

from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.exported import Exported


def exported_lines(found: Exported) -> list[str]:
    """Return the lines that say what the file is, that it is right, and what it does not do."""
    recipes = ", ".join(found.recipes)
    model = f"{recipes}, " if found.model == recipes else f"{found.model}: {recipes}, "
    labels = f"all {found.songs} labels are the same"
    if found.other_labels:
        labels = f"{found.other_labels} of {found.songs} labels differ, where it hangs on the last digits"
    checked = (
        f"by {found.runtime} on the {found.songs} {found.songs_from}: probabilities are the kit's to "
        f"{found.difference:.1e}, {labels}"
    )
    return [
        *labelled("file", [f"{found.path}: {found.size / 1e6:.1f} MB"]),
        *_wrapped("holds", f"{model}with scaling, pool and rule"),
        *_wrapped("input", f"features: float32, rows of {found.columns} columns, as in the competition's files"),
        *_wrapped("output", f"probabilities: float64, of {found.genres} genres; label: what label_pred.csv says"),
        *_wrapped("checked", checked),
        *_limits(found),
        *_wrapped("use", "with onnxruntime and numpy alone; docs/export.md shows the ten lines"),
    ]


def _limits(found: Exported) -> list[str]:
    lines = []
    if found.is_corrected:
        lines.append(
            "label_all.csv is corrected for the genre shares of the whole test file, which one song does not show: the "
            "graph's probabilities are those before it"
        )
    if found.gathers_rows:
        lines.append("several rows make one line of label_all.csv: average the logarithms of their probabilities")
    return [line for one in lines for line in _wrapped("mind", one)]


def _wrapped(label: str, line: str) -> list[str]:
    return labelled(label, textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False))
