"""File locks and atomic writes, used by every package that shares files with other processes."""
