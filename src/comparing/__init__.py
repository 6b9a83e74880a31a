"""Runs compared: groups of seeds, differences that are tested, verdicts, what training took."""
