"""Benchmarks are run by hand: here they are only imported, so that a renamed function is noticed."""

import importlib
import re

import pytest
from support import ROOT

NAMES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")


@pytest.mark.training  # they import TensorFlow, which takes seconds
@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported_and_says_what_it_does(name: str):
    module = importlib.import_module(f"benchmarks.{name}")
    assert re.search(rf"python (-m benchmarks\.{name}|benchmarks/{name}\.py)\b", module.__doc__ or "")
