"""Service standards: checklists, their frozen versions and items; compiles a version into a scoring sheet."""
