"""A W&B workspace and report with the panels that answer the project's question."""
