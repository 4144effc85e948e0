"""The way to AWS: what is shipped, and one command that brings a stage up or takes it away."""
