"""What the user is asked before a script runs, or before the repository's variables are set."""

from __future__ import annotations

from conductor_tui.domain.scripts import Place, Script, ScriptKind, decoded_content
from conductor_tui.services.scripts.trust import TrustQuestion
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


def test_what_a_branch_sets_in_a_tracked_file_is_named() -> None:
    tracked = ((".env.shared", "BASH_ENV", "./evil.sh"),)
    script = Script("setup", ScriptKind.SETUP, "make", files=(".env.shared",), tracked=tracked)
    before = Script("setup", ScriptKind.SETUP, "make", files=(".env.shared",))
    question = TrustQuestion(script, Place("p", "/w"), "/w", before=before.content)
    assert "+   BASH_ENV" in present.text(question).plain


def test_what_was_trusted_before_tracked_files_counted_is_still_trusted() -> None:
    content = Script("setup", ScriptKind.SETUP, "make", files=(".env",)).content
    encoded = '{"kind":"setup","text":"make","args":[],"cwd":"","variables":[],"files":[".env"]}'
    assert content.encoded == encoded
    assert decoded_content(encoded) == content
