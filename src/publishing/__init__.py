"""A comparison for readers elsewhere: beside published figures, in LaTeX, and as one page."""
