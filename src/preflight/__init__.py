"""What would go wrong in a run, all of it, and what the run would take, before it waits in a queue."""
