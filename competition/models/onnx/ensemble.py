"""A run's models as nodes: the probabilities of each recipe, pooled."""

from importlib import import_module
from pathlib import Path

from competition.errors import KitError, RunError
from competition.models.onnx.graph import Graph
from competition.models.onnx.probabilities import averaged, pooled
from competition.models.saved import SavedEnsemble, load_trained

_ROOMS = {".keras": "networks", ".skops": "classical"}
"""Which module beside this one adds the nodes of a file of models, by its ending; imported when it is needed."""


def predicted(graph: Graph, rows: str, saved: SavedEnsemble) -> str:
    """Return the pooled probabilities, as `SavedEnsemble.predict` does.

    Parameters
    ----------
    graph : Graph
    rows : str
        Float32, (rows, columns): as in the files, not scaled.
    saved : SavedEnsemble

    Returns
    -------
    str
        Float64, (rows, genres).

    Raises
    ------
    RunError
        When a model's file is missing or damaged, or holds what a graph cannot.
    """
    recipes = [_recipe(graph, rows, saved, name) for name in saved.weights]
    return pooled(graph, recipes, list(saved.weights.values()), saved.biases)


def _recipe(graph: Graph, rows: str, saved: SavedEnsemble, name: str) -> str:
    files = [(seeds, path) for recipe, seeds, path in saved.models if recipe == name]
    models = []
    for _, path in files:
        models.append(_model(graph, rows, path))
    return averaged(graph, models, [seeds for seeds, _ in files])


def _model(graph: Graph, rows: str, path: Path) -> str:
    room, trained = import_module(f"competition.models.onnx.{_ROOMS[path.suffix]}"), load_trained(path)
    try:
        return room.predicted(graph, rows, trained)
    except KitError:
        raise
    except Exception as problem:  # a file that was tampered with may lack anything
        raise RunError(f"{path}: its models cannot be exported ({problem!r}); train the run again.") from problem
