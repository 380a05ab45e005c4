"""From a repository's settings to the scripts that can be run and trusted: one `Script` for each, in the order of life.

Each carries all that decides what it does: its text, the variables that the repository sets, and which environment
files more of them come from; what git tracks of those counts with its values, as a branch can change it.
`Script.content` is what the user trusts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from conductor_tui.domain.repository_settings import EnvironmentFileContent, RepositorySettings, SettingFile
from conductor_tui.domain.scripts import RepositoryScripts, Script, ScriptKind

FOLDER = ".conductor"


def repository_scripts(
    settings: RepositorySettings, contents: Sequence[EnvironmentFileContent] = ()
) -> RepositoryScripts:
    """The scripts that may run on this machine, hidden ones included: setup, run scripts, archive.

    Args:
        contents: what the environment files set, in their order.
    """
    from_files, tracked = _values(contents), _tracked(contents)
    variables = _variables(settings)
    files = tuple(file.path for file in settings.environment_files)

    def made(id: str, kind: ScriptKind, text: str, key: str) -> Script:
        origin = settings.origin(key)
        return Script(
            id,
            kind,
            text,
            variables=variables,
            files=files,
            from_files=from_files,
            tracked=tracked,
            origin=_place(origin) if origin else "",
        )

    found = []
    scripts = settings.scripts
    if scripts.setup.strip():
        found.append(made("setup", ScriptKind.SETUP, scripts.setup, "scripts.setup"))
    for run in scripts.runs:
        if run.is_local:
            script = made(run.id, ScriptKind.RUN, run.command, f"scripts.run.{run.id}")
            found.append(
                msgspec.structs.replace(
                    script, args=run.args, cwd=run.folder, is_default=run.is_default, is_hidden=run.is_hidden
                )
            )
    if scripts.archive.strip():
        found.append(made("archive", ScriptKind.ARCHIVE, scripts.archive, "scripts.archive"))
    return RepositoryScripts(tuple(found), scripts.run_mode, scripts.auto_run_after_setup)


def environment_script(settings: RepositorySettings, contents: Sequence[EnvironmentFileContent] = ()) -> Script | None:
    """What the user trusts before the repository's variables reach sessions and terminals; None: it sets none."""
    variables = _variables(settings)
    files = tuple(file.path for file in settings.environment_files)
    if not (variables or files):
        return None
    names = [name for name, _ in variables]
    origins = dict.fromkeys(_place(o) for n in names if (o := settings.origin(f"environment_variables.{n}")))
    origins |= dict.fromkeys(_place(file.origin) for file in settings.environment_files)
    return Script(
        "",
        ScriptKind.ENVIRONMENT,
        "",
        variables=variables,
        files=files,
        from_files=_values(contents),
        tracked=_tracked(contents),
        origin=", ".join(origins),
    )


def _values(contents: Iterable[EnvironmentFileContent]) -> tuple[tuple[str, str], ...]:
    """What the files set together: the later wins."""
    values = {name: value for content in contents for name, value in content.variables.values.items()}
    return tuple(sorted(values.items()))


def _tracked(contents: Iterable[EnvironmentFileContent]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (content.file.path, name, value)
        for content in contents
        if content.is_tracked
        for name, value in sorted(content.variables.values.items())
    )


def _variables(settings: RepositorySettings) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(settings.variables.values.items()))


def _place(origin: SettingFile) -> str:
    """A file as people call it: within the repository by its path there."""
    if not origin.is_in_repository:
        return str(origin.path)
    return f"{origin.path.parent.name}/{origin.path.name}" if origin.path.parent.name == FOLDER else origin.path.name
