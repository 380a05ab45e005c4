"""Presets: taken, saved, renamed, deleted. The files are Codex's profiles; their values are applied to the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.controls import SandboxKind, SettingsUpdate
from conductor_tui.domain.text import visible_line
from conductor_tui.sessions.presets import use_preset

if TYPE_CHECKING:
    from conductor_tui.settings.presets import Preset
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.picker import Choice


def _home(main: MainScreen) -> Path:
    """CODEX_HOME as the server that we use says it, else ours."""
    from conductor_tui.settings.paths import codex_home

    info = main.manager.connection.info
    return Path(info.codex_home) if info and info.codex_home else codex_home()


def _read(main: MainScreen) -> list[Preset]:
    from conductor_tui.settings.presets import read_presets

    return read_presets(_home(main))


def _in_force(main: MainScreen) -> SettingsUpdate:
    from conductor_tui.ui.presentation import presets as words

    settings = main.session.projection.settings
    return words.of_session(settings, main.manager.setup.catalogue.model(settings.model))


def _choices(main: MainScreen, presets: list[Preset], *, for_use: bool) -> list[Choice]:
    from conductor_tui.ui.presentation import presets as words
    from conductor_tui.ui.screens.picker import Choice

    now, catalogue = _in_force(main), main.manager.setup.catalogue
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


def _pick(main: MainScreen, title: str, then: Callable[[Preset], None], *, for_use: bool = False) -> None:
    from conductor_tui.ui.screens.picker import Picker

    presets = _read(main)

    def taken(name: str | None) -> None:
        found = next((p for p in presets if p.name == name), None)
        if found is not None:
            then(found)

    empty = "No presets yet. “Save as preset” in the palette makes one of what is in force here."
    help_text = "1-9 or Enter takes   esc back" if for_use and presets else ""
    main.app.push_screen(Picker(title, _choices(main, presets, for_use=for_use), help=help_text, empty=empty), taken)


def pick(main: MainScreen) -> None:
    """Lists the presets; the chosen one holds from the next turn on."""
    _pick(main, "Presets, from the next turn on", lambda preset: _use(main, preset), for_use=True)


def _use(main: MainScreen, preset: Preset) -> None:
    from conductor_tui.ui.screens.picker import Choice, Picker

    def use() -> None:
        use_preset(main.session, preset.values)
        main.tell(f"preset {preset.name} from the next turn on")

    wants_all = preset.values.sandbox is not None and preset.values.sandbox.kind is SandboxKind.FULL_ACCESS
    has = main.session.projection.settings.sandbox
    if not wants_all or (has is not None and has.kind is SandboxKind.FULL_ACCESS):
        use()
        return
    choices = [
        Choice("no", "No, leave all as it is", is_current=True),
        Choice("yes", "Yes, full access for this session", detail="No sandbox: commands may do all that you may do."),
    ]
    title = f"{preset.name}: full access in {visible_line(str(main.manager.here.path))}?"
    main.app.push_screen(Picker(title, choices), lambda choice: use() if choice == "yes" else None)


def save(main: MainScreen, before: str = "") -> None:
    """Asks for a name and keeps what is in force under it. `before`: the name given before."""
    from conductor_tui.settings.presets import name_problem
    from conductor_tui.ui.screens.ask import Ask

    def named(name: str | None) -> None:
        if name is None:
            return
        existing = next((p for p in _read(main) if p.name == name), None)
        if existing is None:
            _save(main, name)
        else:
            _ask_to_replace(main, existing)

    main.app.push_screen(Ask("Name of the preset (letters, digits, - and _)", before, wrong=name_problem), named)


def _ask_to_replace(main: MainScreen, existing: Preset) -> None:
    from conductor_tui.ui.presentation import presets as words
    from conductor_tui.ui.screens.picker import Choice, Picker

    if existing.problem:
        main.tell(f"not saved, correct the file first: {existing.problem}", "warning", timeout=8)
        return
    changes = words.differences(existing.values, _in_force(main), main.manager.setup.catalogue)
    if not changes:
        main.tell(f"preset {existing.name} is like this already")
        return
    choices = [
        Choice("yes", f"Replace {existing.name}", detail="\n".join(changes)),
        Choice("no", "Leave it as it is"),
    ]
    title = f"There is a preset {existing.name}"

    def answered(choice: str | None) -> None:
        if choice == "yes":
            _save(main, existing.name)
        elif choice is None:
            save(main, existing.name)

    main.app.push_screen(Picker(title, choices), answered)


def _save(main: MainScreen, name: str) -> None:
    from conductor_tui.settings.presets import PresetError, save_preset
    from conductor_tui.ui.presentation import presets as words

    try:
        save_preset(_home(main), name, _in_force(main))
    except PresetError as error:
        main.tell(f"not saved: {error}", "warning", timeout=8)
    else:
        main.tell(f"preset {name} is saved{words.unsaid(main.session.projection.settings)}")


def rename(main: MainScreen) -> None:
    """Asks which preset, and for its new name."""
    from conductor_tui.settings.presets import PresetError, name_problem, rename_preset
    from conductor_tui.ui.screens.ask import Ask

    def chosen(preset: Preset) -> None:
        def wrong(name: str) -> str:
            is_taken = name != preset.name and any(p.name == name for p in _read(main))
            return f"there is a preset {name} already" if is_taken else name_problem(name)

        def named(name: str | None) -> None:
            if name is None:
                rename(main)
                return
            if name == preset.name:
                return
            try:
                rename_preset(preset, name)
            except PresetError as error:
                main.tell(f"not renamed: {error}", "warning", timeout=8)
            else:
                main.tell(f"preset {preset.name} is called {name} now")

        main.app.push_screen(Ask(f"New name of {visible_line(preset.name)}", preset.name, wrong=wrong), named)

    _pick(main, "Rename a preset", chosen)


def delete(main: MainScreen) -> None:
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
                main.tell(f"not deleted: {error}", "warning", timeout=8)
            else:
                main.tell(f"preset {preset.name} is deleted")

        text = Content(f"{visible_line(preset.path.name)} is removed; codex -p has it no longer, either.")
        screen = ConfirmScreen(main, f"Delete {preset.name}?", text, [("y", "delete")])
        main.app.push_screen(screen, answered)

    _pick(main, "Delete a preset", chosen)
