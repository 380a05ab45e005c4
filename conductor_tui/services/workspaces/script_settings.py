"""What runs in a workspace and with which variables: the repository's own settings, as far as the user trusts them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_scripts import environment_script, repository_scripts
from conductor_tui.domain.repository_settings import RepositorySettings, Variables
from conductor_tui.domain.scripts import Place, RepositoryScripts, Script
from conductor_tui.domain.workspace_environment import WorkspacePlace, workspace_environment
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.services.scripts.runner import ScriptRun, folder_of
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.records import WorkspaceRecords


class WorkspaceScripts:
    """Settings, scripts and variables of workspaces."""

    def __init__(self, records: WorkspaceRecords, tools: WorkspaceTools) -> None:
        self._records = records
        self._tools = tools

    def settings(self, record: WorkspaceRecord) -> tuple[RepositorySettings, list[Trouble]]:
        """What the repository's own files ask for in this workspace. Blocking."""
        return self._tools.read_settings(record.repository, record.path)

    def read(self, record: WorkspaceRecord) -> tuple[RepositoryScripts, list[Trouble]]:
        """The scripts of this workspace, with all that they run with. Blocking."""
        settings, troubles = self.settings(record)
        contents, more = self._tools.read_environment_files(settings.environment_files, record.path, record.repository)
        return repository_scripts(settings, contents), [*troubles, *more]

    def _variables(self, record: WorkspaceRecord) -> tuple[Script | None, list[Trouble], list[Trouble]]:
        """What the user trusts before sessions and terminals get the repository's variables; None: it sets none.

        Beside it what is wrong with the settings, and with the environment files. Blocking.
        """
        settings, troubles = self.settings(record)
        contents, more = self._tools.read_environment_files(settings.environment_files, record.path, record.repository)
        return environment_script(settings, contents), troubles, more

    async def set_up(self, record: WorkspaceRecord) -> ScriptRun | None:
        """Runs the setup script, then the run script where the repository wants that; None: none, or not trusted."""
        scripts, _ = await asyncio.to_thread(self.read, record)
        return await self._tools.runner(record.repository).set_up(scripts, await self.place(record))

    async def environment(self, record: WorkspaceRecord, *, asks: bool = False) -> tuple[Variables, list[Trouble]]:
        """What its sessions, scripts and terminals have beside the app's own variables, and what is wrong with it.

        The repository's own variables are among them only if the user trusts them. `asks`: the user is asked if that
        is not known; else it is one of the troubles, until the user says no.
        """
        wanted, troubles, more = await asyncio.to_thread(self._variables, record)
        own, from_files = Variables(), Variables()
        if wanted is not None:
            if await self._is_trusted(wanted, record, asks=asks):
                own, from_files = Variables(dict(wanted.variables)), Variables(dict(wanted.from_files))
                troubles += more
            elif not self._tools.runner(record.repository).trust.is_refused(wanted):
                steps = ("Find “Repository variables” in the palette and decide; until then they are not set.",)
                title = "Sessions and terminals do not have this repository's variables"
                troubles.append(Trouble(title, f"They are in {wanted.origin}.", steps))
        place = WorkspacePlace(
            name=record.name,
            id=record.id,
            path=record.path,
            root=record.repository,
            default_branch=await self._default_branch(record.repository),
            port=record.port or None,
        )
        return workspace_environment(place, own, [from_files]), troubles

    async def decide(self, record: WorkspaceRecord) -> bool | None:
        """Asks whether sessions and terminals get the repository's variables, unless they do; None: it sets none."""
        wanted, _, _ = await asyncio.to_thread(self._variables, record)
        return None if wanted is None else await self._is_trusted(wanted, record, asks=True)

    async def _is_trusted(self, wanted: Script, record: WorkspaceRecord, *, asks: bool) -> bool:
        trust = self._tools.runner(record.repository).trust
        if not asks:
            return trust.is_trusted(wanted)
        place = Place(record.id, str(record.path))
        return await trust.may_run(wanted, place, folder_of(wanted, place))

    async def _default_branch(self, repository: Path) -> str:
        try:
            default = await (await self._records.worktrees(repository)).default_branch()
        except RepositoryError:
            return ""
        return default.name if default else ""

    async def place(self, record: WorkspaceRecord) -> Place:
        """Where its scripts and terminals run."""
        variables, _ = await self.environment(record)
        return Place(record.id, str(record.path), tuple(variables.values.items()))
