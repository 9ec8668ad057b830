"""Scores, as lines and for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from competition.scoring.boards import Goals
from competition.scoring.by_group import GroupScores
from competition.scoring.groups import Grouping
from competition.scoring.intervals import Interval
from competition.scoring.many_genres import are_many, those_shown
from competition.scoring.metrics import Estimate
from competition.scoring.scores import GenreScores, Scores, shown
from competition.storage.folders import REPORT, SCORES
from genre_kit.reports.lines import labelled, paragraphs
from genre_kit.reports.remarks import kept_out_sentences, yardstick_sentences
from genre_kit.results.genres import some_in_words
from genre_kit.results.scored_file import ScoredFile
from genre_kit.runs.comparing import Comparison, Difference, ScoredRun, improvement, is_clear
from genre_kit.runs.finished import FinishedRun
from genre_kit.runs.manifest import Board, ScoresFile, board
from submissions.layout import LABEL_FILE

_GROUPED = {
    None: "{rows} songs",
    "test": "{rows} rows, in the test file's groups",
    "training": "{rows} rows, in groups as large as the training file's",
    "lines": "{rows} lines, a group each",
}
"""How the songs of a board are told, by how they are grouped."""


def songs_of(foreseen: Board) -> str:
    """Return how many songs the boards score, and how they are grouped."""
    return _GROUPED[foreseen.grouping].format(rows=foreseen.rows)


def heading(grouping: Grouping | None) -> str:
    """Return what stands over held-out scores."""
    row, seen = ("song", "it") if grouping is None else ("row", "its group")
    held_out = f"each {row} by models that have not seen {seen}"
    return f"held-out scores ({held_out}; ± one standard error, 95 % interval{over_groups(grouping)})"


def over_groups(grouping: Grouping | None) -> str:
    """Return what errors and intervals count, where that is groups."""
    return "" if grouping is None else f", over {grouping.groups} groups"


def score_lines(
    scores: Scores,
    foreseen: Board | None,
    goals: Goals,
    names: Sequence[str] = (),
    by_group: GroupScores | None = None,
) -> list[str]:
    """Return indented lines with scores, of songs and of groups, and with what the boards are likely to say.

    Parameters
    ----------
    scores : Scores
    foreseen : Board or None
        None where the number of the board's songs is not known.
    goals : Goals
        What the boards rank by.
    names : sequence of str
        Which scores; none stands for all.
    by_group : GroupScores or None
        What groups score, their songs taken together.
    """
    lines = [f"  {line}" for line in scores.to_lines(names)]
    lines += [] if by_group is None else group_lines(by_group, goals, names)
    return lines if foreseen is None else [*lines, board_line(foreseen, goals)]


def group_lines(by_group: GroupScores, goals: Goals, names: Sequence[str] = ()) -> list[str]:
    """Return the lines with what groups score; of votes, what boards rank labels by.

    Parameters
    ----------
    by_group : GroupScores
    goals : Goals
        What the boards rank by.
    names : sequence of str
        Which scores of means; none stands for all.
    """
    how = "their log probabilities averaged; by vote, the genre of most"
    lines = [*by_group.mean.to_lines(names), *by_group.vote.to_lines(goals.scores, how=" by vote")]
    return [
        f"by group  the rows of one group together, {by_group.groups} groups: {how}",
        *(f"  {one}" for one in lines),
    ]


def board_line(foreseen: Board, goals: Goals) -> str:
    """Return the line that says what the boards are likely to say."""
    intervals = {metric.title: foreseen.interval_of(metric.score) for metric in goals.metrics}
    known = ", ".join(f"{title} {one[0]:.4f} to {one[1]:.4f}" for title, one in intervals.items() if one is not None)
    if foreseen.expected_accuracy is None:
        comma = "" if foreseen.grouping is None else ","
        return f"boards    of {songs_of(foreseen)}{comma} are likely to say (95 %): {known}"
    unknown = " and ".join(title for title, one in intervals.items() if one is None)
    parts = [f"expect (95 %) {known}"] if known else []
    parts += [f"no forecast is made for {unknown}"] if unknown else []
    return f"boards    of {foreseen.rows} songs, not these scores, as the test songs differ: {'; '.join(parts)}"


def among_lines(genres: Sequence[str], left_out: Sequence[str], foreseen: Board | None) -> list[str]:
    """Return an indented line that says of what songs scores are where genres are left out; none elsewhere."""
    if not left_out:
        return []
    boards = "score songs of all genres: nothing is foreseen of them"
    if foreseen is not None:
        boards = "are taken to have such songs and columns alone"
    return [f"  of the songs of {some_in_words(genres, left_out)}, among these alone; boards {boards}"]


def kept_out_lines(
    record: ScoresFile, rows: int, genres: Sequence[str] = (), left_out: Sequence[str] = ()
) -> list[str]:
    """Return the lines with what both files score on songs kept out, and what that is to be held against.

    There are none where no songs were kept out.

    Parameters
    ----------
    record : ScoresFile
    rows : int
        How many songs were kept out.
    genres, left_out : sequence of str
        The genres that are told apart, and those that are left out: their columns are not scored.
    """
    kept_out, intervals = record.kept_out, record.kept_out_intervals or {}
    if kept_out is None:
        return []
    over = "" if record.kept_out_groups is None else f", over {record.kept_out_groups} groups"
    what = "what both files score on them"
    if left_out:
        what = f"what is predicted of them scores, among {some_in_words(genres, left_out)}"
    lines = [f"{rows} songs that were kept out: {what} (± one standard error, 95 % interval{over})"]
    for name in record.boards:
        interval = f"   {Interval(*intervals[name])}" if name in intervals else ""
        lines.append(f"  {shown(name):<20}{Estimate(kept_out[name], kept_out[f'{name}_se'])}{interval}")
    return [*lines, *(f"  {one}" for one in kept_out_sentences(record))]


def genre_lines(genres: GenreScores, where: str) -> list[str]:
    """Return indented lines with each genre's scores; of many, those with the most songs labelled otherwise.

    Parameters
    ----------
    genres : GenreScores
    where : str
        Where all genres' scores stand.
    """
    if not are_many(genres.genres):
        return [f"  {line}" for line in genres.to_lines()]
    shown = those_shown(genres.lost)
    others = len(genres.genres) - len(shown)
    left_out = f"  and {others} genres of which fewer songs are labelled otherwise: {where}"
    return [*(f"  {line}" for line in genres.to_lines(sorted(shown.tolist()))), left_out]


def where_all_are(folder: Path | None) -> str:
    """Return where all genres' scores of a run stand."""
    place = Path() if folder is None else folder
    return f"all are in {place / REPORT} and {SCORES}"


def _score_table(scores: Scores, rows: int, foreseen: Board | None, genres: GenreScores) -> dict[str, Any]:
    """Return the scores of `rows` songs as a JSON-serializable dictionary."""
    table: dict[str, Any] = {"rows": rows, "scores": scores.to_table(), "intervals": scores.intervals()}
    if foreseen is not None:
        table["board"] = {name: value for name, value in asdict(foreseen).items() if value is not None}
    return table | {"genres": genres.to_table()}


def comparison_lines(comparison: Comparison, board_rows: int | None) -> list[str]:
    """Return the lines about finished runs: each alone, then the later ones compared with the first."""
    parts = [_run_lines(one, board_rows) for one in comparison.runs]
    parts += [difference_lines(one) for one in comparison.differences]
    return paragraphs(parts)


def _run_lines(scored: ScoredRun, board_rows: int | None) -> list[str]:
    run, rows = scored.run, len(scored.run.targets)
    title = f"{run.folder}: {run.model}, {rows} songs, {run.assignment.max() + 1} folds, rule {run.rule}"
    title += f"; {run.genres_in_words}" if run.left_out else ""
    title += f"; the first of {run.repeats} repeats" if run.repeats > 1 else ""
    title += "; its groups were not kept, so that errors count songs" if _lacks_groups(scored) else ""
    lines, foreseen = [title, f"data      {run.data.source}", heading(scored.grouping)], _foreseen(scored, board_rows)
    lines += score_lines(scored.scores, foreseen, run.goals, by_group=run.by_group)
    lines += among_lines(run.genres, run.left_out, foreseen)
    lines += argmax_lines(scored.scores)
    if run.record is not None:
        lines += labelled("yardstick", yardstick_sentences(run.record))
        kept_out = kept_out_lines(run.record, run.test_lines, run.genres, run.left_out)
        lines += ["", *kept_out] if kept_out else []
    return [*lines, "", *genre_lines(scored.genres, where_all_are(run.folder))]


def argmax_lines(scores: Scores) -> list[str]:
    """Return a line that tells the two accuracies apart, where both are shown."""
    if not {"accuracy", "accuracy_argmax"} <= dict(scores.distinct()).keys():
        return []
    return ["  accuracy is that of the rule's labels, accuracy argmax that of the most probable genres"]


def _lacks_groups(scored: ScoredRun) -> bool:
    return scored.grouping is None and scored.run.has_lost_groups


def _foreseen(scored: ScoredRun, board_rows: int | None) -> Board | None:
    """Return what the boards are likely to say: where the test songs differ, what the run has found of them."""
    run, grouping = scored.run, scored.grouping
    if run.grouping is not None and run.grouping.lines_are_groups:
        grouping = run.grouping
    rows = board_rows or run.board_lines
    if rows and run.foreseen is not None and (forecast := run.foreseen.forecast) is not None:
        return Board.of_forecast(forecast.of_so_many(rows), run.foreseen.grouping)
    return board(scored.scores, len(run.targets), rows, run.goals, grouping, run.by_group)


def difference_lines(one: Difference) -> list[str]:
    """Return the lines that compare a run with the first one."""
    title = f"{one.run.folder} against {one.first.folder} (paired by song; + is better, - is worse)"
    lines = [title, *(f"  {_verdict(one.run, name, difference)}" for name, difference in one.differences.distinct())]
    if one.labels is not None:
        lines.append(f"  {one.labels.differing} of the {one.labels.lines} labels in their {LABEL_FILE} differ")
    return lines


def _verdict(run: FinishedRun, name: str, difference: Estimate) -> str:
    better = improvement(name, difference)
    if not difference.value and not difference.standard_error:
        return f"{run.folder.name} scores the same {shown(name)} in every song"
    low, high = better.bounds.low, better.bounds.high
    word = ("" if is_clear(better) else "not clearly ") + ("worse" if better.value < 0 else "better")
    size = f"{signed(better.value)} ± {better.standard_error:.4f} {shown(name)}"
    return f"{run.folder.name} is {word}: {size} (95 %: {signed(low)} to {signed(high)})"


def signed(value: float) -> str:
    """Return a number of four places with its sign; zero has a plus.

    Examples
    --------
    >>> signed(-0.00001), signed(-0.0001)
    ('+0.0000', '-0.0001')
    """
    return f"{round(value, 4) + 0.0:+.4f}"


def comparison_table(comparison: Comparison, board_rows: int | None) -> dict[str, Any]:
    """Return a comparison as a JSON-serializable dictionary."""
    return {
        "runs": [_run_table(one, board_rows) for one in comparison.runs],
        "comparisons": [
            {
                "run": str(one.run.folder),
                "against": str(one.first.folder),
                "differences": one.differences.to_table(),
                "intervals": one.differences.intervals(),
                "test_labels": None if one.labels is None else asdict(one.labels),
            }
            for one in comparison.differences
        ],
    }


def _run_table(scored: ScoredRun, board_rows: int | None) -> dict[str, Any]:
    run = scored.run
    facts: dict[str, Any] = {"run": str(run.folder), "model": run.model, "rule": run.rule, "data": run.training_hash}
    facts |= {"left_out": list(run.left_out)} if run.left_out else {}
    facts |= {} if scored.grouping is None else {"grouping": asdict(scored.grouping)}
    facts |= {} if run.by_group is None else {"by_group": run.by_group.to_table()}
    return facts | _score_table(scored.scores, len(run.targets), _foreseen(scored, board_rows), scored.genres)


def file_lines(scored: ScoredFile, board_rows: int | None) -> list[str]:
    """Return the lines about a file that was scored against known labels."""
    lines = [f"{scored.path}: {scored.kind}, {scored.rows} rows (± one standard error, 95 % interval)"]
    lines += [] if scored.known_by is None else [f"edition   that of {scored.known_by}"]
    lines += score_lines(scored.scores, _foreseen_of_file(scored, board_rows), scored.goals)
    return [*lines, "", *genre_lines(scored.genres, "--json has all")]


def _foreseen_of_file(scored: ScoredFile, board_rows: int | None) -> Board | None:
    return board(scored.scores, scored.rows, board_rows, scored.goals)


def file_table(scored: ScoredFile, board_rows: int | None) -> dict[str, Any]:
    """Return a scored file as a JSON-serializable dictionary."""
    table = _score_table(scored.scores, scored.rows, _foreseen_of_file(scored, board_rows), scored.genres)
    return {"file": str(scored.path), "kind": scored.kind} | table
