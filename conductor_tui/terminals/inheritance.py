"""What this program got from its parent and must not hand on: git's hints at a repository, and ignored signals.

Everything started from here (the Codex server, scripts, terminals, git, gh) works in a repository of its own choice and
ends as programs do in a shell. Done once, at the start, so that nobody who starts a program has to remember it.
"""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import MutableMapping

_OF_A_REPOSITORY = (
    r"GIT_(?:ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|DIR|GRAFT_FILE|IMPLICIT_WORK_TREE|INDEX_FILE|INDEX_VERSION"
    r"|INTERNAL_SUPER_PREFIX|NAMESPACE|NO_REPLACE_OBJECTS|OBJECT_DIRECTORY|PREFIX|PUSH_OPTION_\w+|QUARANTINE_PATH"
    r"|REFLOG_ACTION|REPLACE_REF_BASE|SHALLOW_FILE|WORK_TREE|(?:ICASE|GLOB|NOGLOB|LITERAL)_PATHSPECS"
    r"|CONFIG|CONFIG_COUNT|CONFIG_PARAMETERS|CONFIG_(?:KEY|VALUE)_\d+)"
)
"""`git rev-parse --local-env-vars`, and what else git sets for aliases, hooks and `rebase --exec`."""
_KEPT = frozenset({signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTTIN, signal.SIGTTOU})
"""Python ignores the first two itself and resets them in children; a handler for the others would loop in system calls
that the terminal refuses to a background process."""


def disinherit(environ: MutableMapping[str, str]) -> None:
    """Drops what git said about a repository, and has children start with the signals of a fresh shell."""
    for name in [name for name in environ if name.startswith("GIT_") and re.fullmatch(_OF_A_REPOSITORY, name)]:
        del environ[name]
    for number in signal.valid_signals() - _KEPT:
        if signal.getsignal(number) is signal.SIG_IGN:
            with contextlib.suppress(OSError, ValueError):  # the system's own; not the main thread
                signal.signal(number, _stay)


def _stay(number: int, frame: object) -> None:
    """Still ignores the signal here; a handler, unlike SIG_IGN, ends at exec."""
