"""A stand-in for `gh`, which machines that run the tests lack: answers in the shape of its JSON and its errors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_PROGRAM = """#!/bin/sh
here=$(dirname "$0")
printf '%s|%s|%s\\n' "$PWD" "$GH_PROMPT_DISABLED$NO_COLOR" "$*" >> "$here/asked"
case "$1 $2 $3" in
    "config get -h") exit 1 ;;
esac
[ -p "$here/gate" ] && cat "$here/gate" > /dev/null
if [ -f "$here/failure" ]; then
    cat "$here/failure" >&2
    exit "$(cat "$here/code")"
fi
case "$1 $2 $3" in
    "pr list "*) answer=list ;;
    "pr view --json") answer=branch-$(git branch --show-current) ;;
    "pr view "*) answer=request-$3 ;;
esac
if [ -f "$here/$answer.json" ]; then
    cat "$here/$answer.json"
else
    echo 'no pull requests found for branch "x"' >&2
    exit 1
fi
"""


class GhStandIn:
    """`folder` is to be put first on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "gh"
        program.write_text(_PROGRAM)
        program.chmod(0o755)

    def lists(self, *requests: dict[str, Any]) -> None:
        """What `gh pr list` prints, and `gh pr view NUMBER`."""
        self._write("list", list(requests))
        for request in requests:
            self._write(f"request-{request['number']}", request)

    def finds(self, branch: str, **fields: Any) -> None:
        """What `gh pr view` prints where a branch is checked out."""
        self._write(f"branch-{branch}", standing(**fields))

    def fails(self, said: str, code: int = 1) -> None:
        """From now on it prints an error."""
        (self.folder / "code").write_text(str(code))
        (self.folder / "failure").write_text(said)

    def works(self) -> None:
        """It answers again."""
        (self.folder / "failure").unlink()

    def waits(self) -> None:
        """From now on it answers only after `goes_on`."""
        os.mkfifo(self.folder / "gate")

    def goes_on(self) -> None:
        """Lets one call that waits answer, and all later ones."""
        with (self.folder / "gate").open("w"):
            (self.folder / "gate").unlink()

    def asked(self, what: str = "") -> list[str]:
        """How it was called: folder, settings, arguments."""
        try:
            lines = (self.folder / "asked").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line for line in lines if what in line and "|config get" not in line]

    def _write(self, name: str, value: Any) -> None:
        (self.folder / f"{name}.json").write_text(json.dumps(value))


def request(number: int, title: str, branch: str, *, fork: str = "", **more: Any) -> dict[str, Any]:
    """An entry of `gh pr list --json …`. `fork`: the owner of the fork that it comes from."""
    owner = fork or "acme"
    return {
        "author": {"id": "MDQ6VXNlcjE=", "is_bot": False, "login": fork or "kim", "name": ""},
        "headRefName": branch,
        "headRepository": {"id": "R_kgDOA", "name": "shop"},
        "headRepositoryOwner": {"id": "O_kgDOA", "login": owner},
        "isCrossRepository": bool(fork),
        "isDraft": False,
        "number": number,
        "title": title,
        "updatedAt": "2025-06-01T10:00:00Z",
        "url": f"https://github.com/acme/shop/pull/{number}",
        **more,
    }


def check(name: str, conclusion: str = "SUCCESS", *, started: str = "2025-06-01T10:00:00Z") -> dict[str, Any]:
    """A check run of a roll-up; without a conclusion it still runs."""
    return {
        "__typename": "CheckRun",
        "completedAt": "2025-06-01T10:05:00Z" if conclusion else "0001-01-01T00:00:00Z",
        "conclusion": conclusion,
        "detailsUrl": "https://github.com/acme/shop/actions/runs/1/job/1",
        "name": name,
        "startedAt": started,
        "status": "COMPLETED" if conclusion else "IN_PROGRESS",
        "workflowName": "CI",
    }


def status(context: str, state: str) -> dict[str, Any]:
    """What another service said of a commit."""
    return {
        "__typename": "StatusContext",
        "context": context,
        "startedAt": "2025-06-01T10:00:00Z",
        "state": state,
        "targetUrl": "https://ci.example.com/1",
    }


def standing(number: int, title: str, checks: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    """What `gh pr view --json …` prints."""
    return {
        "isDraft": False,
        "number": number,
        "state": "OPEN",
        "statusCheckRollup": list(checks),
        "title": title,
        "url": f"https://github.com/acme/shop/pull/{number}",
        **more,
    }
