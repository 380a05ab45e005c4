"""The arguments of the commands for workspaces."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

COMMANDS = ("new", "archive", "restore")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the arguments; wrong ones end the program with code 2, as argparse does."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--codex", metavar="PATH", help="the Codex binary to use")
    shared.add_argument("--json", action="store_true", help="for scripts")
    parser = argparse.ArgumentParser(prog="conductor-tui", description="Workspaces, without a window.")
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new", parents=[shared], help="make a workspace, and start a session in it")
    new.add_argument("prompt", nargs="?", default="", help="what Codex is to do, - reads it from standard input")
    new.add_argument(
        "--repo", metavar="PATH", default=".", help="the repository, or a folder in it (default: this one)"
    )
    new.add_argument("--from", dest="start", metavar="BRANCH|COMMIT", default="", help="where the new branch begins")
    new.add_argument("--branch", metavar="NAME", default="", help="the branch: a new one, or one that exists")
    new.add_argument("--pr", type=int, metavar="N", help="begin at a pull request (asks GitHub with gh)")
    new.add_argument("--name", metavar="CITY", default="", help="the workspace's name (default: a free city)")
    new.add_argument("--model", metavar="MODEL", default="", help="of the session")
    new.add_argument("--plan", action="store_true", help="begin in Plan Mode")
    archive = commands.add_parser("archive", parents=[shared], help="remove a workspace; what was in it is kept")
    archive.add_argument("name", metavar="NAME", help="its name, REPOSITORY/NAME, branch, id or path")
    archive.add_argument("--yes", action="store_true", help="even if something would be lost, as listed")
    branch = archive.add_mutually_exclusive_group()
    branch.add_argument("--delete-branch", action="store_true", default=None, help="the branch, too, if we made it")
    branch.add_argument("--keep-branch", dest="delete_branch", action="store_false", help="whatever the settings say")
    restore = commands.add_parser("restore", parents=[shared], help="bring an archived workspace back")
    restore.add_argument("name", metavar="NAME", help="its name, REPOSITORY/NAME, branch or id")
    options = parser.parse_args(list(arguments))
    if options.command == "new" and options.prompt == "-":
        options.prompt = sys.stdin.read()
        if not options.prompt.strip():
            new.error("- takes the prompt from standard input, which is empty")
    if options.command == "new" and (options.model or options.plan) and not options.prompt.strip():
        new.error("--model and --plan go with a prompt")
    if options.command == "new" and options.pr is not None and options.pr < 1:
        new.error("--pr takes the number of a pull request")
    if options.command == "new" and options.pr and (options.branch or options.start):
        new.error("--pr says where the workspace begins: without --from and --branch")
    return options
