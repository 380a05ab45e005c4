"""Presets: taken, saved, renamed, deleted. The files are Codex's profiles; their values are applied to the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.controls import SandboxKind, SettingsUpdate
from conductor_tui.domain.text import visible_line
from conductor_tui.sessions.presets import use_preset
from conductor_tui.ui.actions import controls
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.settings.presets import Preset
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.picker import Choice


def _home(ctx: UiContext) -> Path:
    """CODEX_HOME as the server that we use says it, else ours."""
    from conductor_tui.settings.paths import codex_home

    info = ctx.manager.connection.info
    return Path(info.codex_home) if info and info.codex_home else codex_home()


def _read(ctx: UiContext) -> list[Preset]:
    from conductor_tui.settings.presets import read_presets

    return read_presets(_home(ctx))


def _in_force(ctx: UiContext) -> SettingsUpdate:
    from conductor_tui.ui.presentation import presets as words

    settings = ctx.session.projection.settings
    return words.of_session(settings, ctx.manager.setup.catalogue.model(settings.model))


def _choices(ctx: UiContext, presets: list[Preset], *, for_use: bool) -> list[Choice]:
    from conductor_tui.ui.presentation import presets as words
    from conductor_tui.ui.screens.picker import Choice

    now, catalogue = _in_force(ctx), ctx.manager.setup.catalogue
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


def _pick(ctx: UiContext, title: str, then: Callable[[Preset], None], *, for_use: bool = False) -> None:
    from conductor_tui.ui.screens.picker import Picker

    presets = _read(ctx)

    def taken(name: str | None) -> None:
        found = next((p for p in presets if p.name == name), None)
        if found is not None:
            then(found)

    empty = "No presets yet. “Save as preset” in the palette makes one of what is in force here."
    help_text = "1-9 or Enter takes   esc back" if for_use and presets else ""
    ctx.app.push_screen(Picker(title, _choices(ctx, presets, for_use=for_use), help=help_text, empty=empty), taken)


def pick(ctx: UiContext) -> None:
    """Lists the presets; the chosen one holds from the next turn on."""

    def chosen(preset: Preset) -> None:
        ctx.run("Could not use the preset", _use(ctx, preset))

    _pick(ctx, "Presets, from the next turn on", chosen, for_use=True)


async def _use(ctx: UiContext, preset: Preset) -> None:
    wants_all = preset.values.sandbox is not None and preset.values.sandbox.kind is SandboxKind.FULL_ACCESS
    has = ctx.session.projection.settings.sandbox
    if wants_all and (has is None or has.kind is not SandboxKind.FULL_ACCESS):
        title = f"{preset.name}: full access in {visible_line(str(ctx.manager.here.path))}?"
        if not await controls.wants_full_access(ctx, title, "Yes, full access for this session"):
            return
    use_preset(ctx.session, preset.values)
    ctx.tell(f"preset {preset.name} from the next turn on")


def save(ctx: UiContext, before: str = "") -> None:
    """Asks for a name and keeps what is in force under it. `before`: the name given before."""
    from conductor_tui.settings.presets import name_problem
    from conductor_tui.ui.screens.ask import Ask

    def named(name: str | None) -> None:
        if name is None:
            return
        existing = next((p for p in _read(ctx) if p.name == name), None)
        if existing is None:
            _save(ctx, name)
        else:
            _ask_to_replace(ctx, existing)

    ctx.app.push_screen(Ask("Name of the preset (letters, digits, - and _)", before, wrong=name_problem), named)


def _ask_to_replace(ctx: UiContext, existing: Preset) -> None:
    from conductor_tui.ui.presentation import presets as words
    from conductor_tui.ui.screens.picker import Choice, Picker

    if existing.problem:
        ctx.tell(f"not saved, correct the file first: {existing.problem}", "warning", timeout=8)
        return
    changes = words.differences(existing.values, _in_force(ctx), ctx.manager.setup.catalogue)
    if not changes:
        ctx.tell(f"preset {existing.name} is like this already")
        return
    choices = [
        Choice("yes", f"Replace {existing.name}", detail="\n".join(changes)),
        Choice("no", "Leave it as it is"),
    ]
    title = f"There is a preset {existing.name}"

    def answered(choice: str | None) -> None:
        if choice == "yes":
            _save(ctx, existing.name)
        elif choice is None:
            save(ctx, existing.name)

    ctx.app.push_screen(Picker(title, choices), answered)


def _save(ctx: UiContext, name: str) -> None:
    from conductor_tui.settings.presets import PresetError, save_preset
    from conductor_tui.ui.presentation import presets as words

    try:
        save_preset(_home(ctx), name, _in_force(ctx))
    except PresetError as error:
        ctx.tell(f"not saved: {error}", "warning", timeout=8)
    else:
        ctx.tell(f"preset {name} is saved{words.unsaid(ctx.session.projection.settings)}")


def rename(ctx: UiContext) -> None:
    """Asks which preset, and for its new name."""
    from conductor_tui.settings.presets import PresetError, name_problem, rename_preset
    from conductor_tui.ui.screens.ask import Ask

    def chosen(preset: Preset) -> None:
        def wrong(name: str) -> str:
            is_taken = name != preset.name and any(p.name == name for p in _read(ctx))
            return f"there is a preset {name} already" if is_taken else name_problem(name)

        def named(name: str | None) -> None:
            if name is None:
                rename(ctx)
                return
            if name == preset.name:
                return
            try:
                rename_preset(preset, name)
            except PresetError as error:
                ctx.tell(f"not renamed: {error}", "warning", timeout=8)
            else:
                ctx.tell(f"preset {preset.name} is called {name} now")

        ctx.app.push_screen(Ask(f"New name of {visible_line(preset.name)}", preset.name, wrong=wrong), named)

    _pick(ctx, "Rename a preset", chosen)


def delete(ctx: UiContext) -> None:
    """Asks which preset, and whether it may go."""
    from textual.content import Content

    from conductor_tui.settings.presets import PresetError, delete_preset
    from conductor_tui.ui.screens.confirm import ConfirmScreen

    def chosen(preset: Preset) -> None:
        def answered(key: str | None) -> None:
            if key is None:
                return
            try:
                delete_preset(preset)
            except PresetError as error:
                ctx.tell(f"not deleted: {error}", "warning", timeout=8)
            else:
                ctx.tell(f"preset {preset.name} is deleted")

        text = Content(f"{visible_line(preset.path.name)} is removed; codex -p has it no longer, either.")
        screen = ConfirmScreen(ctx, f"Delete {preset.name}?", text, [("y", "delete")])
        ctx.app.push_screen(screen, answered)

    _pick(ctx, "Delete a preset", chosen)


HANDLERS = {
    "preset.use": Handler(pick, controls.why_not_open),
    "preset.save": Handler(save, controls.why_not_open),
    "preset.rename": Handler(rename),
    "preset.delete": Handler(delete),
}
