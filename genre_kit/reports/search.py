"""The lines that `tune` prints about a search."""

from genre_kit.reports.data import describe_data
from genre_kit.reports.test_file import describe_test_file
from genre_kit.results.search import SearchPlan, SearchResult
from tuning.report import result_lines


def plan_lines(plan: SearchPlan) -> list[str]:
    """Return the lines that are printed before a search begins or resumes."""
    study = plan.study
    seeds = "1 seed" if study.seeds == 1 else f"{study.seeds} seeds"
    lines = [*describe_data(plan.dataset, plan.known_by), *describe_test_file(plan.choice, plan.dataset.edition)]
    if plan.kept_out is not None:
        lines.append(f"holdout   {plan.kept_out.rows} of the training songs are kept out of the search")
    count = len(study.space.hyperparameters)
    trial = f"a trial is {study.folds.count} folds x {seeds}"
    return [*lines, f"space     {study.space.name}: {count} hyperparameters; {trial}"]


def search_lines(found: SearchResult) -> list[str]:
    """Return the lines about a finished search."""
    lines = [f"{found.folder}: holds this search, finished"] if found.was_there else []
    result = result_lines(found.table, found.folder, found.data, has_test=found.has_test, without=found.without)
    return [*lines, "", *result]
