"""The write side: record, reverse, erase and get entries, in DynamoDB with Redis in front."""
