"""What is kept with Codex: the sign-in, and what new sessions begin with. Neither needs a network."""

from __future__ import annotations

import base64
import json
import re
import socket
import time

from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

KEY = "sk-a-key-that-nobody-may-see"


def until_free(port: int) -> None:
    """Waits until nobody listens on a port of this machine."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"somebody still listens on {port}")


def run(app: App, words: str) -> None:
    """A command by its name, through the palette."""
    app.press("ctrl+p")
    app.wait_for("Search commands")
    app.type(words)
    app.press("enter")
    app.wait_for("Search commands", absent=True)


def test_an_api_key_signs_in_and_is_nowhere_but_with_codex(start: StartApp, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", "requires_openai_auth = true\nwire_api ="))
    app = start()
    app.wait_for("You're not signed in", 30)
    run(app, "Sign in")
    app.wait_for("ChatGPT with a code")
    app.press("down", "down", "enter")
    app.send(KEY)  # ahead of the field that takes it
    app.wait_for("•" * 10)
    app.press("enter")
    app.wait_for("API key, billed")
    assert KEY.encode() not in app.output
    kept = [path for path in place.root.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert kept == [place.codex_home / "auth.json"]
    run(app, "Sign out")
    app.wait_for("Sign out?")
    app.confirm("y")
    app.wait_for("You're not signed in")
    assert not (place.codex_home / "auth.json").exists()


def test_a_sign_in_that_cannot_begin_says_why(app: App) -> None:
    run(app, "Sign in")
    app.wait_for("ChatGPT with a code")
    app.press("enter")
    app.wait_for("✕", 40)
    app.press("esc")
    app.wait_for("Ask Codex")


def test_a_browser_that_ended_elsewhere_is_pasted_and_reaches_codexs_own_listener(app: App, place: Place) -> None:
    """Codex listens on 127.0.0.1:1455 even without a network; the sign-in server it would ask then is out of reach."""
    run(app, "Sign in")
    app.wait_for("ChatGPT in a browser")
    app.press("down", "enter")
    app.wait_for("p paste the redirect address", 40)
    state = re.search(r"[?&]state=([\w-]+)", "".join(re.sub(r"[│\s]", "", app.text()).split()))
    assert state is not None

    def paste(query: str) -> None:
        app.press("p")
        app.wait_for("Address on which the browser ended")
        app.send(f"\x1b[200~http://localhost:1455/auth/callback?{query}\x1b[201~")
        app.wait_quiet(0.2)
        app.press("enter")
        app.wait_for("Address on which the browser ended", absent=True)

    paste("code=from-the-browser&state=not-this-one")
    app.wait_for("another sign-in")
    paste(f"code=from-the-browser&state={state[1]}")
    app.wait_for("✕", 40)
    app.wait_for("oken exchange failed")  # Codex took it, and could not reach the sign-in server
    assert not [p for p in place.state.rglob("*") if p.is_file() and b"from-the-browser" in p.read_bytes()]
    app.press("esc")
    app.wait_for("Sign in with ChatGPT", absent=True)
    run(app, "Sign in")  # anew, and given up: the listener is free again
    app.wait_for("ChatGPT in a browser")
    app.press("down", "enter")
    app.wait_for("p paste the redirect address", 40)
    app.press("ctrl+c")
    app.wait_for("p paste", absent=True)
    app.wait_for("Ask Codex")
    until_free(1455)


def test_making_a_model_the_default_keeps_every_comment(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace('model = "gpt-5.5"', '# my favourite\nmodel = "gpt-5.5"  # for now'))
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    run(app, "Make this the default")
    app.wait_for("model: gpt-5.5 → gpt-5.6-luna")
    app.press("enter")
    app.wait_for("Saved as default for new sessions")
    text = config.read_text()
    assert "# my favourite" in text
    assert 'model = "gpt-5.6-luna"  # for now' in text


def test_a_default_that_somebody_else_changes_meanwhile_is_asked_about_with_both_values(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    run(app, "Make this the default")
    app.wait_for("model: gpt-5.5 → gpt-5.6-luna")
    config.write_text(config.read_text().replace('model = "gpt-5.5"', 'model = "gpt-6-sol"'))
    before = config.read_text()
    app.press("enter")
    app.wait_for("The file changed meanwhile")
    app.wait_for("model: gpt-6-sol → gpt-5.6-luna")
    app.wait_for("was gpt-5.5")
    assert config.read_text() == before
    app.press("enter")
    app.wait_for("Saved as default for new sessions")
    assert 'model = "gpt-5.6-luna"' in config.read_text()


def test_pitfall_38_a_chatgpt_sign_in_that_codex_cannot_confirm_is_not_called_signed_out(
    start: StartApp, place: Place
) -> None:
    """0.163 and later ask their server who it is; 0.144 reads it from the file."""
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", "requires_openai_auth = true\nwire_api ="))
    (place.codex_home / "auth.json").write_text(json.dumps(chatgpt_tokens("ada@example.org")))
    app = start()
    app.wait_until(lambda text: "unknown, offline?" in text or "ada@example.org" in text, 30, "the account")
    app.wait_ready()
    assert "not signed in" not in app.text()


def chatgpt_tokens(email: str) -> dict[str, object]:
    """An auth.json as Codex keeps it, of an account that does not exist."""
    claims: dict[str, object] = {"email": email, "exp": int(time.time()) + 86_400}
    claims["https://api.openai.com/auth"] = {"chatgpt_plan_type": "plus", "chatgpt_account_id": "nobody"}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims))
    token = b".".join([*parts, b"unsigned"]).decode()
    tokens = {"id_token": token, "access_token": token, "refresh_token": "r", "account_id": "nobody"}
    return {
        "auth_mode": "chatgpt",
        "tokens": tokens,
        "last_refresh": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
