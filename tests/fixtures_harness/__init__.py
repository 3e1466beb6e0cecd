"""Runs every case under `fixtures/`: a small project before and after, and what must be said about it."""
