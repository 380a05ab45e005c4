"""The main screen as a picture, at the widths where its panes change. `make test-snapshots-update` accepts new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import (
    PLAN_PROFILE,
    Account,
    Credits,
    LimitWindow,
    ModelOption,
    RateLimits,
    SandboxKind,
    SandboxPolicy,
    ServerInfo,
)
from conductor_tui.domain.goals import Goal
from conductor_tui.domain.items import ItemStatus
from conductor_tui.domain.toolbox import McpServer, McpState, Skills
from conductor_tui.settings.model import AppSettings, Theme, UiSettings
from conductor_tui.storage.database import Store
from conductor_tui.ui.app import ConductorApp, Surroundings
from conductor_tui.ui.commands.pane import Pane
from tests.builders import (
    THREAD,
    a_command,
    a_command_approval,
    a_message,
    a_patch,
    a_plan,
    a_prompt,
    asked,
    item_completed,
    item_started,
    turn_completed,
    turn_started,
    until,
    usage,
)
from tests.fakes.agent import MODELS, SETTINGS, FakeAgent
from tests.snapshot.kinds import MARKDOWN


class SnapCompare(Protocol):
    def __call__(self, app: Any, *, terminal_size: tuple[int, int], run_before: Any) -> bool: ...


def app_with(
    folder: Path,
    *told: ev.Event,
    theme: Theme = "conductor-dark",
    prepare: Callable[[FakeAgent], None] = lambda agent: None,
    pane: Pane | None = None,
) -> tuple[ConductorApp, Any]:
    """The app on a Codex that says something, and what brings it there; `pane` gets the focus."""
    agents: list[FakeAgent] = []

    async def connect() -> FakeAgent:
        agents.append(FakeAgent())
        prepare(agents[-1])
        return agents[-1]

    ticks = [100.0]
    around = Surroundings(
        root=Path("/repo"),
        state_dir=folder,
        settings=AppSettings(ui=UiSettings(theme=theme)),
        open_store=lambda: Store(folder / "store.sqlite3"),
        connect=connect,
        open_repository=None,
        clock=lambda: 1000.0,
        monotonic=lambda: ticks[0],
    )
    app = ConductorApp(around)

    async def run_before(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await until(lambda: agents and app.window.session.thread_id)
        agents[0].say(*told)
        await until(lambda: agents[0]._queue.empty())
        await pilot.pause()
        app.bridge.flush()
        await pilot.pause()
        if pane:
            await until(lambda: app.manager.here.skills is not None)
            app.bridge.flush()
            app.window.panes.focus(pane)
            await pilot.pause()
        if app.window.panes.approval.approval is not None:
            ticks[0] += 1  # it has been read
            app.window.redraw()
            await pilot.pause()

    return app, run_before


STORY = (
    turn_started(),
    item_completed(a_prompt("Make the totals right.")),
    item_completed(a_command("pytest -q", exit_code=1, output="FAILED (failures=1)\n")),
    item_completed(a_patch()),
    item_completed(a_message(MARKDOWN)),
    usage(410),
    turn_completed(),
)
WAITING = (
    turn_started(),
    item_completed(a_prompt("Install it.")),
    item_started(a_command("pip install foo", status=ItemStatus.IN_PROGRESS, exit_code=None)),
    asked(a_command_approval(rule=("pip", "install"))),
)
PLANNING = (ev.SettingsChanged(
    THREAD,
    # everything that can be said about a session at once
    SETTINGS.__class__(
        model="small", provider="scripted", effort="low", approval_policy="never", is_plan_mode=True,
        sandbox=SandboxPolicy(SandboxKind.READ_ONLY), permission_profile=PLAN_PROFILE,
    ),
),)  # fmt: skip

SIZES = [(200, 50), (140, 40), (110, 30), (80, 24), (48, 18)]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_story(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, run_before = app_with(tmp_path, *STORY)
    assert snap_compare(app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (48, 18)], ids=str)
def test_an_approval(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, run_before = app_with(tmp_path, *WAITING)
    assert snap_compare(app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("theme", ["conductor-light", "ansi-dark"])
def test_another_theme(snap_compare: SnapCompare, tmp_path: Path, theme: Theme) -> None:
    app, run_before = app_with(tmp_path, *STORY, theme=theme)
    assert snap_compare(app, terminal_size=(140, 40), run_before=run_before)


def test_an_empty_session_in_plan_mode(snap_compare: SnapCompare, tmp_path: Path) -> None:
    app, run_before = app_with(tmp_path, *PLANNING)
    assert snap_compare(app, terminal_size=(140, 40), run_before=run_before)


EVERYTHING = (
    ev.GoalChanged(THREAD, Goal("Make every test pass, and keep it so", tokens_used=41_000, token_budget=500_000)),
    ev.McpServerChanged(THREAD, McpServer("files", McpState.READY)),
    ev.McpServerChanged(THREAD, McpServer("bad", McpState.FAILED, "No such file")),
    ev.RateLimitsChanged(None, RateLimits(
        LimitWindow(62, 300, 1000 + 7500), LimitWindow(12, 10080, 1000 + 500_000),
        Credits(has_any=True, balance="12.50"),
    )),
    ev.SettingsChanged(THREAD, replace(SETTINGS, service_tier="priority", personality="friendly")),
    usage(410),
)  # fmt: skip
NOTHING = (ev.SettingsChanged(THREAD, replace(SETTINGS, model="plain", effort=None, provider="")),)


def with_everything(agent: FakeAgent) -> None:
    """A Codex and a model that have all there is."""
    agent.info = ServerInfo("0.144.4", is_ours=True, source="bundled")
    agent.models = (replace(MODELS[0], supports_personality=True), MODELS[1])


def with_nothing(agent: FakeAgent) -> None:
    """A model without efforts, tiers and personalities, and no skills."""
    agent.models = (*MODELS, ModelOption("plain", "plain", "Plain"))
    agent.skills = Skills()
    agent.account = Account(requires_openai_auth=False)


@pytest.mark.parametrize("size", [(140, 40), (80, 24)], ids=str)
def test_controls_of_a_model_with_everything(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, run_before = app_with(tmp_path, *EVERYTHING, prepare=with_everything, pane=Pane.CONTROLS)
    assert snap_compare(app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("size", [(140, 40), (48, 18)], ids=str)
def test_controls_of_a_model_with_nothing(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, run_before = app_with(tmp_path, *NOTHING, prepare=with_nothing, pane=Pane.CONTROLS)
    assert snap_compare(app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (48, 18)], ids=str)
def test_a_plan_with_a_comment(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    proposed = (turn_started(), item_completed(a_prompt("Plan it.")), item_completed(a_plan()), turn_completed())
    app, told = app_with(tmp_path, *PLANNING, *proposed)

    async def run_before(pilot: Pilot[Any]) -> None:
        await told(pilot)
        await pilot.press("ctrl+r", "j", "j", "c", *"twice", "enter")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run_before)
