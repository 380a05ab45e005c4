"""What the user is asked before a script runs, or before the repository's variables are set."""

from __future__ import annotations

from conductor_tui.domain.scripts import Place, Script, ScriptKind
from conductor_tui.sessions.script_trust import TrustQuestion
from conductor_tui.ui.presentation import script_trust as present

VARIABLES = Script("", ScriptKind.ENVIRONMENT, "", variables=(("TOKEN", "s3cret"),), files=(".env.local",))


def test_variables_are_asked_about_by_name_and_file_never_by_value() -> None:
    question = TrustQuestion(VARIABLES, Place("p", "/w"), "/w")
    assert present.title(question) == "Set this repository's variables in sessions and terminals?"
    said = f"{present.facts(question, '/home').plain}\n{present.text(question).plain}"
    assert "TOKEN" in said
    assert ".env.local" in said
    assert "s3cret" not in said


def test_environment_files_of_a_script_are_named() -> None:
    script = Script("setup", ScriptKind.SETUP, "make", files=("../.env",))
    question = TrustQuestion(script, Place("p", "/w"), "/w", before=VARIABLES.content)
    assert "../.env" in present.facts(question, "/home").plain
    assert "changed" in present.title(question)
