"""Ids, languages and texts: readers of published layouts, memory-mapped stores, the LightningDataModule."""
