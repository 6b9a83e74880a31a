"""Two runs on one benchmark, query by query: where one wins, and what the other puts before the right answer."""
