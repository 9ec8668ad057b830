import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support import run_program, run_python

from competition.scoring.intervals import Interval
from competition.scoring.metrics import Estimate, board_log_loss
from competition.scoring.scores import Scores, board_intervals, score_probabilities
from genre_kit.reports.scores import difference_lines
from genre_kit.runs.comparing import Difference, improvement
from genre_kit.runs.finished import check_comparable, read_finished

CLASSICAL = ("--model", "logistic-regression", "--folds", 3)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, write_competition) -> tuple[Path, Path, Path]:
    """A data folder and two runs upon it, of submit and of score."""
    data = write_competition(tmp_path_factory.mktemp("runs") / "data")
    first, second = data.parent / "first", data.parent / "second"
    for arguments in (
        ("submit", "--data", data, *CLASSICAL, "--out", first, "--rule", "auto"),
        ("score", "--data", data, "--model", "extra-trees", "--folds", 3, "--out", second, "--repeats", 2),
    ):
        said = run_program(*arguments)
        assert said.returncode == 0, said.stderr
    return data, first, second


def test_a_finished_run_is_scored_as_it_was_when_it_was_made(runs: tuple[Path, Path, Path]):
    _, first, _ = runs
    kept = json.loads((first / "scores.json").read_text())
    said = run_program("score", first, "--json")
    assert said.returncode == 0, said.stderr
    (run,) = json.loads(said.stdout)["runs"]
    assert run["scores"] == pytest.approx(kept["out_of_fold"])
    assert run["genres"] == kept["genres"]
    assert run["board"]["rows"] == kept["board"]["rows"] == 7
    for name, interval in kept["intervals"].items():
        assert run["intervals"][name] == pytest.approx(interval)


def test_scores_json_says_what_calibration_rule_and_shift_do(runs: tuple[Path, Path, Path]):
    _, first, second = runs
    kept = json.loads((first / "scores.json").read_text())
    assert {"accuracy", "accuracy_se", "interval"} == set(kept["rule_gain"])
    assert set(kept["expected_calibration_error"]) == {"before", "after"}
    assert len(kept["biases"]) == len(kept["test_shares"]["estimated"]) == 3
    assert sum(kept["test_shares"]["estimated"]) == pytest.approx(1)
    assert not kept["test_shares"]["corrected"]
    assert json.loads((second / "scores.json").read_text())["test_shares"] is None


def test_two_runs_are_compared_song_by_song(runs: tuple[Path, Path, Path]):
    _, first, second = runs
    said = run_program("score", first, second, "--json")
    assert said.returncode == 0, said.stderr
    (compared,) = json.loads(said.stdout)["comparisons"]
    losses = [board_log_loss(run.targets, run.probabilities) for run in map(read_finished, (first, second))]
    assert compared["differences"]["board_log_loss"] == pytest.approx(losses[1] - losses[0])
    low, high = compared["intervals"]["board_log_loss"]
    assert low <= losses[1] - losses[0] <= high
    said = run_program("score", first, second)
    assert "second against" in said.stdout
    assert f": {losses[0] - losses[1]:+.4f} ± " in said.stdout
    assert "Polka" in said.stdout


def test_a_run_is_no_better_than_itself(runs: tuple[Path, Path, Path]):
    _, first, _ = runs
    said = run_program("score", first, first)
    assert said.stdout.count("first scores the same ") == 5


@pytest.mark.parametrize("name", ["accuracy", "board_log_loss"])
@pytest.mark.parametrize("low", [-0.02, -0.004, 0.001])
def test_signs_agree_with_words_and_above_0_is_better(runs: tuple[Path, Path, Path], name: str, low: float):
    _, first, second = runs
    one, other = map(read_finished, (first, second))
    worth = Estimate(low + 0.006, 0.002, Interval(low, low + 0.012))
    difference = improvement(name, worth)  # twice is not at all
    assert improvement(name, difference) == worth
    line = difference_lines(Difference(other, one, SimpleNamespace(distinct=lambda: [(name, difference)])))[1]
    word = {-0.02: "is worse", -0.004: "is not clearly better", 0.001: "is better"}[low]
    assert line.startswith(f"  second {word}: {low + 0.006:+.4f} ± 0.0020 ")
    assert line.endswith(f"(95 %: {low:+.4f} to {low + 0.012:+.4f})")


@pytest.mark.process
def test_finished_runs_are_scored_without_anything_that_takes_long_to_import(runs: tuple[Path, Path, Path]):
    _, first, second = runs
    script = """
import sys
from genre_kit.cli import run
assert run(["score", *sys.argv[1:]]) == 0
heavy = {"tensorflow", "keras", "pandas", "sklearn", "scipy.optimize", "scipy.stats", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""
    said = run_python("-c", script, first, second)
    assert said.returncode == 0, said.stderr


def test_repeats_are_averaged_and_their_spread_is_told(runs: tuple[Path, Path, Path]):
    data, _, second = runs
    kept = json.loads((second / "scores.json").read_text())
    single = [repeat["board_log_loss"] for repeat in kept["repeats"]]
    assert len(single) == 2
    assert single[0] != single[1]
    assert kept["out_of_fold"]["board_log_loss"] == pytest.approx(np.mean(single))
    finished = read_finished(second)
    assert board_log_loss(finished.targets, finished.probabilities) == pytest.approx(single[0])
    said = run_program(
        "score", "--data", data, *CLASSICAL, "--repeats", 2, "--out", second.parent / "repeated", "--seed", 2**32 - 1
    )
    assert said.returncode == 0, said.stderr
    assert "means over 2 repeats" in said.stdout
    assert said.stdout.count("deviation") == 5


def test_a_model_is_scored_as_json(runs: tuple[Path, Path, Path], tmp_path: Path):
    data, _, _ = runs
    said = run_program("score", "--data", data, *CLASSICAL, "--out", tmp_path / "run", "--json")
    table = json.loads(said.stdout)
    assert table["board"]["rows"] == 7
    assert table["run"] == str(tmp_path / "run")
    assert json.loads((tmp_path / "run" / "scores.json").read_text())["out_of_fold"] == table["out_of_fold"]


def test_files_get_the_same_metrics(runs: tuple[Path, Path, Path], tmp_path: Path):
    data, first, _ = runs
    targets = np.array([0, 1, 2, 0, 1, 2, 1])
    np.savetxt(tmp_path / "truth.csv", targets + 1, fmt="%d")
    both = ("--predictions", first / "label_all.csv", "--predictions", first / "label_pred.csv")
    arguments = ("score", *both, "--labels", tmp_path / "truth.csv", "--data", data, "--for", 100)
    said = run_program(*arguments, "--json")
    assert said.returncode == 0, said.stderr
    probabilities, labels = json.loads(said.stdout)["files"]
    expected = score_probabilities(targets, pd.read_csv(first / "label_all.csv").to_numpy()[:, 1:])
    assert probabilities["scores"] == pytest.approx(expected.to_table())
    assert set(labels["scores"]) == {"accuracy", "accuracy_se", "macro_recall", "macro_recall_se"}
    assert (labels["board"]["rows"], labels["kind"], labels["rows"]) == (100, "labels", 7)
    said = run_program(*arguments)
    assert "boards    of 100 songs are likely to say" in said.stdout
    assert said.stdout.count("Polka") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "{data}"], "data: holds no finished run (there is no DONE in it)"),
        (["score", "nowhere"], "nowhere: there is no such folder"),
        (["score", "{first}", "{fewer}"], "scored 59 songs, {first} 60; expected runs on the same training file"),
        (["score", "{first}", "{other}"], "other: was trained on other columns of {data} than {first} was"),
        (["score", "{first}", "{moved}"], "moved: was trained on other songs than {first}"),
        (["score", "{damaged}"], "oof.csv: cannot be read"),
        (["score", "{cut}"], "oof.csv: 59 rows; its manifest says 60"),
        (["score", "{unscored}"], "has no oof.csv, no held-out songs; expected a run of submit or score"),
        (["score", "{unknown}"], "manifest.json: cannot be read"),
    ],
)
def test_runs_that_cannot_be_scored_or_compared_are_met_by_a_sentence(
    runs: tuple[Path, Path, Path], tmp_path: Path, arguments: list[str], message: str
):
    data, first, _ = runs
    places = {name: tmp_path / name for name in ("fewer", "other", "moved", "damaged", "cut", "unscored", "unknown")}
    for place in places.values():
        shutil.copytree(first, place, ignore=shutil.ignore_patterns("models", "plots"))
    rows = (first / "oof.csv").read_text().splitlines(keepends=True)
    (places["fewer"] / "oof.csv").write_text("".join(rows[:-1]))
    (places["cut"] / "oof.csv").write_text("".join(rows[:-1]))
    (places["damaged"] / "oof.csv").write_text("".join([rows[0], rows[1].replace("1", "x"), *rows[2:]]))
    (places["unscored"] / "oof.csv").unlink()
    (places["unknown"] / "manifest.json").write_text("{")
    for name, key, value in (
        ("fewer", "training_rows", 59),
        ("other", "training_sha256", "0" * 64),
        ("moved", "training_sha256", "0" * 64),
        ("moved", "source", "elsewhere"),
    ):
        manifest = json.loads((places[name] / "manifest.json").read_text())
        manifest["data"][key] = value
        (places[name] / "manifest.json").write_text(json.dumps(manifest))
    filled = {"data": data, "first": first} | places
    said = run_program(*(argument.format(**filled) for argument in arguments))
    assert (said.returncode, said.stdout) == (1, "")
    assert message.format(**filled) in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "run", "--model", "dense"], "--model has no effect on finished runs"),
        (["score", "run", "--repeats", "2"], "--repeats has no effect on finished runs"),
        (["score", "run", "--labels", "x"], "Give folders of finished runs, or --predictions and --labels, not both"),
        (["score", "--repeats", "2", "--folds", "folds.csv"], "--repeats draws the folds anew"),
        (["score", "--repeats", "2", "--minutes", "1"], "--repeats draws the folds anew"),
        (["score", "--for", "0"], "0 is not in the range"),
        (["submit", "--rule", "auto", "--threshold", "0.3"], "--threshold has no effect with --rule auto"),
    ],
)
def test_wrong_command_lines_exit_with_2(arguments: list[str], message: str):
    said = run_program(*arguments)
    assert said.returncode == 2
    assert message in said.stderr


def test_corrected_shares_change_the_submission_and_nothing_else(runs: tuple[Path, Path, Path], tmp_path: Path):
    data, first, _ = runs
    out, again = tmp_path / "corrected", tmp_path / "again"
    arguments = ("submit", "--data", data, *CLASSICAL, "--rule", "auto", "--correct-shares", "--out", out)
    said = run_program(*arguments)
    assert said.returncode == 0, said.stderr
    assert "differ from the training songs' by no more than chance" in said.stderr
    assert "the probabilities are corrected for them" in said.stdout
    assert (out / "oof.csv").read_text() == (first / "oof.csv").read_text()
    corrected, plain = (pd.read_csv(run / "label_all.csv").to_numpy()[:, 1:] for run in (out, first))
    shares = json.loads((out / "scores.json").read_text())["test_shares"]
    estimated, expected = np.array(shares["estimated"]), np.array(shares["expected"])
    drawn_in = (len(plain) * estimated + 40 * expected) / (len(plain) + 40)
    weighted = plain * drawn_in / expected
    assert corrected == pytest.approx(weighted / weighted.sum(axis=1, keepdims=True), abs=1e-6)
    said = run_program("submit", "--data", data, "--from", first, "--correct-shares", "--rule", "auto", "--out", again)
    assert said.returncode == 0, said.stderr
    assert (again / "label_all.csv").read_text() == (out / "label_all.csv").read_text()
    assert (again / "label_pred.csv").read_text() == (out / "label_pred.csv").read_text()


@pytest.mark.parametrize(
    ("options", "pool", "rule"),
    [
        (
            ("logistic-regression",),
            [
                "temperature {temperature}, which makes probabilities {how} sure, gains {gain} board log loss",
                "a bias for each genre, added to its log probability, gains {biases} more",
            ],
            "has the same accuracy out of fold as argmax",
        ),
        (
            ("kernel-ridge", "--threshold", 0.9),
            ["no temperature: one would {would} board log loss"],
            "costs {rule} accuracy out of fold against argmax (95 %: {low} to {high})",
        ),
    ],
    ids=["all used", "none used"],
)
def test_submit_tells_what_pool_and_rule_do_out_of_fold_and_what_the_boards_will_say(
    competition_folder: Path, tmp_path: Path, options: tuple[object, ...], pool: list[str], rule: str
):
    out = tmp_path / "run"
    said = run_program("submit", "--data", competition_folder, "--folds", 3, "--out", out, "--model", *options)
    assert (said.returncode, said.stderr) == (0, "")
    scores = json.loads((out / "scores.json").read_text())
    low, high = scores["rule_gain"]["interval"]
    numbers = {
        "temperature": f"{1 / scores['pool'][0]['weight']:.2f}",
        "would": f"{'cost' if scores['pool_gain'] < 0 else 'gain'} {abs(scores['pool_gain']):.4f} ± "
        f"{scores['pool_gain_se']:.4f}",
        "how": "less" if scores["pool"][0]["weight"] < 1 else "more",
        "gain": f"{scores['pool_gain']:.4f} ± {scores['pool_gain_se']:.4f}",
        "biases": f"{scores['bias_gain']:.4f} ± {scores['bias_gain_se']:.4f}",
        "rule": f"{-scores['rule_gain']['accuracy']:.4f} ± {scores['rule_gain']['accuracy_se']:.4f}",
        "low": f"{-high:+.4f}",
        "high": f"{-low:+.4f}",
    }
    lines = [line.strip() for line in said.stdout.splitlines()]
    place = lines.index(f"pool      {pool[0].format(**numbers)}")
    assert lines[place + 1 : place + len(pool)] == [line.format(**numbers) for line in pool[1:]]
    assert "a bias" not in lines[place + len(pool)]
    place = next(number for number, line in enumerate(lines) if line.startswith("rule "))
    assert lines[place + 1] == rule.format(**numbers)
    boards = [
        f"{scores['board'][name][0]:.4f} to {scores['board'][name][1]:.4f}" for name in ("accuracy", "board_log_loss")
    ]
    sentence = "boards    of 7 songs are likely to say (95 %): accuracy {}, board log loss {}"
    assert sentence.format(*boards) in lines
    assert "genre shares" not in said.stdout, "they differ by no more than chance"


def test_a_boards_interval_holds_the_noise_of_both_sides():
    scores = Scores(accuracy=Estimate(0.6, 0.01), board_log_loss=Estimate(0.2, 0.004))
    as_many, endless = (board_intervals(scores, 1000, rows) for rows in (1000, 10**12))
    assert as_many["accuracy"].high - 0.6 == pytest.approx(1.96 * 0.01 * np.sqrt(2), rel=1e-4)
    assert endless["board_log_loss"].high - 0.2 == pytest.approx(1.96 * 0.004, rel=1e-4)
    assert board_intervals(Scores(accuracy=Estimate(0.99, 0.01)), 50, 5)["accuracy"].high == 1.0


def test_a_boards_interval_holds_95_percent_of_boards():
    generator, hits = np.random.default_rng(0), 0
    for _ in range(200):
        targets, probabilities = generator.integers(3, size=300), generator.dirichlet(np.ones(3), size=300)
        local = score_probabilities(targets[:200], probabilities[:200])
        board = board_log_loss(targets[200:], probabilities[200:])
        hits += board in board_intervals(local, 200, 100)["board_log_loss"]
    assert 180 <= hits <= 198


def test_runs_on_the_same_songs_are_comparable(runs: tuple[Path, Path, Path]):
    _, first, second = runs
    check_comparable(read_finished(first), read_finished(second))


def test_saved_biases_reach_later_predictions(runs: tuple[Path, Path, Path], tmp_path: Path):
    data, first, _ = runs
    run, out, biases = tmp_path / "run", tmp_path / "out", np.array([1.0, 0.0, -1.0])
    shutil.copytree(first, run)
    index = json.loads((run / "models" / "models.json").read_text())
    before = np.array(index["biases"])
    (run / "models" / "models.json").write_text(json.dumps(index | {"biases": (before + biases).tolist()}))
    said = run_program("submit", "--data", data, "--from", run, "--out", out)
    assert said.returncode == 0, said.stderr
    plain, shifted = (pd.read_csv(folder / "label_all.csv").to_numpy()[:, 1:] for folder in (first, out))
    weighted = plain * np.exp(biases)
    assert shifted == pytest.approx(weighted / weighted.sum(axis=1, keepdims=True), abs=1e-6)
