"""Servers that tests may ask for (being filled)."""
