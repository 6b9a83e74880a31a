"""One reader per published layout of training data."""
