"""Commands on presets. The files are Codex's profiles; their values are applied to the session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.controls import SandboxKind, SettingsUpdate
from conductor_tui.domain.text import visible_line
from conductor_tui.services.sessions.presets import use_preset
from conductor_tui.ui.actions import controls
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.settings.presets import Preset
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice


def _home(ctx: UiContext) -> Path:
    """CODEX_HOME of the server in use, else of our own environment."""
    from conductor_tui.settings.paths import codex_home

    info = ctx.manager.connection.info
    return Path(info.codex_home) if info and info.codex_home else codex_home()


def _read(ctx: UiContext) -> list[Preset]:
    from conductor_tui.settings.presets import read_presets

    return read_presets(_home(ctx))


def _in_force(ctx: UiContext, session: Session) -> SettingsUpdate:
    from conductor_tui.ui.presentation import presets as words

    settings = session.projection.settings
    return words.of_session(settings, ctx.manager.setup.catalogue.model(settings.model))


def _choices(ctx: UiContext, presets: list[Preset], *, for_use: bool) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice
    from conductor_tui.ui.presentation import presets as words

    now, catalogue = _in_force(ctx, ctx.session), ctx.manager.setup.catalogue
    keys = iter("123456789")
    return [
        Choice(
            p.name,
            p.name,
            note=p.problem if not for_use else "",
            detail="" if p.problem else _detail(p, words.summary(p.values, catalogue)),
            reason=p.problem if for_use else "",
            is_current=not p.problem and words.is_in_force(p.values, now),
            key=next(keys, "") if for_use and not p.problem else "",
        )
        for p in presets
    ]


def _detail(preset: Preset, summary: str) -> str:
    if not preset.further:
        return summary
    return f"{summary}\nonly with codex -p: {visible_line(', '.join(preset.further))}"


async def _pick(ctx: UiContext, title: str, *, for_use: bool = False) -> Preset | None:
    from conductor_tui.ui.dialogs.picker import Picker

    presets = _read(ctx)
    empty = "No presets yet. “Save as preset” in the palette saves the current settings."
    help_text = "1-9 or Enter apply · Esc cancel" if for_use and presets else ""
    name = await ctx.ask(Picker(title, _choices(ctx, presets, for_use=for_use), help=help_text, empty=empty))
    return next((p for p in presets if p.name == name), None)


async def use(ctx: UiContext) -> None:
    """Lists the presets; the chosen one applies from the next turn on."""
    session = ctx.session
    preset = await _pick(ctx, "Presets, from the next turn on", for_use=True)
    if preset is None:
        return
    wanted, now = preset.values.sandbox, session.projection.settings.sandbox
    is_wider = (
        wanted is not None and wanted.kind is SandboxKind.FULL_ACCESS and (now is None or now.kind != wanted.kind)
    )
    title = f"{preset.name}: allow full access in {visible_line(str(session.folder.path))}?"
    if not is_wider or await controls.wants_full_access(ctx, title, "Allow full access in this session"):
        use_preset(session, preset.values)
        ctx.tell(f"Preset {preset.name} applies from the next turn on")


async def save(ctx: UiContext) -> None:
    """Asks for a name and saves the session's settings under it."""
    from conductor_tui.settings.presets import name_problem, save_preset
    from conductor_tui.ui.dialogs.input import Ask
    from conductor_tui.ui.presentation import presets as words

    session, name = ctx.session, ""
    while typed := await ctx.ask(Ask("Preset name (letters, digits, - and _)", name, wrong=name_problem)):
        name = typed
        may_write = await _may_write(ctx, session, name)
        if may_write:
            save_preset(_home(ctx), name, _in_force(ctx, session))
            ctx.tell(f"Saved preset {name}{words.unsaid(session.projection.settings)}")
        if may_write is not None:
            return


async def _may_write(ctx: UiContext, session: Session, name: str) -> bool | None:
    """Whether nobody has the name, or the user replaces that preset; None: the user wants another name."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker
    from conductor_tui.ui.presentation import presets as words

    existing = next((p for p in _read(ctx) if p.name == name), None)
    if existing is None:
        return True
    if existing.problem:
        ctx.tell(f"Could not save the preset: fix the file first. {existing.problem}", "warning", timeout=8)
        return False
    changes = words.differences(existing.values, _in_force(ctx, session), ctx.manager.setup.catalogue)
    if not changes:
        ctx.tell(f"Preset {name} already has these settings")
        return False
    choices = [
        Choice("yes", f"Replace {name}", detail="\n".join(changes)),
        Choice("no", "Keep the old preset"),
    ]
    answer = await ctx.ask(Picker(f"Replace preset {name}?", choices))
    return answer == "yes" if answer is not None else None


async def rename(ctx: UiContext) -> None:
    """Asks which preset, and for its new name."""
    from conductor_tui.settings.presets import rename_preset
    from conductor_tui.ui.dialogs.input import Ask

    while preset := await _pick(ctx, "Rename a preset"):
        title = f"New name for {visible_line(preset.name)}"
        name = await ctx.ask(Ask(title, preset.name, wrong=partial(_wrong_name, ctx, preset)))
        if name is None:
            continue
        if name != preset.name:
            rename_preset(preset, name)
            ctx.tell(f"Renamed preset {preset.name} to {name}")
        return


def _wrong_name(ctx: UiContext, preset: Preset, name: str) -> str:
    from conductor_tui.settings.presets import name_problem

    is_taken = name != preset.name and any(p.name == name for p in _read(ctx))
    return f"Preset {name} already exists" if is_taken else name_problem(name)


async def delete(ctx: UiContext) -> None:
    """Asks which preset, and whether to delete it."""
    from textual.content import Content

    from conductor_tui.settings.presets import delete_preset
    from conductor_tui.ui.dialogs.confirm import ConfirmScreen

    preset = await _pick(ctx, "Delete a preset")
    if preset is None:
        return
    text = Content(f"{visible_line(preset.path.name)} is deleted, for `codex -p` too.")
    title = f"Delete preset {visible_line(preset.name)}?"
    if await ctx.ask(ConfirmScreen(ctx, title, text, [("y", "delete")])):
        delete_preset(preset)
        ctx.tell(f"Deleted preset {preset.name}")


HANDLERS = {
    "preset.use": Handler(use, controls.why_not_open),
    "preset.save": Handler(save, controls.why_not_open, failed="Could not save the preset"),
    "preset.rename": Handler(rename, failed="Could not rename the preset"),
    "preset.delete": Handler(delete, failed="Could not delete the preset"),
}
