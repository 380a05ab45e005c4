"""Permissions as the default of new sessions: what the real Codex makes of what is written."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, ServerInfo, SessionSettings, version_numbers
from conductor_tui.domain.defaults import with_permissions_of
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.transport import StdioTransport
from tests.e2e.app import App
from tests.e2e.place import Place
from tests.e2e.test_setup import run

WRITING = SandboxPolicy(SandboxKind.WORKSPACE_WRITE)
PERMISSIONS = {
    "reading": SessionSettings(approval_policy="never", sandbox=SandboxPolicy(SandboxKind.READ_ONLY)),
    "writing": SessionSettings(approval_policy="on-request", sandbox=WRITING),
    "writing elsewhere": SessionSettings(
        approval_policy="on-request",
        sandbox=replace(WRITING, network_access=True, writable_roots=("/srv/data",), exclude_slash_tmp=True),
    ),
    "everything": SessionSettings(approval_policy="never", sandbox=SandboxPolicy(SandboxKind.FULL_ACCESS)),
    "a profile": SessionSettings(
        approval_policy="on-request", sandbox=SandboxPolicy(SandboxKind.READ_ONLY), permission_profile="mine"
    ),
    "Codex's profile": SessionSettings(approval_policy="on-request", sandbox=WRITING, permission_profile=":workspace"),
}


@pytest.fixture
async def server(codex: Path, place: Place, repository: Path) -> AsyncIterator[AppServer]:
    config = f"""\
# mine
sandbox_mode = "read-only"
[permissions.mine]
extends = ":read-only"
[projects."{repository}"]
trust_level = "trusted"
"""
    (place.codex_home / "config.toml").write_text(config)
    transport = await StdioTransport.open(CodexBinary(codex, "given"), place.codex_home)
    server = await AppServer.open(transport, ServerInfo(""))
    yield server
    await server.close()


@pytest.mark.parametrize("level", ["trusted", "untrusted"])
async def test_new_sessions_have_the_permissions_whatever_was_the_default_and_whatever_the_trust(
    server: AppServer, place: Place, level: str
) -> None:
    file = place.codex_home / "config.toml"
    file.write_text(file.read_text().replace('"trusted"', f'"{level}"'))
    for name, settings in (*PERMISSIONS.items(), *reversed(PERMISSIONS.items())):
        before = await server.read_defaults()
        wanted = with_permissions_of(before, settings)
        await server.write_defaults(before, wanted)
        assert replace(await server.read_defaults(), version="") == replace(wanted, version=""), name
        opened = (await server.start_thread(str(place.repository))).settings
        has = (opened.approval_policy, opened.sandbox, opened.permission_profile)
        assert has == (settings.approval_policy, settings.sandbox, settings.permission_profile), name
    assert file.read_text().startswith("# mine\n")


async def test_a_session_like_the_default_has_nothing_to_write(server: AppServer, place: Place) -> None:
    for settings in PERMISSIONS.values():
        before = await server.read_defaults()
        await server.write_defaults(before, with_permissions_of(before, settings))
        opened = (await server.start_thread(str(place.repository))).settings
        now = await server.read_defaults()
        assert with_permissions_of(now, opened) == now


async def test_asking_for_everything_is_a_default_that_newer_versions_refuse(server: AppServer) -> None:
    before = await server.read_defaults()
    if (version_numbers(server.info.version) or ()) < (0, 163, 0):
        await server.write_defaults(before, replace(before, approval_policy="untrusted"))
    else:
        with pytest.raises(AgentRefused, match="no longer supported"):
            await server.write_defaults(before, replace(before, approval_policy="untrusted"))


def test_permissions_chosen_in_a_session_are_the_default_of_the_next_one(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    before = config.read_text()
    run(app, "Permissions")
    app.wait_for("Permissions from the next turn on")
    app.type("read-only")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_until(lambda _: "read-only" in app.control("Sandbox"), what="the new permissions")
    run(app, "Make this the default")
    app.wait_for("sandbox: workspace → read-only")
    app.wait_for("Applies in every folder.")
    app.type("permissions")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_for("Saved as default for new sessions")
    assert tomllib.loads(config.read_text()) == {**tomllib.loads(before), "sandbox_mode": "read-only"}
