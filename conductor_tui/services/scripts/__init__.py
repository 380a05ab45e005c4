"""Scripts and terminals of a workspace: trusted, run, ended."""
