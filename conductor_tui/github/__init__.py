"""GitHub through the `gh` program."""
