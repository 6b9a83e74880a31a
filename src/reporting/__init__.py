"""The run record, tables, plots and W&B."""
