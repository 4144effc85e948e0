"""What the functions may do in AWS, held against what they do."""
