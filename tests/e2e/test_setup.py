"""What is kept with Codex: the sign-in, and what new sessions begin with. Neither needs a network."""

from __future__ import annotations

from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

KEY = "sk-a-key-that-nobody-may-see"


def run(app: App, words: str) -> None:
    """A command by its name, through the palette."""
    app.press("ctrl+p")
    app.wait_for("Search for commands")
    app.type(words)
    app.wait_quiet(0.4)
    app.press("down", "enter")
    app.wait_for("Search for commands", absent=True)


def test_an_api_key_signs_in_and_is_nowhere_but_with_codex(start: StartApp, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", "requires_openai_auth = true\nwire_api ="))
    app = start()
    app.wait_for("Codex is not signed in", 30)
    run(app, "Sign in")
    app.wait_for("ChatGPT, with a code")
    app.press("down", "down", "enter")
    app.send(KEY)  # ahead of the field that takes it
    app.wait_for("•" * 10)
    app.press("enter")
    app.wait_for("API key, billed")
    assert KEY.encode() not in app.output
    kept = [path for path in place.root.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert kept == [place.codex_home / "auth.json"]
    run(app, "Sign out")
    app.wait_for("Codex is not signed in")
    assert not (place.codex_home / "auth.json").exists()


def test_a_sign_in_that_cannot_begin_says_why(app: App) -> None:
    run(app, "Sign in")
    app.wait_for("ChatGPT, with a code")
    app.press("enter")
    app.wait_for("✕", 40)
    app.press("esc")
    app.wait_for("Ask Codex")


def test_making_a_model_the_default_keeps_every_comment(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace('model = "gpt-5.5"', '# my favourite\nmodel = "gpt-5.5"  # for now'))
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    run(app, "Make this the default")
    app.wait_for("model: gpt-5.5 → gpt-5.6-luna")
    app.press("enter")
    app.wait_for("new sessions begin like this one")
    text = config.read_text()
    assert "# my favourite" in text
    assert 'model = "gpt-5.6-luna"  # for now' in text


def test_a_default_that_somebody_else_changes_meanwhile_is_not_overwritten(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    run(app, "Make this the default")
    app.wait_for("model: gpt-5.5 → gpt-5.6-luna")
    config.write_text(config.read_text().replace('model = "gpt-5.5"', 'model = "gpt-6-sol"'))
    before = config.read_text()
    app.press("enter")
    app.wait_for("nothing was written")
    assert config.read_text() == before
