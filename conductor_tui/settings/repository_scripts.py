"""The scripts in a repository's `.conductor/settings.toml`, with `.conductor/settings.local.toml` over it.

Wrong values never stop anything: they are named, the rest applies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conductor_tui.domain.scripts import RepositoryScripts, RunMode, Script, ScriptKind
from conductor_tui.domain.troubles import Trouble

_FILES = (Path(".conductor") / "settings.toml", Path(".conductor") / "settings.local.toml")


def read_scripts(root: Path) -> tuple[RepositoryScripts, list[Trouble]]:
    """The scripts of a checkout, and what is wrong with its files. Missing files are fine."""
    troubles: list[Trouble] = []
    found: dict[str, Script] = {}
    rules: dict[str, Any] = {}
    for name in _FILES:
        table = _scripts_table(root / name, troubles)
        rules |= table
        for script in _scripts(table, str(name), troubles):
            found[script.name] = script
    is_known = rules.get("run_mode") in tuple(RunMode)
    mode = RunMode(rules["run_mode"]) if is_known else RunMode.CONCURRENT
    return RepositoryScripts(tuple(found.values()), mode, rules.get("auto_run_after_setup") is True), troubles


def _scripts_table(path: Path, troubles: list[Trouble]) -> dict[str, Any]:
    if not path.exists():
        return {}
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("scripts", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        troubles.append(Trouble("The repository's settings cannot be read", f"{path}: {error}"))
        return {}
    return table if isinstance(table, dict) else {}


def _scripts(table: dict[str, Any], origin: str, troubles: list[Trouble]) -> list[Script]:
    scripts = []
    for kind in (ScriptKind.SETUP, ScriptKind.ARCHIVE):
        if isinstance(text := table.get(kind.value), str) and text.strip():
            scripts.append(Script(kind.value, kind, text, origin=origin))
    runs = table.get("run", {})
    if isinstance(runs, str):
        runs = {"run": {"command": runs}}
    for id_, given in runs.items() if isinstance(runs, dict) else ():
        command = given.get("command") if isinstance(given, dict) else None
        if not isinstance(command, str) or not command.strip():
            troubles.append(Trouble(f"The run script {id_} has no command", origin))
        elif given.get("available_in") != ["cloud"]:
            scripts.append(_run_script(str(id_), command, given, origin))
    return scripts


def _run_script(id_: str, command: str, given: dict[str, Any], origin: str) -> Script:
    args, options = given.get("args", []), given.get("options", {})
    cwd = options.get("cwd", "") if isinstance(options, dict) else ""
    return Script(
        id_,
        ScriptKind.RUN,
        command,
        args=tuple(a for a in args if isinstance(a, str)) if isinstance(args, list) else (),
        cwd=cwd if isinstance(cwd, str) else "",
        origin=origin,
        is_default=given.get("default") is True,
        is_hidden=given.get("hide") is True,
    )
