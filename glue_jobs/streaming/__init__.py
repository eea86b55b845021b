"""Topics into tables, micro-batch by micro-batch: what is read, how each batch is written exactly once, and who watches over it."""
