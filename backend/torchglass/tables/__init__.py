"""People's own tables: read within bounds, described, kept by the hash of their content."""
