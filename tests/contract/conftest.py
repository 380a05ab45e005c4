"""The schema that the installed Codex prints, once per session."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.protocol.binary import find_codex


class Schema:
    """What `codex app-server generate-json-schema --experimental` wrote."""

    def __init__(self, folder: Path) -> None:
        self.whole = self._load(folder / "codex_app_server_protocol.v2.schemas.json")
        self._v1 = self._load(folder / "codex_app_server_protocol.schemas.json")
        self.definitions: dict[str, Any] = {**self._v1["definitions"], **self.whole["definitions"]}
        self.client = self._methods(folder / "ClientRequest.json")
        self.notifications = self._methods(folder / "ServerNotification.json")
        self.server = self._methods(folder / "ServerRequest.json")

    @staticmethod
    def _load(path: Path) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    def _methods(self, path: Path) -> dict[str, str]:
        """Method to the name of its parameters' type."""
        found = {}
        for option in self._load(path)["oneOf"]:
            properties = option["properties"]
            reference = properties.get("params", {}).get("$ref", "")
            found[properties["method"]["enum"][0]] = reference.rsplit("/", 1)[-1]
        return found

    def fields(self, name: str) -> set[str]:
        """All field names of a type; of all its forms where it has several."""
        return self._fields(self.definitions[name], set())

    def _fields(self, node: Any, seen: set[str]) -> set[str]:
        if not isinstance(node, dict):
            return set()
        names = set(node.get("properties", {}))
        for part in ("oneOf", "anyOf", "allOf"):
            for option in node.get(part, []):
                names |= self._fields(option, seen)
        reference = node.get("$ref", "").rsplit("/", 1)[-1]
        if reference and reference not in seen:
            names |= self._fields(self.definitions.get(reference, {}), seen | {reference})
        return names

    def validator(self, name: str) -> Any:
        """A validator of one type."""
        from jsonschema import Draft7Validator

        return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": self.definitions})


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    codex = find_codex(os.environ.get("CONDUCTOR_TUI_TEST_CODEX")).path
    folder = tmp_path_factory.mktemp("schema")
    home = tmp_path_factory.mktemp("codex-home")
    subprocess.run(
        [codex, "app-server", "generate-json-schema", "--experimental", "--out", folder],
        check=True,
        capture_output=True,
        env={**os.environ, "CODEX_HOME": str(home)},
    )
    return Schema(folder)
