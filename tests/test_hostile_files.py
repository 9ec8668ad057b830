"""Files made to do harm: none runs code, reaches out of its folder, hangs or ends in a traceback; docs/security.md."""

import gzip
import io
import json
import os
import pickle
import re
import shutil
import socket
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import EDITION_TEXT, RECIPE_TEXT, run_program

from benchmarks.fuzzing.mutations import packed
from competition.audio.json_frames import read_json_frames
from competition.audio.keeping import Kept
from competition.audio.listening import Settings
from competition.data.edition import Edition
from competition.data.edition_file import read_edition
from competition.data.folds import read_folds
from competition.data.formats import csv_files, table_forms
from competition.data.formats.csv_files import read_groups, read_songs
from competition.data.formats.wrapping import data_place
from competition.data.frames import read_frames
from competition.errors import DataError, EditionError, FoldsError, KitError, RunError
from competition.inference import submission
from competition.models.ensembles import read_ensemble
from competition.models.saved import load_models
from competition.storage.folders import DONE, new_run
from competition.storage.reading import read_json
from competition.storage.toml import read_toml
from genre_kit.runs.known_data import known_data
from genre_kit.runs.manifest import Manifest, ScoresFile
from submissions import submission_file
from tuning.trials.outcomes import Outcomes
from tuning.trials.spaces import SpaceError, read_space


class Harm:
    """A pickle that makes a file where it is read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple:
        return Path.touch, (self.place,)


@pytest.fixture
def harm(tmp_path: Path) -> Path:
    """Where a file is once some code has been run."""
    path = tmp_path / "harm"
    pickle.loads(pickle.dumps(Harm(path)))
    assert path.exists()
    path.unlink()
    return path


# Code in files


def test_a_pickle_in_an_array_is_not_run(harm: Path, tmp_path: Path):
    path = tmp_path / "frames.npy"
    np.save(path, np.array([Harm(harm)], object), allow_pickle=True)
    with pytest.raises(DataError, match=r"frames\.npy: is no array, or is cut short"):
        read_frames(path, 1)
    path.write_bytes(pickle.dumps(Harm(harm)))
    with pytest.raises(DataError, match=r"frames\.npy: is no array, or is cut short"):
        read_frames(path, 1)
    shutil.copy(path, tmp_path / "key.npy")
    with pytest.raises(KitError, match=r"key\.npy: cannot be read"):
        Outcomes(tmp_path).probabilities("key")
    assert not harm.exists()


def test_a_pickle_in_an_archive_of_arrays_is_not_run(harm: Path, tmp_path: Path):
    kept = Kept(tmp_path, Settings(("mfcc",)))
    np.savez(kept.place("song"), facts=np.array([Harm(harm)], object), rows=1, words=1, allow_pickle=True)
    assert kept.find("song") is None
    assert not harm.exists()


@pytest.fixture
def run(finished: tuple, tmp_path: Path) -> Path:
    """A copy of a run with a network."""
    return Path(shutil.copytree(finished[1], tmp_path / "run"))


def changed(path: Path, change: Callable[[dict], dict]) -> None:
    """Change the config in a network's file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = json.dumps(change(json.loads(members["config.json"]))).encode()
    path.write_bytes(packed(list(members.items())))


def with_layer(layer: dict) -> Callable[[dict], dict]:
    def change(config: dict) -> dict:
        last = config["config"]["layers"][-1]
        last |= layer
        return config

    return change


LAYERS = {
    "a Lambda layer": {
        "module": "keras.layers",
        "class_name": "Lambda",
        "registered_name": None,
        "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None}}},
    },
    "a function of another module": {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "system",
    },
    "a class of another module": {"module": "subprocess", "class_name": "Popen", "registered_name": None},
    "a class under the kit's name": {"module": "os", "class_name": "x", "registered_name": "genre-kit>x"},
    "a layer that loads a file": {"module": "keras.layers", "class_name": "TFSMLayer", "registered_name": None},
    "Keras's own loader": {"module": "keras.saving", "class_name": "load_model", "registered_name": None},
    "a name that is none": {"module": ["os"], "class_name": {"a": 1}, "registered_name": None},
}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_network_of_anything_but_the_kits_layers_is_refused(kind: str, run: Path):
    (path,) = (run / "models").glob("*.keras")
    changed(path, with_layer(LAYERS[kind]))
    with pytest.raises(RunError, match=r"\.keras: cannot be read \(it names .*train the run again"):
        load_models(run / "models").predict(np.ones((2, 10), np.float32))


@pytest.mark.parametrize("name", ["assets/x", "../../x", "/etc/x", "model.weights.npz"])
def test_a_network_with_other_files_beside_it_is_refused(name: str, run: Path):
    (path,) = (run / "models").glob("*.keras")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"")
    with pytest.raises(RunError, match=r"\.keras: cannot be read \(it holds .*; expected only config\.json"):
        load_models(run / "models").predict(np.ones((2, 10), np.float32))


def test_a_networks_config_that_is_nested_without_end_is_met_by_a_sentence(run: Path):
    (path,) = (run / "models").glob("*.keras")
    path.write_bytes(packed([("config.json", b"[" * 200_000), ("metadata.json", b"{}")]))
    with pytest.raises(RunError, match=r"\.keras: cannot be read"):
        load_models(run / "models").predict(np.ones((2, 10), np.float32))


def test_a_scikit_learn_model_of_other_types_is_refused(run: Path):
    import skops.io

    index = run / "models" / "models.json"
    table = json.loads(index.read_text())
    name = table["models"][0]["recipe"]
    for content, sentence in (({"a": Path.home}, "cannot be read"), ({"a": 1}, "it holds no models of folds")):
        skops.io.dump(content, run / "models" / "x.skops")
        index.write_text(json.dumps(table | {"models": [{"recipe": name, "seeds": 1, "file": "x.skops"}]}))
        with pytest.raises(RunError, match=rf"x\.skops: .*{sentence}"):
            load_models(run / "models").predict(np.ones((2, 10), np.float32))


# Ways out of a folder


@pytest.mark.parametrize("name", ["../../x.skops", "/etc/x.skops", "a/../../x.keras", "x.pickle", "models.json"])
def test_an_index_names_models_beside_it_alone(name: str, run: Path):
    index = run / "models" / "models.json"
    table = json.loads(index.read_text())
    table["models"][0]["file"] = name
    index.write_text(json.dumps(table))
    with pytest.raises(RunError, match=r"models\.json: names .*, which is no file of models beside it"):
        load_models(run / "models")


@pytest.mark.parametrize("name", ["../songs.csv", "/etc/passwd", "a/b.csv", "..", "edition.toml"])
def test_an_edition_names_files_in_its_folder_alone(name: str, tmp_path: Path):
    path = tmp_path / "edition.toml"
    path.write_text(EDITION_TEXT.replace("songs.csv", name))
    with pytest.raises(EditionError, match=r"train: .*is no plain file name"):
        read_edition(path)


def test_what_a_hostile_run_lists_as_its_files_is_not_removed(tmp_path: Path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "models").symlink_to(mine)
    (folder / "own.txt").write_text("old")
    (folder / DONE).write_text(f"../mine/letter.txt\n{mine}/letter.txt\nmodels/letter.txt\na\0b\nown.txt\n")
    with new_run(folder, force=True) as place:
        (place / "new.txt").write_text("new")
    assert (mine / "letter.txt").read_text() == "dear"
    assert not (folder / "own.txt").exists()


def test_nothing_is_written_through_a_link_in_a_hostile_run(tmp_path: Path):
    mine = tmp_path / "mine"
    mine.mkdir()
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "models").symlink_to(mine)
    with (
        pytest.raises(RunError, match=r"run/models: is a link to .*mine, and files would be written there"),
        new_run(folder, force=True) as place,
    ):
        (place / "models").mkdir()
        (place / "models" / "a.txt").write_text("new")
    assert not list(mine.iterdir())


@pytest.mark.parametrize("name", ["../out.csv", "/etc/out.csv", "a/../../out.csv", "a\\..\\..\\out.csv"])
def test_an_archive_whose_paths_lead_outside_is_refused(name: str, tmp_path: Path):
    path = tmp_path / "data.zip"
    path.write_bytes(packed([("songs.csv", b"1,2\n"), (name, b"1,2\n")]))
    with pytest.raises(DataError, match=r"whose path leads outside"):
        data_place(path)


def test_a_link_in_an_archive_is_a_short_text(tmp_path: Path):
    member = zipfile.ZipInfo("songs.csv")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(DataError):
        read_songs(data_place(tmp_path / "data.zip") / "songs.csv", _narrow())


def _narrow() -> Edition:
    from competition.data.edition import Block, Files

    return Edition("n", "N", ("a", "b"), "a", Files("songs.csv", "l", "t"), (Block("x", 0, 2, ("mean",)),))


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: packed([("songs.csv", content)])])
def test_an_archive_that_unpacks_without_end_is_refused(pack: Callable[[bytes], bytes], tmp_path: Path):
    path = tmp_path / "songs.csv.gz"
    path.write_bytes(pack(b"0" * 2**25))
    for read in (lambda one: read_songs(one, _narrow()), read_groups):
        with pytest.raises(DataError, match=r"would unpack to [\d,]+ bytes, over 1000 times its size"):
            read(path)


# Without end


NESTED = {
    "tables in a header": f"[{'a.' * 1_000_000}a]\n",
    "keys with dots": f"{'a.' * 1_000_000}a = 1\n",
    "quoted keys": '"a" . ' * 300_000 + "a = 1\n",
    "lists": f"a = {'[' * 100_000}",
    "tables in a line": f"a = {'{a = ' * 100_000}",
    "a number of many digits": f"a = {'1' * 100_000}\n",
}


@pytest.mark.parametrize("kind", NESTED)
def test_toml_of_a_million_nested_tables_is_met_by_a_sentence(kind: str, tmp_path: Path):
    path = tmp_path / "deep.toml"
    path.write_text(NESTED[kind])
    for read in (read_edition, read_ensemble, read_space):
        with pytest.raises(KitError, match=r"deep\.toml: is (nested too deeply|not valid TOML)") as refused:
            read(path)
        assert len(str(refused.value)) < 4000


def test_a_version_or_a_sentence_with_dots_is_no_nested_table(tmp_path: Path):
    path = tmp_path / "dots.toml"
    path.write_text(f'a = "{"1." * 200}"\nb = [{"1.5, " * 200}]\nc.d.e = 1\n')
    assert read_toml(path, KitError)["c"] == {"d": {"e": 1}}


def test_json_nested_without_end_is_met_by_a_sentence(tmp_path: Path):
    path = tmp_path / "deep.json"
    path.write_text('{"a":' * 100_000)
    with pytest.raises(RunError, match=r"deep\.json: cannot be read"):
        read_json(path, RunError, "train the run again")


DEEP_FRAMES = {
    "null": "null",
    "null in front": 'null{"mapping": ["a", "b"]}',
    "a list": "[" * 1_000_000,
    "lists in lists": '{"mfcc": ' + "[" * 1_000_000 + "1" + "]" * 1_000_000 + "}",
    "lists beside lists": '{"mfcc": ' + "[[]," * 300_000,
    "brackets in texts": '{"mfcc": ' + '["]",' * 300_000,
    "escaped quotes": '{"mfcc": ' + '["\\"]",' * 300_000,
    "escapes at the end": '{"mfcc": ' + '["\\\\", "]",' * 300_000,
    "tables in tables": '{"mfcc": ' * 300_000,
}


@pytest.mark.parametrize("kind", DEEP_FRAMES)
def test_frames_that_would_end_the_process_are_met_by_a_sentence(kind: str, tmp_path: Path):
    """Arrow's reader of JSON ends the process where lists are nested deeply, and where a file begins with null."""
    path = tmp_path / "frames.json"
    path.write_text(DEEP_FRAMES[kind])
    with pytest.raises(DataError, match=r"frames\.json: (is no JSON|lists are nested)"):
        read_json_frames(path)


FOUND_FRAMES = {
    "a mapping that is a number": ({"mapping": 1.5}, "mapping is no list of names"),
    "names that are numbers": ({"mapping": [1, 2]}, "mapping is no list of names"),
    "labels that are null": ({"labels": None}, "labels is null"),
    "a list that is null": ({"mfcc": [[[1.0]], [None]]}, "mfcc is no list of numbers, 3 deep"),
}


@pytest.mark.parametrize("kind", FOUND_FRAMES)
def test_frames_of_other_types_are_met_by_a_sentence(kind: str, tmp_path: Path):
    changes, sentence = FOUND_FRAMES[kind]
    path = tmp_path / "frames.json"
    path.write_text(json.dumps({"mapping": ["a", "b"], "labels": [0, 1], "mfcc": [[[1.0]], [[2.0]]]} | changes))
    with pytest.raises(DataError, match=sentence):
        read_json_frames(path)


def test_frames_whose_names_are_no_text_are_met_by_a_sentence(tmp_path: Path):
    path = tmp_path / "frames.json"
    for content in (b'{"mapping": ["\xff", "b"], "labels": [0], "mfcc": [[[1]]]}', b'{"\xff": 1}'):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"frames\.json: "):
            read_json_frames(path)


def test_a_fold_number_of_many_digits_is_met_by_a_sentence(tmp_path: Path):
    path = tmp_path / "folds.csv"
    path.write_text(f"1\n{'9' * 5000}\n")
    with pytest.raises(FoldsError, match=r"folds\.csv, line 2: .* is not a whole number of at most 18 digits"):
        read_folds(path, 2)


@pytest.mark.parametrize("header", [b"{'a': (\n", b"{'descr': '<f4', 'shape': (-1,)}\n", b"\xff\n", b"[" * 500 + b"\n"])
def test_an_array_with_a_damaged_header_is_met_by_a_sentence(header: bytes, tmp_path: Path):
    path = tmp_path / "frames.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(DataError, match=r"frames\.npy: (is no array|holds)"):
        read_frames(path, 1)


def test_an_archive_that_is_damaged_inside_is_met_by_a_sentence(competition_folder: Path, tmp_path: Path):
    members = [(one.name, one.read_bytes()) for one in sorted(competition_folder.iterdir())]
    whole = packed(members, zipfile.ZIP_STORED)
    path = tmp_path / "data.zip"
    for spoiled in (whole.replace(b"A tiny", b"B tiny", 1), whole.replace(b"PK\x03\x04", b"PK\x03\x05", 1)):
        path.write_bytes(spoiled)
        said = run_program("edition", "--data", path, "--look")
        assert (said.returncode, said.stdout) == (1, "")
        assert "its archive is damaged" in said.stderr or "is not a whole archive" in said.stderr


SPACES = {
    "a kind that is a list": 'kind = ["int"]\nmin = 1\nmax = 2',
    "a sampling that is a table": 'kind = "int"\nmin = 1\nmax = 2\nsampling = { a = 1 }',
}


@pytest.mark.parametrize("kind", SPACES)
def test_spaces_of_other_types_are_met_by_a_sentence(kind: str, tmp_path: Path):
    path = tmp_path / "space.toml"
    path.write_text(f'[recipe]\nfamily = "dense"\nhidden_units = [8]\n[hyperparameters.clip]\n{SPACES[kind]}\n')
    with pytest.raises(SpaceError, match=r"space\.toml"):
        read_space(path)


def test_a_recipes_list_of_lists_in_a_space_is_met_by_a_sentence(tmp_path: Path):
    path = tmp_path / "space.toml"
    path.write_text('[recipe]\nfamily = "dense"\nhidden_units = [[8]]\n[hyperparameters.clip]\nkind = "boolean"\n')
    with pytest.raises(SpaceError, match=r"space\.toml"):
        read_space(path)


@pytest.mark.parametrize("value", ["true", "1", "[1]", '["t*", 2]', "[[]]", "{ a = 1 }"])
def test_blocks_whose_columns_are_no_names_are_met_by_a_sentence(value: str, tmp_path: Path):
    path = tmp_path / "edition.toml"
    text = EDITION_TEXT.replace('labels = "genres.csv"\n', "").split("[[blocks]]")[0]
    path.write_text(f'{text}[columns]\nlabel = "genre"\n[[blocks]]\nname = "b"\ncolumns = {value}\n')
    with pytest.raises(EditionError, match=r"edition\.toml"):
        read_edition(path, lambda files, roles: ("tempo", "genre"))


MANIFESTS = {
    "started that is a number": {"started": 1.5},
    "a seed that is a text": {"seed": "1"},
    "test rows without end": {"test_lines": float("inf")},
    "genres that are numbers": {"edition": {"name": "x", "genres": [1, 2]}},
    "packages that are a list": {"environment": {"packages": ["numpy"]}},
    "a path that is a list": {"origin": {"path": [1]}},
    "a repeat of half": {"repeats": 0.5},
    "a seed without end": {"seed": 2**40},
}


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_of_other_types_is_met_by_a_sentence(kind: str, finished: tuple, tmp_path: Path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads((finished[1] / "manifest.json").read_text()) | MANIFESTS[kind]))
    with pytest.raises(RunError, match=r"manifest\.json: .*train the run again"):
        Manifest.read(path)


SCORES = {
    "a genre without songs": {"genres": [{"genre": "Rock"}]},
    "songs that are a text": {"genres": [{"genre": "Rock", "songs": "many"}]},
    "a score that there is not": {"yardsticks": [{"name": "guessing", "scores": {"beauty": 1.0}}]},
    "one board": {"ranked_by": ["accuracy"]},
    "numbers that are texts": {"out_of_fold": {"accuracy": "high"}},
    "an accuracy without end": {"board": {"rows": 1, "expected_accuracy": float("inf")}},
}


@pytest.mark.parametrize("kind", SCORES)
def test_scores_of_other_types_are_met_by_a_sentence(kind: str, finished: tuple, tmp_path: Path):
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(json.loads((finished[1] / "scores.json").read_text()) | SCORES[kind]))
    with pytest.raises(RunError, match=r"scores\.json: .*train the run again"):
        ScoresFile.read(tmp_path)


def test_a_place_of_data_with_a_long_name_is_met_by_a_sentence(finished: tuple, tmp_path: Path):
    path = tmp_path / "manifest.json"
    table = json.loads((finished[1] / "manifest.json").read_text())
    path.write_text(json.dumps(table | {"origin": table["origin"] | {"path": "/" + "9" * 5000}}))
    (tmp_path / DONE).touch()
    with pytest.raises(RunError, match=r"its data is no longer in /999"):
        known_data(tmp_path).place  # noqa: B018


def test_a_long_sentence_keeps_its_beginning_and_its_cure():
    text = str(KitError("songs.csv, line 1: " + "x" * 100_000 + "; mend it."))
    assert len(text) < 2100
    assert text.startswith("songs.csv, line 1: x")
    assert text.endswith("x; mend it.")


# What is no file


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    os.mkfifo(tmp_path / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    folder, before = tmp_path, Path.cwd()
    os.chdir(folder)  # a socket's path must be short
    listener.bind("socket")
    os.chdir(before)
    listener.close()
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("gone")
    return {
        "a pipe": tmp_path / "pipe",
        "a socket": tmp_path / "socket",
        "links in a circle": tmp_path / "loop",
        "a link to nowhere": tmp_path / "nowhere",
        "a folder": empty,
        "zeros without end": Path("/dev/zero"),
        "nothing": Path("/dev/null"),
        "itself": Path("/proc/self/mem"),
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such things here")
@pytest.mark.parametrize(
    "words",
    [
        ["check", "{}", "--data", "{data}"],
        ["score", "{}"],
        ["score", "--recipe", "{}"],
        ["score", "--model", "baseline", "--data", "{data}", "--folds", "{}"],
        ["score", "--model", "baseline", "--data", "{data}", "--groups", "{}"],
        ["score", "--predictions", "{}", "--labels", "{}", "--data", "{data}"],
        ["submit", "--manifest", "{}"],
        ["submit", "--from", "{}"],
        ["submit", "--data", "{}"],
        ["sample", "--edition", "{}"],
        ["tune", "--space", "{}"],
        ["plot", "--tuning", "{}"],
        ["plot", "--audio", "{}"],
        ["extract", "{}"],
        ["edition", "--data", "{}", "--look"],
    ],
    ids=" ".join,
)
def test_what_is_no_file_is_met_by_a_sentence(
    words: list[str], places: dict[str, Path], competition_folder: Path, tmp_path: Path
):
    """A pipe that nobody writes into is not waited for, and a device is not read for ever."""
    for kind, place in places.items():
        said = run_program(*(word.format(place, data=competition_folder) for word in words), cwd=tmp_path)
        assert said.returncode in (1, 2), kind
        assert said.stderr.strip(), kind
        assert "None" not in said.stderr, kind


# Names


FORMULAS = ("=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1")


def test_formulas_in_names_of_sound_files_are_texts_in_the_list_for_people():
    from competition.audio.tables import as_text

    assert [as_text(one) for one in FORMULAS] == [f"'{one}" for one in FORMULAS]
    assert [as_text(one) for one in ("rock/=1.wav", "1.5", "", "a-b")] == ["rock/=1.wav", "1.5", "", "a-b"]


def test_markup_in_all_names_of_an_edition_stays_text_in_the_report(competition_folder: Path, tmp_path: Path):
    script = "<img src=x onerror=alert(1)>"
    text = EDITION_TEXT.replace('"Polka"', f'"{script}"').replace('"mean", "max"', f'"mean", "{script}"')
    (competition_folder / "edition.toml").write_text(text)
    out = tmp_path / script
    words = ["--data", competition_folder, "--model", "discriminant-analysis", "--folds", 2, "--out", out]
    said = run_program("submit", *words)
    assert said.returncode == 0, said.stderr
    page = (out / "report.html").read_text()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_recipes_name_is_no_path(tmp_path: Path):
    path = tmp_path / "recipe.toml"
    path.write_text(f'name = "../../x"\n{RECIPE_TEXT}')
    with pytest.raises(KitError, match=r"recipe\.toml: .*expected a name of letters"):
        read_ensemble(path)


def test_reading_a_spoiled_archive_of_arrays_gives_no_warnings(tmp_path: Path):
    kept = Kept(tmp_path, Settings(("mfcc",)))
    buffer = io.BytesIO()
    np.savez(buffer, rows=1)
    kept.place("song").write_bytes(buffer.getvalue()[:-5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kept.find("song") is None


@pytest.mark.parametrize("pattern", [csv_files._NUMBER, table_forms.NUMBER, submission_file._NUMBER])
def test_a_cell_of_very_many_digits_is_told_from_a_number_at_once(pattern: re.Pattern[str]):
    for cell in ("9" * 100_000 + "x", "." + "9" * 100_000 + "x", "9" * 100_000 + "e" + "9" * 100_000 + "x"):
        began = time.perf_counter()
        assert pattern.fullmatch(cell) is None
        assert time.perf_counter() - began < 1  # it took minutes: every digit was tried in two places
    for cell in ("1", "-1.", "+.5", "1.5e-3", "12.25"):
        assert pattern.fullmatch(cell)


def test_columns_with_very_long_names_are_looked_at_quickly():
    names = ["a" * 60_000 + "_b" + letter for letter in "cd"] + ["prob" + "1" * 100_000 + "x"]
    began = time.perf_counter()
    assert submission._cores(names[:2]) == ["bc", "bd"]
    assert submission._NUMBERED.fullmatch(names[2]) is None
    assert time.perf_counter() - began < 1


def test_a_model_whose_file_has_too_long_a_name_is_not_there(run: Path):
    index = run / "models" / "models.json"
    table = json.loads(index.read_text())
    table["models"][0]["file"] = "a" * 400 + ".skops"
    index.write_text(json.dumps(table))
    with pytest.raises(RunError, match="there is no such file; expected a saved model"):
        load_models(run / "models")
