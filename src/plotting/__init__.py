"""Figures of a comparison: one file draws one figure, and all of them share a style."""
