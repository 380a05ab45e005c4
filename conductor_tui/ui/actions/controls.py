"""Commands on the session's controls. Each asks Codex; the sidebar follows when Codex confirms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.controls import ModelOption, SandboxKind, SandboxPolicy, SessionSettings, SettingsUpdate
from conductor_tui.domain.defaults import Defaults, with_model_of, with_permissions_of
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation.controls import FULL_ACCESS, is_fast, permissions_text, personality_reason

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice

_SANDBOXES = (
    ("read-only", SandboxPolicy(SandboxKind.READ_ONLY), "Codex can read files. Commands cannot write."),
    (
        "workspace",
        SandboxPolicy(SandboxKind.WORKSPACE_WRITE),
        "Commands can write in this folder and /tmp. No network.",
    ),
    (
        "workspace + network",
        SandboxPolicy(SandboxKind.WORKSPACE_WRITE, network_access=True),
        "Commands can write in this folder and /tmp, and use the network.",
    ),
    ("full access", SandboxPolicy(SandboxKind.FULL_ACCESS), FULL_ACCESS),
)
_PERSONALITIES = (
    ("none", "The model's own style."),
    ("friendly", "Warm, explains more."),
    ("pragmatic", "Short and to the point."),
)
_POLICIES = (
    ("on-request", "On request", "Codex asks when it needs more than the sandbox allows."),
    ("untrusted", "Untrusted: ask for everything", "Only commands known to be safe run without asking."),
    ("never", "Never ask", "What the sandbox does not allow fails."),
)


def _model(ctx: UiContext) -> ModelOption | None:
    return ctx.manager.setup.catalogue.model(ctx.session.projection.settings.model)


def why_not_open(ctx: UiContext) -> str | None:
    if not ctx.session.projection.is_connected:
        return "not connected to Codex"
    return None if ctx.session.projection.settings.model else "the session is not open yet"


async def pick_model(ctx: UiContext) -> None:
    """Lists the models of this Codex set-up, read again meanwhile; the chosen one applies from the next turn on."""
    from conductor_tui.ui.dialogs.picker import Picker

    session, setup = ctx.session, ctx.manager.setup
    empty = why_not_open(ctx) or "Codex lists no models"
    picker = Picker("Model for the next turn", _models(ctx, session), empty=empty)
    ctx.changes.subscribe(picker, Shown.SESSION, lambda: picker.follow(_models(ctx, session)))
    if ctx.manager.connection.is_open:
        ctx.run("Could not read the models", _read_models(ctx))
    name = await ctx.ask(picker)
    option = setup.catalogue.model(name) if name else None
    if option is not None and name != session.projection.settings.model:
        session.update(SettingsUpdate(model=option.model))


async def _read_models(ctx: UiContext) -> None:
    await ctx.manager.setup.read_models(await ctx.manager.connection.agent())


def _models(ctx: UiContext, session: Session) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice

    current = session.projection.settings.model
    return [
        Choice(m.model, m.name, note=_model_note(m), detail=m.description, is_current=m.model == current)
        for m in ctx.manager.setup.catalogue.models
        if not m.is_hidden or m.model == current
    ]


def _model_note(option: ModelOption) -> str:
    parts = ["default"] if option.is_default else []
    if option.efforts:
        parts.append("/".join(e.id for e in option.efforts))
    if option.fast_tier:
        parts.append("fast")
    return " · ".join(parts)


def cycle_effort(ctx: UiContext) -> None:
    """Switches to the next effort that the model supports."""
    option = ctx.manager.setup.catalogue.model(ctx.session.controls.expected.model)
    if option is None or not option.efforts:
        return
    known = [e.id for e in option.efforts]
    current = ctx.session.controls.expected.effort or option.default_effort
    at = known.index(current) if current in known else -1
    ctx.session.update(SettingsUpdate(effort=known[(at + 1) % len(known)]))


def why_no_effort(ctx: UiContext) -> str | None:
    if reason := why_not_open(ctx):
        return reason
    option = _model(ctx)
    return None if option and option.efforts else "this model has no reasoning effort levels"


def toggle_plan(ctx: UiContext) -> None:
    """Switches Plan Mode."""
    ctx.session.controls.set_plan_mode(not ctx.session.controls.expected.is_plan_mode)


def toggle_fast(ctx: UiContext) -> None:
    """Switches Fast Mode."""
    option = _model(ctx)
    if option is None or option.fast_tier is None:
        return
    turn_on = not is_fast(ctx.session.controls.expected)
    ctx.session.update(SettingsUpdate(service_tier=option.fast_tier.id if turn_on else "default"))
    if turn_on:
        ctx.tell("Fast Mode is on from the next turn. It uses more credits")


def why_no_fast(ctx: UiContext) -> str | None:
    if reason := why_not_open(ctx):
        return reason
    option = _model(ctx)
    return None if option and option.fast_tier else "this model has no fast tier"


def toggle_once(ctx: UiContext) -> None:
    """Switches between changes for the session and for the next turn only."""
    scope = ctx.session.controls.scope
    if scope.way_back is not None:
        scope.stay()
        ctx.tell("Changes apply to this session")
    else:
        option = _model(ctx)
        scope.begin(option.default_effort if option else None)
        ctx.tell("Changes apply to the next turn only")
    ctx.redraw()


async def pick_personality(ctx: UiContext) -> None:
    """Lists the ways in which Codex can talk."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    session = ctx.session
    current = session.projection.settings.personality or "none"
    choices = [Choice(name, name, detail=words, is_current=name == current) for name, words in _PERSONALITIES]
    name = await ctx.ask(Picker("Personality from the next turn on", choices))
    if name is not None and name != current:
        session.update(SettingsUpdate(personality=name))


def why_no_personality(ctx: UiContext) -> str | None:
    """Why a personality would change nothing."""
    return why_not_open(ctx) or personality_reason(_model(ctx), ctx.manager.connection.info)


async def pick_permissions(ctx: UiContext) -> None:
    """Lists what Codex may do, and when it asks."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    session = ctx.session
    settings = session.projection.settings
    now = permissions_text(settings.sandbox)
    locked = "Plan Mode keeps commands read-only. Leave Plan Mode first." if settings.is_plan_mode else ""
    choices = [
        Choice(id=f"s:{i}", title=title, detail=words, is_current=title == now, reason=locked if title != now else "")
        for i, (title, _, words) in enumerate(_SANDBOXES)
    ]
    choices += [
        Choice(
            id=f"p:{p.id}",
            title=p.id,
            note="profile",
            detail=p.description,
            is_current=p.id == settings.permission_profile,
            reason=locked or ("" if p.is_allowed else "not allowed by your organisation's requirements"),
        )
        for p in ctx.manager.setup.catalogue.profiles
        if not p.id.startswith(":")
    ]
    choices += [
        Choice(id=f"a:{name}", title=title, note=name, detail=words, is_current=name == settings.approval_policy)
        for name, title, words in _POLICIES
    ]

    choice = await ctx.ask(Picker("Permissions from the next turn on", choices))
    kind, _, value = (choice or "").partition(":")
    if kind == "a":
        session.update(SettingsUpdate(approval_policy=value))
    elif kind == "p":
        session.update(SettingsUpdate(permission_profile=value))
    elif kind == "s":
        _, sandbox, _ = _SANDBOXES[int(value)]
        title = f"Allow full access in {visible_line(str(session.folder.path))}?"
        if sandbox.kind is not SandboxKind.FULL_ACCESS:
            session.controls.use_sandbox(sandbox)
        elif await wants_full_access(ctx, title, "Allow full access in this session"):
            session.update(SettingsUpdate(sandbox=sandbox))


async def wants_full_access(ctx: UiContext, title: str, yes: str) -> bool:
    """Asks whether commands may run without a sandbox."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    choices = [
        Choice("no", "Keep the sandbox", is_current=True),
        Choice("yes", yes, detail=FULL_ACCESS),
    ]
    return await ctx.ask(Picker(title, choices)) == "yes"


async def make_default(ctx: UiContext) -> None:
    """Shows what new sessions start with and what would change, and writes what the user chooses of it."""
    from conductor_tui.ui.actions.session_defaults import DefaultsChanged, ways

    settings = ctx.session.projection.settings
    before, seen = await ways(ctx).read(), None
    while (wanted := await _ask_default(ctx, settings, before, seen)) is not None:
        try:
            await ways(ctx).write(before, wanted)
        except DefaultsChanged as changed:
            before, seen = changed.now, before
        else:
            ctx.tell("Saved as default for new sessions")
            return


def why_no_default(ctx: UiContext) -> str | None:
    from conductor_tui.ui.actions.session_defaults import has_no_server

    return None if has_no_server(ctx) and ctx.session.projection.settings.model else why_not_open(ctx)


async def _ask_default(
    ctx: UiContext, settings: SessionSettings, before: Defaults, seen: Defaults | None
) -> Defaults | None:
    """What to write; None: nothing.

    `seen`: what the file had when the user was asked the first time; another program has changed it since.
    """
    from conductor_tui.ui.actions.session_defaults import has_no_server
    from conductor_tui.ui.dialogs.picker import Choice, Picker
    from conductor_tui.ui.presentation import defaults as words

    profiles = {p.id for p in ctx.manager.setup.catalogue.profiles}
    is_undecided = ctx.manager.here.trust.is_undecided
    why_not = words.why_not_permissions(settings, before, profiles, is_trust_undecided=is_undecided)
    note = "Codex is not available: the file is edited directly." if has_no_server(ctx) else ""
    wanted = {"model": with_model_of(before, settings), "permissions": with_permissions_of(before, settings)}
    choices = [
        Choice(
            part,
            f"Save {title}",
            detail="" if reason else "\n".join(filter(None, [*found, remark, note])),
            reason=reason,
        )
        for part, title, remark, reason in (
            ("model", "model, effort and Fast Mode", "", ""),
            ("permissions", "permissions", words.EVERYWHERE, why_not),
        )
        if (found := words.changes(before, wanted[part], seen))
    ]
    if not choices:
        ctx.tell("New sessions already start with these settings")
        return None
    choices.append(Choice("no", "Keep the file as it is"))
    where = visible_line(from_home(before.file, str(Path.home())))
    title = "Save as default" if seen is None else "The file changed meanwhile. Save as default"
    choice = await ctx.ask(Picker(f"{title} in {where}", choices))
    if choice == "permissions" and settings.sandbox and settings.sandbox.kind is SandboxKind.FULL_ACCESS:
        yes = "Allow full access in all new sessions"
        return wanted[choice] if await wants_full_access(ctx, "Allow full access in every folder?", yes) else None
    return wanted.get(choice or "")


HANDLERS = {
    "control.model": Handler(pick_model),
    "control.effort": Handler(cycle_effort, why_no_effort),
    "control.plan": Handler(toggle_plan, why_not_open),
    "control.fast": Handler(toggle_fast, why_no_fast),
    "control.permissions": Handler(pick_permissions, why_not_open, failed="Could not change the permissions"),
    "control.once": Handler(toggle_once, why_not_open),
    "control.personality": Handler(pick_personality, why_no_personality),
    "control.make_default": Handler(make_default, why_no_default, failed="Could not save the default"),
}
