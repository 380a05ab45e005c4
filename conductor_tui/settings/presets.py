"""Presets: sets of controls under a name, as Codex's own profile files `$CODEX_HOME/NAME.config.toml`.

`codex -p NAME` reads them as they are; the app-server refuses profiles, so their values are applied to a session.
What Codex has no key for is in comments of ours. Everything else in files that the user wrote stays.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from conductor_tui.domain.controls import SANDBOX_MODES, SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.domain.errors import ConductorError
from conductor_tui.fileio.atomic import read_or_none, replace_file

SUFFIX = ".config.toml"
NAME_LIMIT = 64
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_OURS = re.compile(r"^#\s*conductor-tui:\s*(\w+)\s*=\s*(.+?)\s*$", re.MULTILINE)
_MODE_OF = {kind: mode for mode, kind in SANDBOX_MODES.items()}
_POLICIES = ("untrusted", "on-request", "on-failure", "never")
_TEXTS = ("model", "model_reasoning_effort", "service_tier", "approval_policy", "sandbox_mode", "default_permissions")
_SANDBOX = "sandbox_workspace_write"


class PresetError(ConductorError):
    """A preset cannot be kept, in words for the user."""


class Preset(Struct, frozen=True):
    """One file. `problem` says why it cannot be used; then `values` are empty."""

    name: str
    path: Path
    values: SettingsUpdate = SettingsUpdate()
    further: tuple[str, ...] = ()
    """Keys in the file that only `codex -p` uses."""
    problem: str = ""


def name_problem(name: str) -> str:
    """Why a preset cannot have that name; empty when it can."""
    if not name:
        return "Enter a name"
    if len(name) > NAME_LIMIT:
        return f"Use at most {NAME_LIMIT} characters"
    if name == "config":
        return "config.toml is Codex's own file. Choose another name"
    if not _NAME.fullmatch(name):
        return "Use letters, digits, - and _ only, and do not start with -"
    return ""


def read_presets(home: Path) -> list[Preset]:
    """All presets of a CODEX_HOME by name, broken ones included; none where there is no such folder."""
    try:
        paths = sorted(p for p in home.iterdir() if p.name.endswith(SUFFIX) and p.name != SUFFIX)
    except OSError:
        return []
    return [_read(path) for path in paths]


def _read(path: Path) -> Preset:
    import tomllib

    name = path.name.removesuffix(SUFFIX)
    if problem := name_problem(name):
        return Preset(name, path, problem=f"{path.name}: rename the file. {problem}")
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at (?:line (\d+).*|end of document)\)", str(error))
        line = (at[1] if at else None) or str(text.count("\n") + 1)
        return Preset(name, path, problem=f"{path.name}:{line}: {str(error).partition(' (at ')[0]}")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        return Preset(name, path, problem=f"{path.name}: {reason}")
    problem, key = _type_problem(data)
    if problem:
        return Preset(name, path, problem=f"{path.name}:{_line_of(key, text)}: {problem}")
    further = tuple(k for k in data if k not in (*_TEXTS, _SANDBOX))
    return Preset(name, path, _values(data, dict(_OURS.findall(text))), further)


def _type_problem(data: dict[str, Any]) -> tuple[str, str]:
    """What is wrong with a value that we read, and its key."""
    for key in _TEXTS:
        value = data.get(key)
        if value is not None and not isinstance(value, str) and key != "approval_policy":
            return f"{key} must be text", key
    if (mode := data.get("sandbox_mode")) is not None and mode not in SANDBOX_MODES:
        return f"sandbox_mode must be one of {', '.join(SANDBOX_MODES)}", "sandbox_mode"
    policy = data.get("approval_policy")
    if isinstance(policy, str) and policy not in _POLICIES:
        return f"approval_policy must be one of {', '.join(_POLICIES)}", "approval_policy"
    if not isinstance(data.get(_SANDBOX, {}), dict):
        return f"{_SANDBOX} must be a table", _SANDBOX
    return "", ""


def _line_of(key: str, text: str) -> int:
    lines = text.split("\n")
    return next((n for n, line in enumerate(lines, 1) if re.match(rf"\s*\[?{key}\b", line)), 1)


def _values(data: dict[str, Any], ours: dict[str, str]) -> SettingsUpdate:
    profile = data.get("default_permissions")
    mode = data.get("sandbox_mode")
    policy = data.get("approval_policy") if isinstance(data.get("approval_policy"), str) else None
    said = ours.get("approval_policy", "").strip('"')
    plan = {"true": True, "false": False}.get(ours.get("plan_mode", ""))
    return SettingsUpdate(
        model=data.get("model"),
        effort=data.get("model_reasoning_effort"),
        is_plan_mode=plan,
        service_tier=data.get("service_tier"),
        approval_policy="on-request" if policy == "on-failure" else policy or (said if said in _POLICIES else None),
        sandbox=_sandbox(SANDBOX_MODES[mode], data.get(_SANDBOX, {})) if mode and not profile else None,
        permission_profile=profile,
    )


def _sandbox(kind: SandboxKind, table: dict[str, Any]) -> SandboxPolicy:
    if kind is not SandboxKind.WORKSPACE_WRITE:
        return SandboxPolicy(kind)
    roots = table.get("writable_roots")
    return SandboxPolicy(
        kind,
        network_access=table.get("network_access") is True,
        writable_roots=tuple(r for r in roots if isinstance(r, str)) if isinstance(roots, list) else (),
        exclude_tmpdir=table.get("exclude_tmpdir_env_var") is True,
        exclude_slash_tmp=table.get("exclude_slash_tmp") is True,
    )


def save_preset(home: Path, name: str, values: SettingsUpdate) -> Path:
    """Writes a preset; of a file that is there already, all that is not ours stays.

    Raises:
        PresetError: the name does not do, or the file cannot be written.
    """
    from conductor_tui.settings.toml_read import TomlError
    from conductor_tui.settings.toml_text import NotEditable

    if problem := name_problem(name):
        raise PresetError(problem)
    path = home / f"{name}{SUFFIX}"
    try:
        target = Path(os.path.realpath(path))
        before = read_or_none(target)
        made = _fresh(values) if before is None else _changed(before.decode("utf-8"), values)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not replace_file(target, before, made.encode()):
            raise PresetError(f"{path.name} changed meanwhile. Check it and try again")
    except (OSError, ValueError, TomlError, NotEditable) as error:
        raise PresetError(f"{path.name} cannot be written: {_words(error)}") from error
    return path


def _fresh(values: SettingsUpdate) -> str:
    import tomli_w

    said = {key: value for key, value in _keys(values).items() if value is not None}
    return "\n".join(_comments(values)) + "\n" + tomli_w.dumps(said)


def _changed(text: str, values: SettingsUpdate) -> str:
    from conductor_tui.settings.toml_read import parsed
    from conductor_tui.settings.toml_text import changed

    before, made = parsed(text), text
    for key, value in _keys(values).items():
        if value is None and isinstance(before.get(key), dict):
            continue  # the user's own table, which says nothing here
        if isinstance(value, dict) and isinstance(before.get(key), dict):
            for name, inner in value.items():
                made = changed(made, (key, name), inner)
        elif value is not None or key in before:
            made = changed(made, (key,), value)
    wanted = "\n".join(_comments(values))
    if _OURS.findall(made) == _OURS.findall(wanted):
        return made
    rest = _OURS.sub("\0", made).replace("\0\n", "").replace("\0", "")
    return f"{wanted}\n{rest}"


def _keys(values: SettingsUpdate) -> dict[str, Any]:
    """Codex's keys; None for those that the file must not have."""
    sandbox = values.sandbox if not values.permission_profile else None
    mode = _MODE_OF.get(sandbox.kind) if sandbox else None
    table = None
    if sandbox and sandbox.kind is SandboxKind.WORKSPACE_WRITE:
        table = {
            "network_access": sandbox.network_access,
            "writable_roots": list(sandbox.writable_roots),
            "exclude_tmpdir_env_var": sandbox.exclude_tmpdir,
            "exclude_slash_tmp": sandbox.exclude_slash_tmp,
        }
    return {
        "model": values.model,
        "model_reasoning_effort": values.effort,
        "service_tier": values.service_tier,
        "approval_policy": values.approval_policy if values.approval_policy in ("on-request", "never") else None,
        "default_permissions": values.permission_profile,
        "sandbox_mode": mode,
        _SANDBOX: table,
    }


def _comments(values: SettingsUpdate) -> list[str]:
    """What Codex has no key for: Plan Mode, and the policy `untrusted`, which its newer versions refuse to read."""
    lines = [f"# conductor-tui: plan_mode = {'true' if values.is_plan_mode else 'false'}"]
    if values.approval_policy == "untrusted":
        lines.append('# conductor-tui: approval_policy = "untrusted"')
    return lines


def rename_preset(preset: Preset, name: str) -> None:
    """Renames the file.

    Raises:
        PresetError: the name does not do or is taken, or the file cannot be renamed.
    """
    if problem := name_problem(name):
        raise PresetError(problem)
    target = preset.path.with_name(f"{name}{SUFFIX}")
    if os.path.lexists(target):
        raise PresetError(f"preset {name} already exists")
    try:
        preset.path.rename(target)
    except OSError as error:
        raise PresetError(f"{preset.path.name} cannot be renamed: {_words(error)}") from error


def delete_preset(preset: Preset) -> None:
    """Removes the file; one that is gone already is fine.

    Raises:
        PresetError: it cannot be removed.
    """
    try:
        preset.path.unlink(missing_ok=True)
    except OSError as error:
        raise PresetError(f"{preset.path.name} cannot be removed: {_words(error)}") from error


def _words(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
