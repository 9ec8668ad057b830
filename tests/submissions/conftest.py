"""An edition whose submission files look like none of the built-in ones'."""

import pytest

from competition.data.edition import Block, Edition, Files, Roles, SubmissionForm


@pytest.fixture(scope="session")
def named_edition() -> Edition:
    """Songs have texts for ids, labels are names, one holds a comma, and the columns stand in a template's order."""
    return Edition(
        name="named",
        title="Songs by their names",
        genres=("Rock", "Jazz", "Rhythm, Blues"),
        fallback="Jazz",
        files=Files("songs.csv", test="unknown.csv", template="template.csv"),
        blocks=(Block("features", 0, 1, ("loudness", "tempo")),),
        roles=Roles(("loudness", "tempo"), id="track", label="style"),
        submission=SubmissionForm(
            id="track",
            label="genre",
            first_label=None,
            classes=(("p, blues", "Rhythm, Blues"), ("p jazz", "Jazz"), ("p rock", "Rock")),
            order="template",
        ),
    )
