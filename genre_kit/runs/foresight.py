"""What a run keeps of how its test file differs, and of what boards are likely to say."""

from competition.data.edition import Edition
from genre_kit.results.facts import ColumnDifference, TestFile
from genre_kit.results.folds import FoldChoice
from genre_kit.results.run import Result
from genre_kit.runs.manifest import Board, board, grouping_of_board


def foreseen(result: Result) -> Board | None:
    """Return what boards are likely to say of a scored result; None where their number of songs is not known."""
    held_out, forecast = result.known, result.forecast
    if forecast is None or not result.board_rows:
        rows, grouping = len(held_out.targets), held_out.grouping
        return board(held_out.scores, rows, result.board_rows, result.goals, grouping, held_out.by_group)
    grouped = None if held_out.grouping is None else grouping_of_board(held_out.grouping)
    return Board.of_forecast(forecast.of_so_many(result.board_rows), grouped)


def test_file(choice: FoldChoice, flattening: float, edition: Edition) -> TestFile | None:
    """Return what is kept of a diagnosis; None where there is none."""
    found, like_test = choice.diagnosis, choice.like_test
    titles = edition.column_titles if edition.roles is not None else ()
    if found is None:
        return None
    held_out, copies = (float(one.mean()) for one in found.novelty.copies)
    distances, chances = found.columns.distances.tolist(), found.columns.chances.tolist()
    return TestFile(
        kinds=found.kinds,
        novelty_chance=found.novelty.chance,
        farther=found.novelty.farther,
        shares_chance=found.shares.chance,
        duplicates_chance=found.copies_chance,
        copies=copies,
        held_out_copies=held_out,
        columns=tuple(
            ColumnDifference(one, distances[one], chances[one], titles[one] if titles else None)
            for one in found.differing.tolist()
        ),
        clusters=None if like_test is None else like_test.count,
        largest_cluster=None if like_test is None else like_test.largest,
        flattening=flattening,
        suggests_correct_shares=found.suggests_shares,
    )
