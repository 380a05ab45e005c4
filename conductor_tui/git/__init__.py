"""Repositories. The only importer of pygit2, for what is bounded by the change; the `git` program walks the tree."""
