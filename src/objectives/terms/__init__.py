"""Losses that are added to the objective, one a file."""
