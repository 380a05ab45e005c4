"""Which Codex binary is used, and whether it can be."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from conductor_tui.domain.controls import version_numbers
from conductor_tui.domain.errors import CodexUnavailable
from conductor_tui.domain.problems import Trouble

MINIMUM_VERSION = (0, 144, 0)

_INSTALL = (
    "Install the bundled Codex: pip install 'conductor-tui[bundled]'",
    "or install Codex so that `codex` is on PATH: npm install -g @openai/codex",
    "or name one: conductor-tui --codex /path/to/codex",
)


@dataclass(frozen=True, slots=True)
class CodexBinary:
    """A Codex program. `source` is `--codex`, `setting`, `bundled` or `PATH`."""

    path: Path
    source: str


def find_codex(explicit: str | None = None, configured: str | None = None) -> CodexBinary:
    """The first of: `--codex`, the setting `codex.executable`, the bundled binary, `codex` on PATH.

    Raises:
        CodexUnavailable: the named binary cannot be used, or none was found.
    """
    if explicit:
        return CodexBinary(_usable(explicit, "--codex"), "--codex")
    if configured:
        return CodexBinary(_usable(configured, "the setting codex.executable"), "setting")
    if bundled := _bundled():
        return CodexBinary(bundled, "bundled")
    if found := shutil.which("codex"):
        return CodexBinary(Path(found), "PATH")
    raise CodexUnavailable(
        Trouble("Codex was not found", "It is neither bundled with conductor-tui nor on PATH.", _INSTALL, is_fatal=True)
    )


def _bundled() -> Path | None:
    """The binary of the package `openai-codex-cli-bin`, found without importing the package."""
    spec = importlib.util.find_spec("codex_cli_bin")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "bin" / "codex"
    return path if os.access(path, os.X_OK) and path.is_file() else None


def _usable(name: str, where: str) -> Path:
    path = Path(name).expanduser()
    if os.sep not in name and (found := shutil.which(name)):
        return Path(found)
    path = path.absolute()
    if path.is_dir():
        problem = f"{path} is a folder"
    elif not path.exists():
        problem = f"{path} does not exist"
    elif not os.access(path, os.X_OK):
        problem = f"{path} is not executable"
    else:
        return path
    steps = (f"Correct {where}, or leave it out to use the bundled Codex or the one on PATH.", *_INSTALL[:2])
    raise CodexUnavailable(Trouble("Codex cannot be started", f"{problem} (from {where}).", steps, is_fatal=True))


def check_version(version: str, binary: str) -> None:
    """Raises CodexUnavailable for a Codex that is too old. An unknown version passes: new schemes may come."""
    numbers = version_numbers(version)
    if numbers is not None and numbers < MINIMUM_VERSION:
        wanted = ".".join(map(str, MINIMUM_VERSION))
        raise CodexUnavailable(
            Trouble(
                f"This Codex is too old: {version}",
                f"{binary}: conductor-tui needs Codex {wanted} or later.",
                ("Update Codex (npm install -g @openai/codex, or pip install -U openai-codex-cli-bin).", *_INSTALL[2:]),
                is_fatal=True,
            )
        )
