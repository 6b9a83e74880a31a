"""One reader per published benchmark layout."""
