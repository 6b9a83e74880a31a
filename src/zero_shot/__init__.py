"""How much of a benchmark is in the training data: exact copies and near-duplicates, by language."""
