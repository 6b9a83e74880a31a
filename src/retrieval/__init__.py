"""Exact search and ranks over embeddings."""
