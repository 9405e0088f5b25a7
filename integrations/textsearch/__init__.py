"""Full-text search: what is asked of an index, and the index itself."""
