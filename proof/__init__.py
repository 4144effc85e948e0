"""Evidence: real faults, load, and the report card that puts all of it on one page."""
