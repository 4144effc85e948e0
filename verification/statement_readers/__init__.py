"""Statements read by other people's programs, which must find the balances of the API."""
