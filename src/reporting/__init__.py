"""A run's record, files and loggers, and what a person sees of each entry point."""
