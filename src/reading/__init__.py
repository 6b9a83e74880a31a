"""One batch as a person reads it: its rows, and whom each question is compared with."""
