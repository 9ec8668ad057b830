"""Old names of modules that have moved: pickles, saved models and imports that use them still work."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast

MOVED = {
    "competition.classical": "competition.models.classical",
    "competition.classical.kernel_ridge": "competition.models.classical.kernel_ridge",
    "competition.classical.support_vector": "competition.models.classical.support_vector",
    "competition.classical.training": "competition.models.classical.engine",
    "competition.edition": "competition.data.edition",
    "competition.estimator": "competition.models.estimator",
    "competition.intervals": "competition.scoring.intervals",
    "competition.metrics": "competition.scoring.metrics",
    "competition.networks": "competition.models.networks",
    "competition.networks.optimizers": "competition.models.networks.optimizers",
    "competition.networks.pack": "competition.models.networks.pack",
    "competition.networks.packed": "competition.models.networks.layers",
    "competition.networks.packed_lstm": "competition.models.networks.lstm",
    "competition.networks.recipe": "competition.models.networks.recipe",
    "competition.pooling": "competition.scoring.pooling",
    "competition.scaling": "competition.models.base.scaling",
}
"""Old name -> new name, of every module that a file written by an older version may name."""


class _OldNames:
    """Finds a module by its old name and loads it from where it is now.

    A finder and a loader as `importlib.abc` describes them; importing that would slow every start of the program down.
    """

    def __init__(self) -> None:
        self.own_specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec that loads a module of an old name; None for all other names."""
        return ModuleSpec(name, cast(Any, self)) if name in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself, by its new name, and keep its own spec for `exec_module`."""
        module = import_module(MOVED[spec.name])
        self.own_specs[module.__name__] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec, which Python has just replaced with one under the old name."""
        module.__spec__ = self.own_specs.pop(module.__name__)


def old_names_of(name: str) -> list[str]:
    """Return the dotted names that something had in older versions, given its current dotted name.

    Examples
    --------
    >>> old_names_of("competition.models.base.scaling.Scaler")
    ['competition.scaling.Scaler']
    """
    module, _, what = name.rpartition(".")
    return [f"{old}.{what}" for old, new in MOVED.items() if new == module]


def install() -> None:
    """Let Python find modules by their old names too.

    Before other finders, which would load a module of a package that has moved for a second time, with classes that are
    not those of the first.
    """
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OldNames())
