"""Names of branches: from a prompt, from a city, with the repository's prefix; always valid by git's rules.

The rules: git-check-ref-format(1).
"""

from __future__ import annotations

import re
import unicodedata

from conductor_tui.domain.repository_settings import BranchPrefixType, GitSettings

SLUG_LIMIT = 48
"""Characters of a name made from a prompt."""
_PART_BYTES = 200
"""A part of a branch is a file name, of 255 bytes, beside which git puts `.lock`."""
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|@\{|\.{2,}")


def branch_prefix(git: GitSettings, github_user: str = "") -> str:
    """What new branches begin with, separator included; empty: nothing.

    Where the settings do not say which kind: their own prefix if there is one, else the GitHub user, as in Conductor.

    Args:
        github_user: the login that `gh` has; empty: none, or not asked.
    """
    kind = git.branch_prefix_type
    if kind is None:
        kind = BranchPrefixType.CUSTOM if git.branch_prefix else BranchPrefixType.GITHUB_USERNAME
    if kind is BranchPrefixType.NONE:
        return ""
    prefix = git.branch_prefix if kind is BranchPrefixType.CUSTOM else github_user
    prefix = prefix.strip()
    if not prefix or prefix[-1] in "/-_":
        return prefix
    return f"{prefix}/"


def branch_name(name: str, prefix: str = "") -> str:
    """A valid branch: the prefix and the name, with what git forbids left out or replaced; empty if nothing is left."""
    parts = [_valid_part(part) for part in f"{prefix}{name}".split("/")]
    branch = "/".join(part for part in parts if part)
    return "" if branch.upper() == "HEAD" else branch


def branch_slug(prompt: str) -> str:
    """A short name from the beginning of a prompt: words of any script, lower case, hyphens; empty without words."""
    slug = ""
    for word in _words(prompt[:1000]):
        longer = f"{slug}-{word}" if slug else word[:SLUG_LIMIT]
        if len(longer) > SLUG_LIMIT:
            break
        slug = longer
    return branch_name(slug)


def _words(text: str) -> list[str]:
    """Letters, digits and their marks; Latin letters without accents; an apostrophe inside a word is left out."""
    plain = re.sub(r"([A-Za-z])[\u0300-\u036f]+", r"\1", unicodedata.normalize("NFKD", text))
    plain = re.sub(r"(?<=\w)['\u2019](?=\w)", "", plain)
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in plain)
    return unicodedata.normalize("NFC", kept).lower().split()


def _valid_part(part: str) -> str:
    """One part between slashes: nothing that git forbids, that is invisible, or that passes for an option."""
    seen = "".join("-" if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in part)
    clean = _FORBIDDEN.sub("-", seen).encode()[:_PART_BYTES].decode("utf-8", "ignore")
    while (shorter := clean.lstrip("-.").rstrip(".").removesuffix(".lock")) != clean:
        clean = shorter
    return "" if clean == "@" else clean
