"""`doctor`: what this machine has, for the report of an error."""

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@options.joined(click.option("--json", "as_json", is_flag=True, help="For machines."))
def doctor(as_json: bool) -> int:
    """Say what this machine has, and whether the kit works on it; for pasting into the report of an error.

    Neither your name nor the path of your home folder is in it. Exit code 1 where the kit cannot work.
    """
    from genre_kit.jobs.machine.doctor import doctor as examine
    from genre_kit.reports.lines import say, say_json
    from genre_kit.reports.machine.doctor import doctor_lines, doctor_problems, doctor_table

    found = examine()
    for problem in doctor_problems(found):
        click.echo(printable(f"{'note' if found.is_well else 'error'}: {problem}"), err=True)
    if as_json:
        say_json(doctor_table(found))
    else:
        say(doctor_lines(found))
    return 0 if found.is_well else 1
