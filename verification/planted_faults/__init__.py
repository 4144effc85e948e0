"""Planted faults: known mistakes that the test suite must detect.

Each fault is one replacement of text in one file, with the few tests that must fail because of it.
They are data, one TOML file per package in `faults/`:

    [[fault]]
    name = "A sentence that says what is wrong with the fault applied."
    file = "chalicelib/package/module.py"
    old = "exact text that occurs once in the file"
    new = "the text that replaces it"
    tests = ["tests/package/test_module.py::test_of_the_rule"]

`python -m verification.planted_faults` applies the faults that `core.txt` names, one after another,
to temporary copies of the project and runs the named tests; with `--all` it applies every fault. A
fault whose tests all pass has survived: the tests are too weak.
"""
