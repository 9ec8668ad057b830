"""Classifiers of other packages by their names: code is imported, so a name must be the user's own."""

import re
from importlib import import_module
from inspect import isclass
from typing import Any

from competition.errors import RecipeError

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
_METHODS = ("fit", "predict_proba", "get_params", "set_params")


def check_class_name(name: object, *, where: str) -> None:
    """Raise RecipeError where a text is not like ``package.module.Class``; nothing is imported."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise RecipeError(f"{where}: estimator is {name!r}; expected package.module.Class, of a classifier.")


def imported_classifier(name: str, *, where: str) -> Any:
    """Import a classifier's class.

    Parameters
    ----------
    name : str
        As ``"lightgbm.LGBMClassifier"``.
    where : str
        What messages begin with.

    Raises
    ------
    RecipeError
        When there is no such class, or it is no scikit-learn classifier with probabilities.
    """
    module, _, last = name.rpartition(".")
    try:
        found = getattr(import_module(module), last)
    except ModuleNotFoundError as problem:
        package = (problem.name or module).partition(".")[0]
        raise RecipeError(f"{where}: estimator {name}: {problem}; install the package {package}.") from None
    except (ImportError, AttributeError) as problem:
        raise RecipeError(f"{where}: estimator {name} cannot be imported: {problem}.") from None
    lacking = [method for method in _METHODS if not hasattr(found, method)]
    if not isclass(found) or lacking:
        raise RecipeError(
            f"{where}: estimator {name} is no scikit-learn classifier with probabilities"
            f"{f' (it has no {lacking[0]})' if isclass(found) else ''}; expected a class with {', '.join(_METHODS)}."
        )
    return found
