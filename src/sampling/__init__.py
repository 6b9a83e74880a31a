"""The batch-sampling strategies: pure functions from (pair index, seed, step) to integer rows."""
