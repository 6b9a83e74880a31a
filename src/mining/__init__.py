"""Explicit hard negatives for training data, mined with any encoder and any search."""
