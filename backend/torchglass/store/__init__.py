"""Where runs outlive the process: one SQLite database, metrics in chunks with a pyramid over them."""
