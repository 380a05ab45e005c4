"""Workspaces: created, entered, archived, restored; races among them."""
