"""Print the command reference: `make docs` writes it into docs/commands.md, a test holds that file against it."""

import click

from genre_kit.cli import COMMANDS, cli


def reference() -> str:
    """Return every command's ``--help`` as one Markdown page."""
    pages = [_page(command.name or "", command) for command in COMMANDS]
    intro = "What `--help` says of every command, written by `make docs`."
    return "\n\n".join(["# Commands", intro, *pages]) + "\n"


def _page(name: str, command: click.Command) -> str:
    parent = click.Context(cli, info_name="python -m competition", **cli.context_settings)
    context = click.Context(command, parent, info_name=name, terminal_width=100, max_content_width=100)
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
