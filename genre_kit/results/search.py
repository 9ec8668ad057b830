"""A search that begins, and one that is finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from competition.data.dataset import Dataset
from genre_kit.results.facts import Origin
from genre_kit.results.folds import FoldChoice
from tuning.trials.study import Budget, Study


@dataclass(frozen=True, eq=False)
class SearchPlan:
    """A search that is about to begin or to resume.

    Attributes
    ----------
    dataset : Dataset
        All training songs.
    choice : FoldChoice
    study : Study
    budget : Budget
    folder : Path
    own_folds : bool
        Whether the folds were given as a file.
    kept_out : Dataset or None
        The songs kept out of the search.
    origin : Origin
        Where the files of the songs are.
    known_by : Path or None
        The folder that knows them, where nobody named them: the search's.
    """

    dataset: Dataset
    choice: FoldChoice
    study: Study
    budget: Budget
    folder: Path
    own_folds: bool
    kept_out: Dataset | None
    origin: Origin
    known_by: Path | None = None


@dataclass(frozen=True, eq=False)
class SearchResult:
    """A finished search.

    Attributes
    ----------
    folder : Path
        With ``recipe.toml``, the winner's.
    table : mapping
        What ``result.json`` there holds.
    was_there : bool
        Whether the search had been finished before.
    data : Path or None
        The folder that was searched on; None for the embedded sample.
    has_test : bool
        Whether there is a test file.
    without : str
        The genres that are left out, as the command line takes them; empty where none is.
    """

    folder: Path
    table: Mapping[str, Any]
    was_there: bool
    data: Path | None = None
    has_test: bool = True
    without: str = ""

    @property
    def recipe(self) -> Mapping[str, Any]:
        """The winner's, as a table."""
        return self.table["recipe"]
