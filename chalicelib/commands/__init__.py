"""The write side: record, batch, reverse and look up entries, on DynamoDB, with Redis in front."""
