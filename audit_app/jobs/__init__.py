"""Work behind the scenes: what packages declare, and the worker that does it. The only importer of the queue library."""
