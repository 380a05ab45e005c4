"""Reads Conductor's own files, so that a repository's set-up is the same here as for those who use Conductor on a Mac.

A key's value is that of the highest layer that has it: managed > local > shared > user > `conductor.json`, which counts
only without a shared file. Unknown keys are Conductor's business. Wrong values and files never stop anything: they are
named with file and key, and with what is done instead. `codex_executable_path` is not read here: a repository may not
choose a binary, and `settings.load.repository_troubles` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import (
    WITHOUT_EFFECT,
    BranchPrefixType,
    EnvironmentFile,
    GitSettings,
    Layer,
    Prompts,
    RepositorySettings,
    RunMode,
    ScriptSettings,
    SettingFile,
    Variables,
)
from conductor_tui.settings.conductor_scripts import read_runs
from conductor_tui.settings.conductor_values import LayerValues, Reader
from conductor_tui.settings.conductor_variables import read_variables
from conductor_tui.settings.load import REPOSITORY_FILE

LOCAL_FILE = Path(".conductor") / "settings.local.toml"
LEGACY_FILE = Path("conductor.json")
USER_FILE = Path(".conductor") / "settings.toml"
MANAGED_FILE = Path(".conductor") / "settings.managed.toml"

_TABLES = ("scripts", "git", "prompts", "environment_variables")


class SettingsSource(Struct, frozen=True):
    """The text of one settings file. `path` may name a blob of git's, as a reader finds it."""

    layer: Layer
    path: Path
    text: bytes


def load_repository_settings(
    root: Path, home: Path, checkout: Path | None = None
) -> tuple[RepositorySettings, list[Trouble]]:
    """What a repository and its user ask for, and what is wrong with it.

    Args:
        root: the repository's own checkout, which has the local file.
        home: the user's home folder.
        checkout: whose checked-in files count, such as a workspace's; None: `root`.
    """
    sources, troubles = find_sources(root, home, checkout)
    settings, more = repository_settings(sources)
    return settings, [*troubles, *more]


def find_sources(root: Path, home: Path, checkout: Path | None = None) -> tuple[list[SettingsSource], list[Trouble]]:
    """The settings files that are there, and those that cannot be read. Arguments as in `load_repository_settings`."""
    checked_in = checkout or root
    sources, troubles = [], []
    for layer, path in (
        (Layer.MANAGED, home / MANAGED_FILE),
        (Layer.LOCAL, root / LOCAL_FILE),
        (Layer.SHARED, checked_in / REPOSITORY_FILE),
        (Layer.USER, home / USER_FILE),
        (Layer.LEGACY, checked_in / LEGACY_FILE),
    ):
        if path == home / USER_FILE and layer is Layer.SHARED:
            continue  # the home folder is itself a repository: the file is the user's
        try:
            if path.is_file():
                sources.append(SettingsSource(layer, path, path.read_bytes()))
        except OSError as error:
            troubles.append(_unreadable(path, str(error.strerror or error)))
    return sources, troubles


def repository_settings(sources: Iterable[SettingsSource]) -> tuple[RepositorySettings, list[Trouble]]:
    """The settings that some files, of at most one per layer, make together, and what is wrong with them."""
    by_layer = {source.layer: source for source in sources}
    if Layer.SHARED in by_layer:
        by_layer.pop(Layer.LEGACY, None)
    troubles: list[Trouble] = []
    layers = [_parse(by_layer[layer], troubles) for layer in Layer if layer in by_layer]
    reader = Reader(layers, troubles)
    git, prompts = GitSettings(), Prompts()
    settings = RepositorySettings(
        scripts=ScriptSettings(
            setup=reader.text("scripts.setup"),
            archive=reader.text("scripts.archive"),
            runs=read_runs(reader),
            run_mode=reader.choice("scripts.run_mode", RunMode) or RunMode.CONCURRENT,
            auto_run_after_setup=reader.flag("scripts.auto_run_after_setup", False),
        ),
        git=GitSettings(
            branch_prefix_type=reader.choice("git.branch_prefix_type", BranchPrefixType),
            branch_prefix=reader.text("git.branch_prefix"),
            **{
                name: reader.flag(f"git.{name}", getattr(git, name))
                for name in ("delete_branch_on_archive", "archive_on_merge", "worktree_push_auto_setup_remote")
            },
        ),
        prompts=Prompts(**{name: reader.text(f"prompts.{name}") for name in prompts.__struct_fields__}),
        file_include_globs=_globs(reader),
        variables=Variables(read_variables(reader)),
        environment_files=_environment_files(reader),
        without_effect=tuple(key for key in WITHOUT_EFFECT if any(layer.get(key) for layer in layers)),
        origins=reader.origins,
    )
    return settings, troubles


def _globs(reader: Reader) -> str | None:
    lines = reader.lines("file_include_globs")
    return None if lines is None else "".join(f"{line}\n" for line in lines)


def _environment_files(reader: Reader) -> tuple[EnvironmentFile, ...]:
    lines = reader.lines("environment_variable_files") or ()
    origin = reader.origins.get("environment_variable_files")
    if origin is None:
        return ()
    return tuple(EnvironmentFile(line.strip(), origin) for line in lines if line.strip())


def _parse(source: SettingsSource, troubles: list[Trouble]) -> LayerValues:
    """The tables of one file; empty when it is broken."""
    origin = SettingFile(source.layer, source.path)
    try:
        text = source.text.decode("utf-8-sig")
        data = _from_json(text) if source.layer is Layer.LEGACY else _from_toml(text)
    except (ValueError, RecursionError) as error:  # tomllib's, json's and the decoder's errors are ValueErrors
        troubles.append(_unreadable(source.path, str(error)))
        return LayerValues(origin, {})
    for name in _TABLES:
        if name in data and not isinstance(data[name], dict):
            steps = ("Fix it. Until then this file sets nothing there.",)
            troubles.append(Trouble(f"{name} must be a table", str(source.path), steps))
            del data[name]
    return LayerValues(origin, data)


def _from_toml(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def _from_json(text: str) -> dict[str, Any]:
    """The keys of `conductor.json` under their names of today."""
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("must be an object: { … }")
    scripts = data.get("scripts", {})
    if isinstance(scripts, dict):
        scripts = {name: scripts[name] for name in ("setup", "run", "archive") if name in scripts}
        if "runScriptMode" in data:
            scripts["run_mode"] = data["runScriptMode"]
    return {"scripts": scripts}


def _unreadable(path: Path, cause: str) -> Trouble:
    steps = ("Fix the file. Until then nothing in it applies.",)
    return Trouble("Could not read a Conductor settings file", f"{path}: {cause}", steps)
