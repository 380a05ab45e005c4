"""The command line: arguments to settings to the app or a headless command. The only place where all layers meet.

Nothing slow is imported before it is needed; Codex's server is started while the screen is being loaded.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui import __version__

if TYPE_CHECKING:
    import argparse

    from conductor_tui.demo.world import DemoWorld
    from conductor_tui.domain.problems import Trouble
    from conductor_tui.protocol.binary import CodexBinary
    from conductor_tui.protocol.server import ServerFiles, ServerStart
    from conductor_tui.services.interfaces import Agent, Clock, Connector
    from conductor_tui.settings.codex_config import CodexConfig
    from conductor_tui.storage.database import Store
    from conductor_tui.ui.app import ConductorApp
    from conductor_tui.ui.dock_controller import DockDependencies

log = logging.getLogger("conductor_tui")

COMMANDS = ("config", "demo", "doctor", "ls", "stop")

_COMMANDS_HELP = """\
commands:
  demo                        play a story with a scripted model, no account
  ls [--workspaces] [--json]  list workspaces and sessions, what needs you first
  new [PROMPT]                make a workspace, and start a session in it
  archive NAME                remove a workspace; what was in it is kept
  restore NAME                bring an archived workspace back
  config path|list|get|set    show and change settings
  doctor [--live] [--json]    check Codex, the account and this terminal
  stop [--force]              end the Codex server that conductor-tui started
  help [TOPIC]                read the guides in the terminal

`new`, `archive`, `restore` and `config` have a --help of their own.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs conductor-tui; the exit code: 0, 1 for a failure, 2 for wrong use, 3 when something would be lost."""
    from conductor_tui.terminals.inheritance import disinherit

    disinherit(os.environ)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["config"]:
        return _config(given[1:])
    if given[:1] == ["help"]:
        return _help(given[1:])
    if given[:1] in (["new"], ["archive"], ["restore"]):
        from conductor_tui.cli.arguments import parse

        return _headless(parse(given))
    options = _parse(given)
    match options.command:
        case "stop":
            return _stop(force=options.force)
        case "demo":
            return _demo(options)
        case "ls":
            return _headless(options)
        case "doctor":
            return _doctor(options)
        case "config":
            return _config([])
    return _open(options)


def _parse(arguments: list[str]) -> argparse.Namespace:
    import argparse

    parser = argparse.ArgumentParser(
        prog="conductor-tui",
        description="Codex in a full-screen terminal.",
        epilog=_COMMANDS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", nargs="?", default=".", help="a repository, or a folder in one (default: this one)")
    parser.add_argument("--codex", metavar="PATH", help="the Codex binary to use")
    parser.add_argument("--force", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--workspaces", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--live", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"conductor-tui {__version__}")
    options = parser.parse_args(arguments)
    options.command = options.path if options.path in COMMANDS else ""
    if options.force and options.command != "stop":
        parser.error("--force goes with stop")
    if options.json and options.command not in ("doctor", "ls"):
        parser.error("--json goes with doctor and ls")
    if options.workspaces and options.command != "ls":
        parser.error("--workspaces goes with ls")
    if options.live and options.command != "doctor":
        parser.error("--live goes with doctor")
    return options


def _complain(text: str, *steps: str, code: int = 2) -> int:
    print(f"conductor-tui: {text}", file=sys.stderr)
    for step in steps:
        print(f"  {step}", file=sys.stderr)
    return code


def _check_terminal() -> int:
    if sys.stdin.isatty() and sys.stdout.isatty():
        if os.environ.get("TERM", "dumb") != "dumb":
            return 0
        return _complain(
            "this terminal (TERM=dumb) cannot show a full screen", "Set TERM, for example to xterm-256color."
        )
    return _complain(
        "it needs a terminal, but its input or output is not one",
        "Run it in a terminal, not in a pipe; over ssh use `ssh -t host conductor-tui`.",
    )


class _PrivateLog(RotatingFileHandler):
    """A log that only the user can read, also each new file after a rotation."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        file = os.open(self.baseFilename, flags, 0o600)
        os.fchmod(file, 0o600)  # an older version may have made it for all to read
        return os.fdopen(file, "a", encoding=self.encoding, errors=self.errors)


def _start_logging(state_dir: Path) -> None:
    """Logs go to a file that only the user can read, never to the screen."""
    from conductor_tui.settings.paths import LOG_NAME

    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = state_dir / LOG_NAME
        handler: logging.Handler = _PrivateLog(path, maxBytes=1 << 20, backupCount=2, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    logging.captureWarnings(True)


def _open(options: argparse.Namespace) -> int:
    from difflib import get_close_matches

    from conductor_tui.git.discovery import find_root
    from conductor_tui.settings import paths

    folder = Path(options.path).expanduser()
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        if near := get_close_matches(options.path, (*COMMANDS, "new", "archive", "restore", "help"), n=1):
            return _complain(f"{options.path} {what}", f"Did you mean: conductor-tui {near[0]}")
        return _complain(f"{options.path} {what}", "Name a folder: conductor-tui [PATH]")
    if code := _check_terminal():
        return code
    _start_logging(paths.state_dir())
    folder = folder.resolve()
    root = find_root(folder)
    return _run(
        build_app(root or folder, options.codex, paths.codex_home(), paths.state_dir(), has_repository=root is not None)
    )


def _demo(options: argparse.Namespace) -> int:
    from conductor_tui.settings import paths

    if code := _check_terminal():
        return code
    _start_logging(paths.state_dir())
    from conductor_tui.demo.world import DemoWorld
    from conductor_tui.protocol.server import ServerFiles, stop_server

    def end_server(codex_home: Path, state_dir: Path) -> object:
        return stop_server(ServerFiles(codex_home, state_dir), force=True)

    with DemoWorld(paths.state_dir(), end_server) as world:
        return _run(build_demo(world, options.codex))


def _stop(*, force: bool) -> int:
    from conductor_tui.protocol.server import ServerFiles, stop_server
    from conductor_tui.settings import paths

    print(stop_server(ServerFiles(paths.codex_home(), paths.state_dir()), force=force))
    return 0


def _headless(options: argparse.Namespace) -> int:
    """`conductor-tui ls|new|archive|restore`."""
    from conductor_tui.cli.workspaces import run
    from conductor_tui.domain import errors
    from conductor_tui.settings import paths

    _start_logging(paths.state_dir())
    try:
        outcome = run(options, lambda line: print(line, file=sys.stderr, flush=True))
    except (errors.WorkspaceError, errors.RepositoryError, errors.CodexUnavailable) as error:
        trouble = error.trouble
        text = f"{trouble.title}: {trouble.cause}" if trouble.cause else trouble.title
        is_wrong_use = isinstance(error, (errors.WrongUse, errors.StartRefused))
        return _complain(text, *trouble.steps, code=2 if is_wrong_use else 1)
    except errors.AgentError as error:
        return _complain(f"Codex does not answer: {error}", code=1)
    except KeyboardInterrupt:
        return _complain("interrupted; what was begun is taken back", code=130)
    print(outcome.output)
    return outcome.code


def _config(arguments: list[str]) -> int:
    """`conductor-tui config path|list|get|set`; 1 for a name or a value that is not taken, 2 for wrong use."""
    import argparse

    parser = argparse.ArgumentParser(prog="conductor-tui config", description="The settings, without a window.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--codex", metavar="PATH", default="", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="path|list|get|set", required=True)
    commands.add_parser("path", parents=[shared], help="where the settings file is")
    listing = commands.add_parser(
        "list", parents=[shared], help="every setting with its value and where that comes from"
    )
    listing.add_argument("--json", action="store_true", help="for scripts")
    getting = commands.add_parser("get", parents=[shared], help="the value of one setting")
    getting.add_argument("key", metavar="KEY", help="such as ui.theme or keys.view.diff")
    setting = commands.add_parser("set", parents=[shared], help="change one setting in the file")
    setting.add_argument("key", metavar="KEY")
    setting.add_argument("value", metavar="VALUE", nargs="?", help="of keys: one or several, or '' for none")
    setting.add_argument("--default", action="store_true", help="take it out of the file again")
    options = parser.parse_args(arguments)
    if options.command == "set" and options.default != (options.value is None):
        parser.error("set needs a VALUE or --default")

    from conductor_tui.domain.errors import ConductorError
    from conductor_tui.ui import config_command

    try:
        print(config_command.run(options, os.environ))
    except ConductorError as error:
        return _complain(str(error), code=1)
    return 0


def _help(arguments: list[str]) -> int:
    """`conductor-tui help [TOPIC]`; 2 for a topic that does not exist."""
    import argparse

    parser = argparse.ArgumentParser(prog="conductor-tui help", description="Read the guides in the terminal.")
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help="guide to read; without it, the guides are listed")
    topic = parser.parse_args(arguments).topic
    from conductor_tui.settings.schema import nearest
    from conductor_tui.ui import help_command

    topics = help_command.topics()
    if topic is None:
        listed = "\n".join(f"  {name:<12}{about}" for name, about in topics.items())
        print(f"Guides:\n\n{listed}\n\nRead one: conductor-tui help TOPIC. Options: conductor-tui --help.")
        return 0
    if topic not in topics:
        near = nearest(topic, list(topics))
        step = f"Did you mean: conductor-tui help {near}" if near else f"Topics: {', '.join(topics)}"
        return _complain(f"unknown help topic: {topic}", step)
    help_command.show(help_command.text(topic), os.environ)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    import json

    from conductor_tui.cli.doctor.run import examine
    from conductor_tui.domain import checks

    found = examine(options.codex, os.environ, is_live=options.live)
    made = checks.objects(found)
    print(json.dumps(made, ensure_ascii=False, indent=2) if options.json else checks.report(found))
    return 0 if made["is_well"] else 1


def build_demo(world: DemoWorld, codex: str | None) -> ConductorApp:
    """The app in the demo's world; the opening prompt goes out by itself."""
    return build_app(
        world.repository,
        codex,
        world.codex_home,
        world.server_state,
        has_repository=True,
        note="demo, scripted model: no account is used",
        opening_prompt=world.opening_prompt,
        workspaces=world.workspaces,
    )


def build_app(
    root: Path,
    codex: str | None,
    codex_home: Path,
    state_dir: Path,
    *,
    has_repository: bool,
    note: str = "",
    opening_prompt: str = "",
    workspaces: Path | None = None,
) -> ConductorApp:
    """The app with all it needs. `root`: the repository or a plain folder; `workspaces`: where they are made, if not
    where the settings say."""
    gc.disable()  # until the first frame: collecting while everything is imported finds nothing and takes a tenth
    from conductor_tui.protocol.server import ServerFiles
    from conductor_tui.settings import paths
    from conductor_tui.settings.load import load_settings, repository_troubles

    open_store = _open_store(state_dir)
    settings, troubles = load_settings(paths.config_file())
    troubles += repository_troubles(root)
    connect = _connector(codex, settings.codex.executable, ServerFiles(codex_home, state_dir))

    from conductor_tui.ui.terminal import prepare

    prepare(os.environ)
    from conductor_tui.git.discovery import main_folder, no_repository
    from conductor_tui.ui.app import ConductorApp, Surroundings
    from conductor_tui.ui.live_settings import Origins

    if not has_repository:
        troubles.append(no_repository(root))
    return ConductorApp(
        Surroundings(
            root=root,
            state_dir=state_dir,
            settings=settings,
            open_store=open_store,
            connect=connect,
            open_repository=_open_repository if has_repository else None,
            open_scripts=_script_opener(root, str(workspaces or settings.workspaces.folder), state_dir),
            troubles=troubles,
            note=note,
            opening_prompt=opening_prompt,
            origins=Origins(
                codex_option=codex or "", codex_home=codex_home, open_codex_config=lambda: _codex_config(codex_home)
            ),
            main_folder=main_folder(root) if has_repository else None,
        )
    )


def _run(app: ConductorApp) -> int:
    if not sys.stderr.isatty():
        os.dup2(sys.stdout.fileno(), sys.stderr.fileno())  # Textual draws on stderr, which may be redirected
    app.run(mouse=app.has_mouse)
    return app.return_code or 0


def _open_store(state_dir: Path) -> Callable[[], Store]:
    """Opens the store beside all that follows: a new one waits for the disk."""
    from concurrent.futures import ThreadPoolExecutor

    from conductor_tui.storage.database import FILE, Store

    with_disk = ThreadPoolExecutor(1, thread_name_prefix="open store")
    opening = with_disk.submit(Store, state_dir / FILE)
    with_disk.shutdown(wait=False)
    return opening.result


def _script_opener(root: Path, folder: str, state_dir: Path) -> Callable[[Store, Clock], DockDependencies]:
    """Workspaces, and what runs scripts and terminals in them. `folder`: where new workspaces are made."""

    def open_scripts(store: Store, clock: Clock) -> DockDependencies:
        from conductor_tui.cli.composition import open_workspaces
        from conductor_tui.domain.scripts import Place
        from conductor_tui.domain.workspaces import LOCAL, WorkspaceRecord
        from conductor_tui.ui.dock_controller import DockDependencies

        workspaces = open_workspaces(store, Path(folder).expanduser(), state_dir, clock)
        local = WorkspaceRecord(id=LOCAL, repository=root, name=LOCAL, path=root, is_local=True)
        return DockDependencies(
            workspaces.tools.runner, root, Place(LOCAL, str(root)), lambda: workspaces.scripts.read(local), workspaces
        )

    return open_scripts


def _codex_config(codex_home: Path) -> CodexConfig:
    from conductor_tui.settings.codex_config import CodexConfig

    return CodexConfig(codex_home)


async def _open_repository(root: Path):  # type: ignore[no-untyped-def]
    from conductor_tui.git.checkout import open_repository

    return await open_repository(root)


def _connector(explicit: str | None, configured: str, files: ServerFiles) -> Connector:
    """Starts Codex's server beside all that follows, where there are cores for both; the connection comes later.

    On two cores Codex's start takes as much from ours as it gains: measured, a session is open no sooner, and the
    composer a tenth later.
    """
    from conductor_tui.domain.errors import CodexUnavailable

    binary: CodexBinary | None = None
    start: ServerStart | None = None
    trouble: Trouble | None = None
    from conductor_tui.protocol.binary import find_codex

    try:
        binary = find_codex(explicit, configured)
        if (os.cpu_count() or 1) > 2:
            from conductor_tui.protocol.server import ensure_server

            start = ensure_server(binary, files)
    except CodexUnavailable as unavailable:
        trouble = unavailable.trouble
    except OSError as error:
        log.warning("no server for %s: %s", files.codex_home, error)
    first_trouble, first_start = trouble, start

    async def connect() -> Agent:
        nonlocal binary, first_trouble, first_start
        from conductor_tui.protocol.connect import connect as open_connection

        if first_trouble is not None:
            known, first_trouble = first_trouble, None
            raise CodexUnavailable(known)
        if binary is None:
            binary = find_codex(explicit, configured)
        begun, first_start = first_start, None
        agent = await open_connection(binary, files, begun)
        agent.keep_config = lambda: _codex_config(files.codex_home).kept_while_codex_writes()
        return agent

    return connect


if __name__ == "__main__":
    sys.exit(main())
