"""What a repository's scripts are, before anything runs: their text, where they come from, what identifies them."""

from __future__ import annotations

import hashlib
import shlex
from enum import StrEnum

import msgspec
from msgspec import Struct

from conductor_tui.domain.repository_settings import RunMode


class ScriptKind(StrEnum):
    """When a script runs."""

    SETUP = "setup"
    RUN = "run"
    ARCHIVE = "archive"
    TERMINAL = "terminal"
    """No script: the user's own shell, or the text for it that is ours; needs no trust."""
    ENVIRONMENT = "environment"
    """No script: the variables that the repository sets for sessions and terminals; never run, but trusted."""


class Script(Struct, frozen=True):
    """One script of a repository, as its settings file has it."""

    id: str
    """The name under which the repository lists it, such as `dev`; `setup` for the set-up script."""
    kind: ScriptKind
    text: str
    args: tuple[str, ...] = ()
    cwd: str = ""
    """Where it runs, relative to the workspace; empty: its top folder."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables that the repository sets for it: names and values."""
    files: tuple[str, ...] = ()
    """Environment files that the repository has read for it, as written."""
    from_files: tuple[tuple[str, str], ...] = ()
    """What they set now, names and values. `variables` come over it."""
    tracked: tuple[tuple[str, str, str], ...] = ()
    """What those set that git tracks: file, name and value. Trust depends on it; what the others set is the user's."""
    origin: str = ""
    """The file that it was read from."""
    is_default: bool = False
    is_hidden: bool = False

    @property
    def name(self) -> str:
        """What identifies the script within its repository: `setup`, `run dev`."""
        return self.kind.value if self.id in ("", self.kind.value) else f"{self.kind.value} {self.id}"

    @property
    def title(self) -> str:
        """The script's name where its kind is plain."""
        return self.id or self.kind.value

    @property
    def command(self) -> str:
        """What the shell is given: the text with the arguments, quoted, behind it."""
        text = self.text.rstrip()
        return f"{text} {shlex.join(self.args)}" if self.args else text

    @property
    def content(self) -> ScriptContent:
        """What the user trusts."""
        variables = tuple((name, _fingerprint(value)) for name, value in self.variables)
        tracked = tuple((file, name, _fingerprint(value)) for file, name, value in self.tracked)
        return ScriptContent(self.kind, self.text, self.args, self.cwd, variables, self.files, tracked)


class ScriptContent(Struct, frozen=True):
    """All of a script that decides what it does; where it was read from does not."""

    kind: ScriptKind
    text: str
    args: tuple[str, ...] = ()
    cwd: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    """Names, and fingerprints of the values, which may be secrets."""
    files: tuple[str, ...] = ()
    """Environment files, as written."""
    tracked: tuple[tuple[str, str, str], ...] = ()
    """What those set that git tracks: file, name and the value's fingerprint."""

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal; other content has another digest."""
        return hashlib.sha256(self.encoded.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def encoded(self) -> str:
        """As JSON, for the store, lone surrogates escaped. What was trusted before `tracked` came keeps its digest."""
        fields = msgspec.structs.asdict(_escaped(self))
        if not self.tracked:
            del fields["tracked"]
        return msgspec.json.encode(fields).decode()

    @property
    def lines(self) -> tuple[str, ...]:
        """For people, and for comparing two versions: folder, arguments and variables, then the text."""
        about = [f"folder: {self.cwd}"] if self.cwd else []
        about += [f"arguments: {shlex.join(self.args)}"] if self.args else []
        about += [f"variable: {name} ({mark})" for name, mark in self.variables]
        for file in self.files:
            about.append(f"variables from: {file}")
            about += [f"  {name} ({mark})" for source, name, mark in self.tracked if source == file]
        return (*about, *self.text.rstrip("\n").split("\n"))


def _fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def decoded_content(encoded: str) -> ScriptContent | None:
    """What `ScriptContent.encoded` made; None for what it did not make."""
    try:
        return msgspec.json.decode(encoded, type=ScriptContent)
    except msgspec.MsgspecError:
        return None


def _escaped(content: ScriptContent) -> ScriptContent:
    """Without lone surrogates, which JSON's bytes cannot hold: each becomes its escape."""

    def safe(text: str) -> str:
        return text.encode("utf-8", "backslashreplace").decode()

    return ScriptContent(
        content.kind,
        safe(content.text),
        tuple(safe(a) for a in content.args),
        safe(content.cwd),
        tuple((safe(n), safe(v)) for n, v in content.variables),
        tuple(safe(f) for f in content.files),
        tuple((safe(f), safe(n), safe(v)) for f, n, v in content.tracked),
    )


class RepositoryScripts(Struct, frozen=True):
    """A repository's scripts and the rules for running them."""

    scripts: tuple[Script, ...] = ()
    run_mode: RunMode = RunMode.CONCURRENT
    is_run_after_setup: bool = False
    """Start the run script when the set-up of a new workspace succeeded (Conductor's `auto_run_after_setup`)."""

    def of(self, kind: ScriptKind) -> tuple[Script, ...]:
        """The scripts of a kind, in the file's order."""
        return tuple(s for s in self.scripts if s.kind is kind)

    @property
    def setup(self) -> Script | None:
        """The set-up script; None when there is none."""
        return next(iter(self.of(ScriptKind.SETUP)), None)

    @property
    def default_run(self) -> Script | None:
        """The run script that a key without a choice means: the one marked default, else the first shown."""
        shown = [s for s in self.of(ScriptKind.RUN) if not s.is_hidden]
        return next((s for s in shown if s.is_default), shown[0] if shown else None)


class Place(Struct, frozen=True):
    """Where scripts run: one workspace's folder and environment."""

    id: str
    """Identifies the workspace."""
    folder: str
    environment: tuple[tuple[str, str], ...] = ()
    """Variables beside the app's own, such as CONDUCTOR_PORT."""


class Ending(Struct, frozen=True):
    """How a process ended."""

    code: int
    """Exit code, or minus the signal's number."""

    @property
    def is_success(self) -> bool:
        return self.code == 0

    @property
    def text(self) -> str:
        """`exit 1`, or the signal's name."""
        if self.code >= 0:
            return f"exit {self.code}"
        import signal

        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"


class LeftOver(Struct, frozen=True):
    """A process that a script started and that outlived it."""

    pid: int
    command: str


class Patience(Struct, frozen=True):
    """How a process is ended: SIGHUP, then SIGTERM, then SIGKILL; seconds between them."""

    before_term: float = 0.2
    before_kill: float = 5.0
