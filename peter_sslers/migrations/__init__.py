"""The history of the tables, run by lib/schema."""
