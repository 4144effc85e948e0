"""What stands around the application in AWS: templates, and what fills them in."""
