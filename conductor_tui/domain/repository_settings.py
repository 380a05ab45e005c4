"""What a repository's own settings ask for: Conductor's keys, typed, each with the file it comes from.

`settings.conductor` reads them. Keys: conductor.build/schemas/settings.repo.schema.json.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field

WITHOUT_EFFECT = (
    "prompts.general", "prompts.code_review", "prompts.create_pr", "prompts.fix_errors",
    "prompts.resolve_merge_conflicts", "prompts.rename_branch", "git.archive_on_merge",
    "git.worktree_push_auto_setup_remote", "spotlight_testing", "codex_provider",
)  # fmt: skip
"""Keys of Conductor's that a repository may set and that nothing here follows yet; docs/settings.md names them, too."""


class Layer(StrEnum):
    """Where a value may come from, the highest first."""

    MANAGED = "managed"
    """`~/.conductor/settings.managed.toml`: the organization's."""
    LOCAL = "local"
    """`.conductor/settings.local.toml`: the user's own for this repository."""
    SHARED = "shared"
    """`.conductor/settings.toml`, checked in."""
    USER = "user"
    """`~/.conductor/settings.toml`: the user's own for all repositories."""
    LEGACY = "legacy"
    """`conductor.json`, checked in; ignored once there is a shared file."""


class SettingFile(Struct, frozen=True):
    """The file that gave a value."""

    layer: Layer
    path: Path

    @property
    def is_in_repository(self) -> bool:
        """Whether others can have written it: a local file, too, can be checked in by whoever can push."""
        return self.layer in (Layer.LOCAL, Layer.SHARED, Layer.LEGACY)


class RunMode(StrEnum):
    """Whether run scripts of several workspaces may run at once."""

    CONCURRENT = "concurrent"
    NONCONCURRENT = "nonconcurrent"
    """Starting one stops any other."""


class BranchPrefixType(StrEnum):
    """What comes before the name of a new branch."""

    GITHUB_USERNAME = "github_username"
    CUSTOM = "custom"
    """`git.branch_prefix`."""
    NONE = "none"


class RunScript(Struct, frozen=True):
    """One entry of `[scripts.run.<id>]`, or the legacy `scripts.run`, which has the id `run`."""

    id: str
    command: str
    """Shell text."""
    args: tuple[str, ...] = ()
    folder: str = ""
    """`options.cwd`: where it runs, relative to the workspace; empty: the workspace."""
    is_default: bool = False
    icon: str = "play"
    is_hidden: bool = False
    available_in: tuple[str, ...] = ()
    """`local`, `cloud`; empty: everywhere."""

    @property
    def is_local(self) -> bool:
        """Whether it may run on this machine, not only in Conductor's cloud."""
        return not self.available_in or "local" in self.available_in

    @property
    def is_offered(self) -> bool:
        """Whether it stands in the list of run scripts."""
        return self.is_local and not self.is_hidden

    @property
    def shell_text(self) -> str:
        """The command with its arguments, each quoted: what the shell is given."""
        return " ".join((self.command, *map(shlex.quote, self.args)))


class ScriptSettings(Struct, frozen=True):
    """Table `[scripts]`. Empty text: no such script."""

    setup: str = ""
    archive: str = ""
    runs: tuple[RunScript, ...] = ()
    run_mode: RunMode = RunMode.CONCURRENT
    auto_run_after_setup: bool = False

    @property
    def default_run(self) -> RunScript | None:
        """The run script that one key starts: the default, else the only one that is offered."""
        offered = [run for run in self.runs if run.is_offered]
        chosen = [run for run in offered if run.is_default] or offered
        return chosen[0] if len(chosen) == 1 else None


class GitSettings(Struct, frozen=True):
    """Table `[git]`."""

    branch_prefix_type: BranchPrefixType | None = None
    """None: not said; `domain.branch_names.branch_prefix` decides."""
    branch_prefix: str = ""
    delete_branch_on_archive: bool = False
    archive_on_merge: bool = False
    worktree_push_auto_setup_remote: bool = True
    """The first push sets the upstream; Conductor does so unless told otherwise."""


class Prompts(Struct, frozen=True):
    """Table `[prompts]`. Empty text: nothing of the repository's own."""

    general: str = ""
    """Appended to every session."""
    code_review: str = ""
    create_pr: str = ""
    fix_errors: str = ""
    resolve_merge_conflicts: str = ""
    rename_branch: str = ""


class Variables(Struct, frozen=True):
    """Environment variables. Their values may be secrets: neither its text form nor a log shows them."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Variables({', '.join(sorted(self.values))})"


class EnvironmentFile(Struct, frozen=True):
    """One of `environment_variable_files`: a path as written, and who wrote it."""

    path: str
    origin: SettingFile


class EnvironmentFileContent(Struct, frozen=True):
    """What an environment file sets now."""

    file: EnvironmentFile
    variables: Variables
    is_tracked: bool = False
    """Whether git tracks it, so that whoever can push can change it; else it is the user's own."""


class RepositorySettings(Struct, frozen=True):
    """Everything together. Scripts run and variables are set only once trusted: `domain.repository_scripts`."""

    scripts: ScriptSettings = field(default_factory=ScriptSettings)
    git: GitSettings = field(default_factory=GitSettings)
    prompts: Prompts = field(default_factory=Prompts)
    file_include_globs: str | None = None
    """Lines in the syntax of .gitignore; None: not said."""
    variables: Variables = field(default_factory=Variables)
    """`[environment_variables]` with `[environment_variables.local]`; what is for the cloud is left out."""
    environment_files: tuple[EnvironmentFile, ...] = ()
    without_effect: tuple[str, ...] = ()
    """Dotted keys that are set, and that nothing here follows yet."""
    origins: Mapping[str, SettingFile] = field(default_factory=dict)
    """Dotted key, as `scripts.setup`, `scripts.run.dev` or `environment_variables.API_URL`, to the file it is from."""

    def origin(self, key: str) -> SettingFile | None:
        """The file that a key's value is from; None: the default."""
        return self.origins.get(key)
