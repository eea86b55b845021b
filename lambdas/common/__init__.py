"""Code that the functions share: the job catalog, the run audit, messages and the channels that send them."""
