"""Dual encoder: backbone, pooling, normalisation, prompts, and the encoding of many texts."""
