"""Export of a trained encoder: a folder for sentence-transformers, checked, with its model card and run record."""
