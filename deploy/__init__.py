"""Deployment to AWS: what is shipped, and the commands that bring a stage up or remove it."""
