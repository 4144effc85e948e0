"""The laptop cloud: real stores and an AWS emulator on one machine.

Never imported by chalicelib.
"""
