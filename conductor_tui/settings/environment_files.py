"""Reads environment files (`.env`), as `environment_variable_files` names them.

Lines are `NAME=value`, with or without `export`. A bare value ends at ` #`; in '…' or `…` it is taken as it stands, in
"…" the escapes \\n, \\r, \\t, \\", \\$ and \\\\ are read; quoted values may span lines. Nothing is expanded and nothing
is run: `$HOME` stays `$HOME`. A parser of our own, for those on PyPI expand by default and only log what they do not
understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import EnvironmentFile, EnvironmentFileContent, Variables
from conductor_tui.domain.sizes import size_text

FILE_LIMIT = 1 << 20
"""Bytes of an environment file."""

_SPACE = r"[^\S\n]"
_BLANK = re.compile(rf"{_SPACE}*(?:#[^\n]*)?(?:\n|\Z)")
_NAME = re.compile(rf"{_SPACE}*(?:export{_SPACE}+)?([A-Za-z_][A-Za-z0-9_]*){_SPACE}*=")
_QUOTED = re.compile(rf"{_SPACE}*(?:'([^']*)'|`([^`]*)`|\"((?:[^\"\\]|\\.)*)\")", re.DOTALL)
_BARE = re.compile(rf"(?:(?!{_SPACE}#)[^\n])*")
_ESCAPE = re.compile(r"\\([nrt\"$\\])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_environment_files(
    files: Iterable[EnvironmentFile], workspace: Path, root: Path, is_tracked: Callable[[Path, Path], bool]
) -> tuple[list[EnvironmentFileContent], list[Trouble]]:
    """What each file sets, in their order, and what is wrong with them.

    `is_tracked`: whether git tracks a file in a checkout, as `git.tracked` says.

    A relative path is sought in the workspace, then in the repository's own checkout. A path that the
    repository's files name may not lead out of these: whoever can push could have the user's other secrets handed out.
    """
    found, troubles = list[EnvironmentFileContent](), []
    for file in files:
        path = _place(file, workspace, root)
        if path is None:
            steps = (
                f"Named in {file.origin.path}. Only ~/.conductor/settings.toml can name a file outside the repository.",
            )
            troubles.append(Trouble("An environment file outside the repository is not read", file.path, steps))
            continue
        try:
            if not path.is_file():
                raise ValueError("not found" if not path.exists() else "not a file")
            with path.open("rb") as opened:
                data = opened.read(FILE_LIMIT + 1)
            if len(data) > FILE_LIMIT:
                raise ValueError(f"larger than {size_text(FILE_LIMIT)}")
            values, wrong = parse_environment(data.decode("utf-8-sig"))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            why = "not UTF-8" if isinstance(error, UnicodeDecodeError) else why
            steps = (f"Named in {file.origin.path}. None of its variables are set.",)
            troubles.append(Trouble("Could not read an environment file", f"{path}: {why}", steps))
            continue
        is_of_git = any(is_tracked(folder, path) for folder in dict.fromkeys((workspace, root)))
        found.append(EnvironmentFileContent(file, Variables(values), is_of_git))
        if wrong:
            lines = ", ".join(map(str, wrong[:10]))
            steps = ("Write NAME=value. Until then these lines are ignored.",)
            troubles.append(Trouble("An environment file has invalid lines", f"{path}: {lines}", steps))
    return found, troubles


def parse_environment(text: str) -> tuple[dict[str, str], list[int]]:
    """Names and values, the later of two wins, and the numbers of lines that are neither."""
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    wrong: list[int] = []
    at, line, counted = 0, 1, 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        name, value, end = _assignment(text, at)
        if value is None:
            line, counted = line + text.count("\n", counted, at), at
            wrong.append(line)
        else:
            values[name] = value
        at = end
    return values, wrong


def _assignment(text: str, at: int) -> tuple[str, str | None, int]:
    """Name, value and where the next line begins; no value when the line is wrong."""
    next_line = text.find("\n", at) + 1 or len(text)
    start = _NAME.match(text, at)
    if start is None:
        return "", None, next_line
    if quoted := _QUOTED.match(text, start.end()):
        single, back, double = quoted.groups()
        value = next(part for part in (single, back, _unescaped(double)) if part is not None)
        rest = _BLANK.match(text, quoted.end())
        end = rest.end() if rest else next_line
    else:
        bare = _BARE.match(text, start.end())
        value = bare.group().strip() if bare else ""
        rest, end = (None, next_line) if value[:1] in ("'", '"', "`") and value else (bare, next_line)
    return start.group(1), None if rest is None or "\0" in value else value, end


def _unescaped(text: str | None) -> str | None:
    return None if text is None else _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)


def _place(file: EnvironmentFile, workspace: Path, root: Path) -> Path | None:
    """Where a file is, or would be; None when it may not be there."""
    written = Path(file.path).expanduser() if not file.origin.is_in_repository else Path(file.path)
    candidates = [folder / written for folder in (workspace, root)]
    path = next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
    if not file.origin.is_in_repository:
        return path
    real = path.resolve()
    return path if any(real.is_relative_to(folder.resolve()) for folder in (workspace, root)) else None
