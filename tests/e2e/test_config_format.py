"""What Codex would change of config.toml beside the keys it is told to write, and does not: with the real Codex."""

from __future__ import annotations

import asyncio
import codecs
import os
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.toolbox import Provider, Skill, SkillScope
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.transport import StdioTransport
from conductor_tui.settings.codex_config import CodexConfig
from conductor_tui.settings.toml_file import Edit, change_file
from tests.e2e.app import App
from tests.e2e.place import Place
from tests.e2e.test_setup import run

TEXT = """\
# what the team agreed on
model = 'gpt-5.5'  # for now
developer_instructions = \"\"\"one
two\"\"\"

[mcp_servers.docs]  # ours
command = "docs-server"

# the last words"""
DOS = TEXT.replace("\n", "\r\n").encode()
MIXED = TEXT.replace("\n", "\r\n", 3).encode()
"""As an editor leaves it that only knows LF."""
FILES = {
    "CRLF": DOS,
    "CRLF and LF": MIXED,
    "mark and CRLF": codecs.BOM_UTF8 + DOS,
    "mark and LF": codecs.BOM_UTF8 + TEXT.encode(),
}


@pytest.fixture
def file(place: Place) -> Path:
    return place.codex_home / "config.toml"


@asynccontextmanager
async def a_server(codex: Path, place: Place) -> AsyncIterator[AppServer]:
    server = await AppServer.open(
        await StdioTransport.open(CodexBinary(codex, "given"), place.codex_home), ServerInfo("")
    )
    server.keep_config = CodexConfig(place.codex_home).kept_while_codex_writes
    try:
        yield server
    finally:
        await server.close()


async def make_default(server: AppServer) -> None:
    before = await server.read_defaults()
    await server.write_defaults(before, replace(before, effort="high"))


async def trust(server: AppServer) -> None:
    await server.write_trust(FolderTrust("/work/shop"), TrustLevel.TRUSTED)


async def switch_mcp_server(server: AppServer) -> None:
    await server.switch_mcp_server("docs", False)


async def add_provider(server: AppServer) -> None:
    await server.add_provider(Provider("mine", "Mine", "http://127.0.0.1:1/v1"), "")
    await server.make_provider_default("mine", "")


async def switch_skill(server: AppServer) -> None:
    await server.switch_skill(Skill("tidy", "/work/skills/tidy/SKILL.md", "", SkillScope.USER, True), False)


WRITERS = (make_default, trust, switch_mcp_server, add_provider, switch_skill)
"""All that the app has Codex write there."""
Writer = Callable[[AppServer], Awaitable[None]]


@pytest.mark.parametrize("raw", FILES.values(), ids=FILES)
@pytest.mark.parametrize("write", WRITERS)
async def test_every_line_that_was_there_is_there_byte_for_byte(
    codex: Path, place: Place, file: Path, write: Writer, raw: bytes
) -> None:
    file.write_bytes(raw)
    async with a_server(codex, place) as server:
        await write(server)
    before, after = (text.splitlines(keepends=True) for text in (raw, file.read_bytes()))
    lines = iter(after)
    assert all(line in lines for line in before), after
    usual = b"\r\n" if raw.count(b"\r\n") * 2 > raw.count(b"\n") else b"\n"
    new = [line for line in after if line not in before]
    assert new
    assert all(line.endswith(usual) and line.count(b"\r") == usual.count(b"\r") for line in new), new


async def test_link_and_mode_stay_and_the_version_is_the_one_that_codex_wrote(
    codex: Path, place: Place, file: Path
) -> None:
    real = place.root / "dotfiles.toml"
    real.write_bytes(DOS)
    real.chmod(0o644)
    file.symlink_to(os.path.relpath(real, file.parent))
    async with a_server(codex, place) as server:
        for model in ("gpt-6-sol", "gpt-5.5"):
            defaults = await server.read_defaults()
            await server.write_defaults(defaults, replace(defaults, model=model))  # refused if the version were another
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o644
    assert real.read_bytes() == DOS.replace(b"'gpt-5.5'", b'"gpt-5.5"')
    assert [p.name for p in place.root.glob("*.new")] == []


async def test_two_windows_and_a_third_without_a_server_lose_no_entry_and_no_line_end(
    codex: Path, place: Place, file: Path
) -> None:
    file.write_bytes(DOS)

    async def decide(server: AppServer, name: str) -> None:
        for number in range(8):
            await server.write_trust(FolderTrust(f"/{name}/{number}"), TrustLevel.TRUSTED)

    def edit() -> None:
        for number in range(8):
            change_file(file, [Edit(("projects", f"/three/{number}", "trust_level"), "trusted")])

    async with a_server(codex, place) as one, a_server(codex, place) as two:
        await asyncio.gather(decide(one, "one"), decide(two, "two"), asyncio.to_thread(edit))
    text = file.read_bytes()
    entries = {f"/{name}/{number}" for name in ("one", "two", "three") for number in range(8)}
    assert set(tomllib.loads(text.decode())["projects"]) == entries
    assert text.count(b"\n") == text.count(b"\r\n")


def test_a_default_set_in_the_app_changes_one_line_of_a_file_with_crlf(app: App, place: Place) -> None:
    config = place.codex_home / "config.toml"
    before = config.read_bytes().replace(b"\n", b"\r\n").replace(b'model = "gpt-5.5"', b'model = "gpt-5.5"  # for now')
    config.write_bytes(before)
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    run(app, "Make this the default")
    app.wait_for("model: gpt-5.5 → gpt-5.6-luna")
    app.press("enter")
    app.wait_for("Saved as default for new sessions")
    assert config.read_bytes() == before.replace(b'"gpt-5.5"  # for now', b'"gpt-5.6-luna"  # for now')
