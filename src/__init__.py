"""Evenhand: batch-sampling strategies for multilingual dense retrieval, trained and measured."""
