"""Search over embeddings: ranks in small pools, running top-k in large ones."""
