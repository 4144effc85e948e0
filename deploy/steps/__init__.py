"""What Chalice cannot say of a stage, a module each: looked at first, and changed where it differs.

Every step returns what it changed, a sentence each, so that a second run returns nothing.
"""

Changes = list[str]
