"""The contrastive loss and the terms that can be added to it."""
