"""Sweeps: what is checked before, noted during and told after."""
