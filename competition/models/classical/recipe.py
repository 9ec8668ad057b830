"""A classical recipe: a scikit-learn model and its scaling, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression

from competition.errors import RecipeError
from competition.models.base import checks
from competition.models.base.scaling import SCALING_KEYS, Scaling, scaling_from_table
from competition.models.classical.imported import check_class_name, imported_classifier
from competition.models.classical.kernel_ridge import KernelRidgeClassifier
from competition.models.classical.support_vector import SupportVectorClassifier
from competition.storage import toml

_ESTIMATORS: dict[str, tuple[type[ClassifierMixin], dict[str, Any]]] = {
    "support-vector": (SupportVectorClassifier, {}),
    "logistic-regression": (LogisticRegression, {"max_iter": 2000}),
    "discriminant-analysis": (LinearDiscriminantAnalysis, {}),
    "extra-trees": (ExtraTreesClassifier, {}),
    "kernel-ridge": (KernelRidgeClassifier, {}),
}
_BYTES = 8
"""Of a number in a saved model."""
IMPORTED = "sklearn"
"""The family of classifiers of other packages, which recipes name."""
CLASSICAL_FAMILIES = tuple(_ESTIMATORS)


@dataclass(frozen=True, kw_only=True)
class ClassicalRecipe:
    """A scikit-learn model, its parameters and the scaling before it.

    Attributes
    ----------
    name : str
    family : str
        One of `CLASSICAL_FAMILIES`, or `IMPORTED`.
    estimator : str
        Of the family sklearn: the class, as ``"lightgbm.LGBMClassifier"``; it is imported when it is needed, so only
        who runs the kit may name it. Empty for the other families.
    scaling : Scaling
        Fitted inside each fold.
    most_rows : int
        The largest number of training rows: of more, this many are drawn at random. 0 for no limit. Meant for models
        whose time and memory grow faster than the number of rows.
    parameters : mapping of str to str, int, float or bool
        Arguments of the scikit-learn class; the rest keep their defaults.

    Raises
    ------
    RecipeError
        When a value is outside its range, or the model has no such parameter.

    Examples
    --------
    >>> ClassicalRecipe(name="svm", family="support-vector", parameters={"C": 1.5}).unfitted(seed=0).C
    1.5
    """

    name: str
    family: str
    estimator: str = ""
    scaling: Scaling = field(default_factory=Scaling)
    most_rows: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        toml.check_name(self.name, where="a recipe's name", error=RecipeError)
        checks.check_choice(self.family, (*CLASSICAL_FAMILIES, IMPORTED), where=f"{self.name}: family")
        self.scaling.check(self.name)
        toml.check_whole(self.most_rows, 0, where=f"{self.name}: most_rows", error=RecipeError)
        if not isinstance(self.parameters, Mapping):
            raise RecipeError(f"{self.name}: parameters is {self.parameters!r}; expected a table, [parameters].")
        if self.is_imported:
            check_class_name(self.estimator, where=self.name)
        elif self.estimator:
            raise RecipeError(f"{self.name}: estimator is for the family {IMPORTED}; leave it out.")
        else:
            self._check_parameters(_ESTIMATORS[self.family][0])

    @property
    def is_imported(self) -> bool:
        """Whether its classifier is another package's, which is imported by its name."""
        return self.family == IMPORTED

    def check_import(self) -> None:
        """Import the classifier, if it is another package's; raise RecipeError where it does not take the recipe."""
        if not self.is_imported:
            return
        try:
            self.unfitted(seed=0)
        except RecipeError:
            raise
        except Exception as problem:  # whatever another package may raise
            raise RecipeError(f"{self.name}: {self.estimator} refuses its parameters: {problem}") from None

    def _check_parameters(self, kind: type[ClassifierMixin]) -> None:
        known = sorted(set(kind().get_params()) - {"random_state"})
        toml.check_keys(self.parameters, (), known, where=f"{self.name}: parameters", error=RecipeError)

    def unfitted(self, seed: int) -> ClassifierMixin:
        """Return the scikit-learn model, not fitted; `seed` decides whatever is random in it."""
        kind, defaults = _ESTIMATORS.get(self.family, (None, {}))
        kind = kind or imported_classifier(self.estimator, where=self.name)
        model = kind(**defaults | dict(self.parameters))
        return model.set_params(random_state=seed) if "random_state" in model.get_params() else model

    def stored_bytes(self, rows: int, columns: int) -> int:
        """Return how much of the disk the songs take that one fold's saved model keeps; 0 where it keeps none."""
        keeps_songs = not self.is_imported and getattr(_ESTIMATORS[self.family][0], "keeps_songs", False)
        return _BYTES * min(rows, self.most_rows or rows) * columns if keeps_songs else 0

    def to_table(self) -> dict[str, Any]:
        """Return the recipe as a dictionary of what TOML and JSON can hold."""
        rest = {"most_rows": self.most_rows, "parameters": dict(self.parameters)}
        named = {"estimator": self.estimator} if self.is_imported else {}
        return {"name": self.name, "family": self.family} | named | self.scaling.to_table() | rest


CLASSICAL_KEYS = ("name", "family", "estimator", *SCALING_KEYS, "most_rows", "parameters")
"""All keys that a classical recipe may have in a file."""


def classical_recipe_from_table(table: Mapping[str, Any]) -> ClassicalRecipe:
    """Return the recipe that `ClassicalRecipe.to_table` turned into `table`."""
    rest = {key: value for key, value in table.items() if key not in SCALING_KEYS}
    return ClassicalRecipe(scaling=scaling_from_table(table), **rest)
