"""The house: folders are floors, imports go down, no files import each other in a circle, functions are short."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from support import ROOT

FLOORS = (
    "genre_kit.__main__",
    "genre_kit.cli",
    "genre_kit.commands",
    "genre_kit.options",
    "genre_kit.endings",
    "genre_kit",
    "genre_kit.kaggle",
    "genre_kit.kaggle.door",
    "genre_kit.jobs.machine",
    "genre_kit.jobs.sound",
    "genre_kit.jobs",
    "genre_kit.jobs.steps",
    "genre_kit.reports.explanation",
    "genre_kit.reports.page",
    "genre_kit.reports.machine",
    "genre_kit.reports",
    "genre_kit.tracking",
    "genre_kit.runs",
    "genre_kit.results",
    "tuning",
    "tuning.keras_tuner",
    "tuning.trials",
    "tuning.errors",
    "submissions.checks",
    "submissions",
    "competition.pictures",
    "competition.inference",
    "competition.shift",
    "competition.models.onnx",
    "competition.explain",
    "competition.models",
    "competition.models.reference",
    "competition.models.networks",
    "competition.models.classical",
    "competition.models.base",
    "competition.scoring",
    "competition.audio",
    "competition.audio.features",
    "competition.audio.musicnn",
    "competition.audio.signal",
    "competition.data",
    "competition.storage",
    "competition.runtime",
    "competition.errors",
    "competition",
    "competition.moved",
)
"""From the top down; docs/architecture.md draws them."""
SHIM = "competition.__main__"
"""``python -m competition``: the one import that goes up."""
PRODUCT = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("competition", "genre_kit", "submissions", "tuning")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def imported_by(module: str) -> set[str]:
    """Return the product's modules that a module imports anywhere, but for what only type checkers see."""
    tree = ast.parse(PRODUCT[module].read_text(encoding="utf-8"))
    names = [name for node in reached(tree) for name in named(node)]
    return {longest for name in names if (longest := module_of(name)) not in (None, module)}


def reached(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING"):
            yield child
            yield from reached(child)


def named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def module_of(name: str) -> str | None:
    """Return the module that a dotted name is, or is in."""
    while name and name not in PRODUCT:
        name = name.rpartition(".")[0]
    return name or None


def floor_of(module: str) -> int:
    floors = [place for place, floor in enumerate(FLOORS) if module == floor or module.startswith(f"{floor}.")]
    return max(floors, key=lambda place: len(FLOORS[place]))


def test_imports_go_down():
    up = [
        f"{module} imports {other}"
        for module in PRODUCT
        if module != SHIM
        for other in imported_by(module)
        if floor_of(other) < floor_of(module)
    ]
    assert up == []


def test_no_files_import_each_other_in_a_circle():
    list(TopologicalSorter({module: imported_by(module) for module in PRODUCT}).static_order())


def test_the_way_to_kaggle_is_a_room_of_its_own():
    """Nothing but its three commands, and who asks for it from Python, imports it; its client has one door."""
    doors = {f"genre_kit.commands.kaggle.{name}" for name in ("fetch", "send", "board")} | {"genre_kit"}
    inside = {module for module in PRODUCT if module.startswith("genre_kit.kaggle")}
    asking = {module for module in PRODUCT if any(name in inside for name in imported_by(module))}
    assert asking - inside <= doors
    client = {
        module
        for module, path in PRODUCT.items()
        for node in reached(ast.parse(path.read_text(encoding="utf-8")))
        if any(name.split(".")[0] in ("kaggle", "kagglesdk", "requests", "urllib3") for name in named(node))
    }
    assert client == {"genre_kit.kaggle.door.client", "genre_kit.kaggle.door.limits"}


def test_a_circle_and_an_import_upwards_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    high, low = tmp_path / "high.py", tmp_path / "low.py"
    high.write_text("def f():\n    from competition.errors import KitError\n")
    low.write_text("from genre_kit.cli import run\n")
    monkeypatch.setitem(PRODUCT, "genre_kit.cli", high)
    monkeypatch.setitem(PRODUCT, "competition.errors", low)
    with pytest.raises(AssertionError, match=r"competition\.errors imports genre_kit\.cli"):
        test_imports_go_down()
    with pytest.raises(ValueError, match="cycle"):
        test_no_files_import_each_other_in_a_circle()


def test_folders_hold_at_most_a_dozen_modules():
    folders = {path.parent for path in PRODUCT.values()}
    crowded = {str(one): len(found) for one in folders if len(found := list(one.glob("[!_]*.py"))) > 13}
    assert crowded == {}


def test_functions_are_short():
    lengths = {}
    for module, path in PRODUCT.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lengths[f"{module}.{node.name}"] = len(body_lines(node))
    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 10


def body_lines(node: ast.FunctionDef) -> range:
    """Return the lines of a function behind its docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return range(first.lineno, (node.end_lineno or 0) + 1)
