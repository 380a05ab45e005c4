"""Commands on races: start one, compare its agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.errors import AgentError, ConductorError, RepositoryError, WorkspaceError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.races import Entrant, Race, field_of
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.services.workspaces.races import Races
from conductor_tui.ui.actions import workspaces as of_workspaces
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation.controls import model_name
from conductor_tui.ui.presentation.race import model_and_effort

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def why_not_start(ctx: UiContext) -> str | None:
    """Why no race can start."""
    if reason := of_workspaces.why_none(ctx):
        return reason
    if not ctx.manager.connection.is_open:
        return "not connected to Codex"
    if not ctx.manager.setup.catalogue.models:
        return "Codex has not listed its models yet"
    wants_decision = ctx.manager.here.trust.wants_decision
    return "first decide what Codex may do here (Trust this repository)" if wants_decision else None


def why_not_compare(ctx: UiContext) -> str | None:
    """Why there is nothing to compare."""
    reason = of_workspaces.why_none(ctx)
    return reason or (None if _races(ctx).open else "no open race")


def _races(ctx: UiContext) -> Races:
    assert ctx.workspaces.races is not None, "why_none says so"
    return ctx.workspaces.races


# The start


async def start(ctx: UiContext) -> None:
    """Asks for the prompt and for the agents, and starts them."""
    from conductor_tui.ui.dialogs.input import Ask
    from conductor_tui.ui.screens.race_entrants import RaceEntrants

    desk, settings = ctx.workspaces, ctx.session.projection.settings
    repository = desk.here.repository if desk.here else desk.records[0].repository
    prompt = ""
    while written := await ctx.ask(Ask("Race: one prompt, several agents – Prompt", prompt)):
        prompt = written
        field = field_of(ctx.manager.setup.catalogue.models, settings.model, settings.effort)
        if entrants := await ctx.ask(RaceEntrants(prompt, field)):
            await _begin(ctx, repository, prompt, entrants)
            return


async def _begin(ctx: UiContext, repository: Path, prompt: str, entrants: Sequence[Entrant]) -> None:
    """Creates the workspaces one after the other; each sets itself up and gets the prompt as soon as it is there."""
    desk, races = ctx.workspaces, _races(ctx)
    ctx.panes.prefer_side(Pane.TREE)  # where the workspaces appear
    race, trouble = await races.begin(repository, prompt, ctx.tell)
    if trouble is not None:
        ctx.add_trouble(replace(trouble, title=f"The race starts without the newest commits: {trouble.title}"))
    once = races.asks_once(repository)
    running: set[str] = set()

    def ended(record: WorkspaceRecord) -> None:
        running.discard(record.id)
        if not running and not is_joining:
            once.done()

    is_joining, failed = True, 0
    for entrant in entrants:
        try:
            record = await races.join(race, repository, entrant, desk.creating)
        except (RepositoryError, WorkspaceError) as error:
            failed += 1
            called = partial(model_name, ctx.manager.setup.catalogue)
            _say_failed(ctx, f"Could not add {model_and_effort(entrant, called)} to the race", error)
            continue
        desk.created(record)
        running.add(record.id)
        once.ids.add(record.id)
        ctx.run(f"Could not start {record.name}", _run(ctx, race, record, entrant, ended))
    is_joining = False
    if not running:
        once.done()
    await races.end_start(race)
    ctx.tell(f"Started {len(entrants) - failed} of {len(entrants)} agents. Compare race shows them")


async def _run(
    ctx: UiContext, race: Race, record: WorkspaceRecord, entrant: Entrant, ended: Callable[[WorkspaceRecord], None]
) -> None:
    """Sets up one workspace, then sends the prompt; a failure is told, and the others go on."""
    desk = ctx.workspaces
    try:
        desk.step(record.id, "setting up")
        await desk.set_up(record)
        desk.step(record.id, "sending the prompt")
        await _races(ctx).send(race, record, entrant, ctx.manager.folder(record.path, record.repository))
    except (AgentError, RepositoryError, WorkspaceError) as error:
        _say_failed(ctx, f"Could not send the prompt in {record.name}", error)
    finally:
        ended(record)
        desk.created(record)


def _say_failed(ctx: UiContext, what: str, error: ConductorError) -> None:
    trouble = getattr(error, "trouble", None) or Trouble(str(error))
    ctx.add_trouble(replace(trouble, title=f"{what}: {trouble.title}"))


# Comparing


async def compare(ctx: UiContext) -> None:
    """Shows the race of the workspace on screen, the only one, or lists those that are open."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    races, here = _races(ctx), ctx.workspaces.here
    found, mine = races.open, races.of(here.id) if here else None
    if mine is not None or len(found) == 1:
        _show(ctx, (mine or found[0]).id)
        return
    now = ctx.manager.clock()
    choices = [
        Choice(r.id, visible_line(r.prompt), note=f"{len(r.members)} agents · {age(now - r.made_at) or 'just now'}")
        for r in found
    ]
    if chosen := await ctx.ask(Picker("Compare which race?", choices)):
        _show(ctx, chosen)


def _show(ctx: UiContext, race_id: str) -> None:
    from conductor_tui.ui.screens.race import RaceScreen

    race = _races(ctx).get(race_id)
    for member, _ in race.standing(ctx.workspaces.records) if race else ():
        if member.thread_id in ctx.manager.threads:  # its turns are read
            ctx.manager.open_session(ThreadId(member.thread_id))
    ctx.show(RaceScreen(ctx, race_id))


def tell_when_over(ctx: UiContext) -> None:
    """Says once when all agents of a race have finished."""
    races = ctx.workspaces.races
    if races is None:
        return
    states = {entry.thread_id: entry.state for entry in ctx.entries() if entry.thread_id is not None}
    for race, found in races.ended(states):
        failed = sum(state is ThreadState.FAILED for state in found)
        how = f"{failed} of {len(found)} agents failed" if failed else f"all {len(found)} agents finished"
        text = f"Race over, {how}: {visible_line(race.prompt)[:40]}. Compare race shows them"
        ctx.tell(text, timeout=15.0, waits=True)


HANDLERS = {
    "race.start": Handler(start, why_not_start, failed="Could not start the race"),
    "race.compare": Handler(compare, why_not_compare),
}
