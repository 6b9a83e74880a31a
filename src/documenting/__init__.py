"""The pages of docs/ that are generated: the reference of options, and batches read aloud."""
