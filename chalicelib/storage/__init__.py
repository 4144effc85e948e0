"""How entries are stored in DynamoDB and read from PostgreSQL, and closings in S3."""
