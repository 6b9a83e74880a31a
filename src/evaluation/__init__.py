"""Benchmarks, settings, metrics, language bias and statistics."""
