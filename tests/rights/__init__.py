"""The functions' permissions in AWS are compared with the calls that they make."""
