"""What the functions share: the facts of jobs, a message, and the ways it reaches people."""
