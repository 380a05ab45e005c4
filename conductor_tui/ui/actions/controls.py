"""Commands on the session's controls. Each asks Codex; the sidebar follows when Codex confirms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.controls import ModelOption, SandboxKind, SandboxPolicy, SessionSettings, SettingsUpdate
from conductor_tui.domain.defaults import Defaults, with_model_of, with_permissions_of
from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.sessions.ports import Agent
from conductor_tui.ui.actions.background import ask_codex
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation.controls import POLICY_WORDS, is_fast, permissions_text, personality_reason

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.picker import Choice

_FULL_ACCESS = "No sandbox: commands may do all that you may do."
_SANDBOXES = (
    ("read-only", SandboxPolicy(SandboxKind.READ_ONLY), "Codex reads; commands cannot write."),
    (
        "workspace",
        SandboxPolicy(SandboxKind.WORKSPACE_WRITE),
        "Commands may write in this folder and in /tmp; no network.",
    ),
    (
        "workspace + network",
        SandboxPolicy(SandboxKind.WORKSPACE_WRITE, network_access=True),
        "Commands may write in this folder and in /tmp, and use the network.",
    ),
    ("full access", SandboxPolicy(SandboxKind.FULL_ACCESS), _FULL_ACCESS),
)
_PERSONALITIES = (
    ("none", "As the model is."),
    ("friendly", "Warm, and explains more."),
    ("pragmatic", "Short and to the point."),
)
_POLICIES = ("on-request", "untrusted", "never")


def _model(ctx: UiContext) -> ModelOption | None:
    return ctx.manager.setup.catalogue.model(ctx.session.projection.settings.model)


def why_not_open(ctx: UiContext) -> str | None:
    if not ctx.session.projection.is_connected:
        return "not connected to Codex"
    return None if ctx.session.projection.settings.model else "the session is not open yet"


def pick_model(ctx: UiContext) -> None:
    """Lists the models of this Codex set-up, as they are now; the chosen one holds from the next turn on."""
    from conductor_tui.ui.screens.picker import Picker

    empty = why_not_open(ctx) or "Codex lists no models"

    def taken(name: str | None) -> None:
        option = ctx.manager.setup.catalogue.model(name) if name else None
        if option is None or name == ctx.session.projection.settings.model:
            return
        ctx.session.update(SettingsUpdate(model=option.model))

    async def read_again(agent: Agent) -> None:
        await ctx.manager.setup.read_models(agent)
        picker.follow(_models(ctx))

    picker = Picker("Model for the next turn", _models(ctx), empty=empty)
    ctx.app.push_screen(picker, taken)
    if ctx.manager.connection.is_open:
        ask_codex(ctx, "The models could not be read", read_again)


def _models(ctx: UiContext) -> list[Choice]:
    from conductor_tui.ui.screens.picker import Choice

    current = ctx.session.projection.settings.model
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
    return None if option and option.efforts else "this model has no reasoning efforts"


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
        ctx.tell("Fast Mode from the next turn on. It uses more credits.")


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
        ctx.tell("changes hold for this session")
    else:
        option = _model(ctx)
        scope.begin(option.default_effort if option else None)
        ctx.tell("what you change now holds for the next turn only")
    ctx.redraw()


def pick_personality(ctx: UiContext) -> None:
    """Lists the ways in which Codex can talk."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    current = ctx.session.projection.settings.personality or "none"
    choices = [Choice(name, name, detail=words, is_current=name == current) for name, words in _PERSONALITIES]

    def taken(name: str | None) -> None:
        if name is not None and name != current:
            ctx.session.update(SettingsUpdate(personality=name))

    ctx.app.push_screen(Picker("Personality from the next turn on", choices), taken)


def why_no_personality(ctx: UiContext) -> str | None:
    """Why a personality would change nothing."""
    return why_not_open(ctx) or personality_reason(_model(ctx), ctx.manager.connection.info)


async def pick_permissions(ctx: UiContext) -> None:
    """Lists what Codex may do, and when it asks."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    settings = ctx.session.projection.settings
    now = permissions_text(settings.sandbox)
    locked = "Plan Mode keeps commands read-only; leave it first" if settings.is_plan_mode else ""
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
        Choice(id=f"a:{name}", title=POLICY_WORDS[name], note=name, is_current=name == settings.approval_policy)
        for name in _POLICIES
    ]

    choice = await ctx.ask(Picker("Permissions from the next turn on", choices))
    if choice is not None:
        await _apply_permissions(ctx, choice)


async def _apply_permissions(ctx: UiContext, choice: str) -> None:
    kind, _, value = choice.partition(":")
    if kind == "a":
        ctx.session.update(SettingsUpdate(approval_policy=value))
    elif kind == "p":
        ctx.session.update(SettingsUpdate(permission_profile=value))
    else:
        _, sandbox, _ = _SANDBOXES[int(value)]
        if sandbox.kind is not SandboxKind.FULL_ACCESS:
            ctx.session.controls.use_sandbox(sandbox)
            return
        title = f"Full access in {visible_line(str(ctx.manager.here.path))}?"
        if await wants_full_access(ctx, title, "Yes, full access for this session"):
            ctx.session.update(SettingsUpdate(sandbox=sandbox))


async def wants_full_access(ctx: UiContext, title: str, yes: str) -> bool:
    """Asks whether commands may run without a sandbox."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    choices = [
        Choice(id="no", title="No, keep the sandbox", is_current=True),
        Choice(id="yes", title=yes, detail=_FULL_ACCESS),
    ]
    return await ctx.ask(Picker(title, choices)) == "yes"


async def make_default(ctx: UiContext) -> None:
    """Shows what new sessions begin with and what they would, and writes what the user chooses of it."""
    from conductor_tui.ui.actions.defaults import DefaultsChanged, ways

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
    from conductor_tui.ui.actions.defaults import has_no_server

    return None if has_no_server(ctx) and ctx.session.projection.settings.model else why_not_open(ctx)


async def _ask_default(
    ctx: UiContext, settings: SessionSettings, before: Defaults, seen: Defaults | None
) -> Defaults | None:
    """What is to be written; None: nothing.

    `seen`: what stood there when the user was asked the first time; somebody else has changed it since.
    """
    from conductor_tui.ui.actions.defaults import has_no_server
    from conductor_tui.ui.presentation import defaults as words
    from conductor_tui.ui.screens.picker import Choice, Picker

    profiles = {p.id for p in ctx.manager.setup.catalogue.profiles}
    is_undecided = ctx.manager.here.trust.is_undecided
    why_not = words.why_not_permissions(settings, before, profiles, is_trust_undecided=is_undecided)
    note = "Codex cannot be asked: the file is changed without it." if has_no_server(ctx) else ""
    wanted = {"model": with_model_of(before, settings), "permissions": with_permissions_of(before, settings)}
    choices = [
        Choice(
            part,
            f"Write {title}",
            detail="" if reason else "\n".join(filter(None, [*found, remark, note])),
            reason=reason,
        )
        for part, title, remark, reason in (
            ("model", "model, effort and Fast Mode", "", ""),
            ("permissions", "the permissions", words.EVERYWHERE, why_not),
        )
        if (found := words.changes(before, wanted[part], seen))
    ]
    if not choices:
        ctx.tell("new sessions begin like this one already")
        return None
    choices.append(Choice("no", "Leave the default as it is" if seen is None else "Leave it as it is now"))
    where = visible_line(from_home(before.file, str(Path.home())))
    title = "For new sessions" if seen is None else "The file was changed meanwhile. For new sessions"
    choice = await ctx.ask(Picker(f"{title}, in {where}", choices))
    if choice == "permissions" and settings.sandbox and settings.sandbox.kind is SandboxKind.FULL_ACCESS:
        is_sure = await wants_full_access(ctx, "Full access in every folder?", "Yes, full access for all new sessions")
        return wanted[choice] if is_sure else None
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
