"""Processes in terminals of their own: the only package that opens a PTY."""
