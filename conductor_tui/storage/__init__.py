"""What is kept in SQLite. One module per group of tables."""
