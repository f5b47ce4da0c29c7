"""Runs test modules and writes {"test id": "passed" | "failed" | "skipped"} and the reasons to a JSON file.

usage: run_unittest.py OUT MODULE...
"""
import json
import sys
import unittest


class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = {}
        self.reasons = {}

    def _note(self, test, outcome, reason=None):
        if self.outcomes.get(test.id()) != 'failed':
            self.outcomes[test.id()] = outcome
        if reason:
            self.reasons[test.id()] = reason

    def addSuccess(self, test, details=None):
        self._note(test, 'passed')

    def addError(self, test, err=None, details=None):
        self._note(test, 'failed', self._said(test, err, details))

    addFailure = addError

    def addSkip(self, test, reason=None, details=None):
        self._note(test, 'skipped', str(reason or details))

    def addExpectedFailure(self, test, err=None, details=None):
        self._note(test, 'passed')

    def addUnexpectedSuccess(self, test, details=None):
        self._note(test, 'failed', 'unexpected success')

    def _said(self, test, err, details):
        if details:
            return '\n'.join(d.as_text() for name, d in details.items() if 'traceback' in name)
        return self._exc_info_to_string(err, test)


def main(out, modules):
    result = Outcomes()
    unittest.defaultTestLoader.loadTestsFromNames(modules).run(result)
    with open(out, 'w', encoding='utf-8') as file:
        json.dump({'outcomes': result.outcomes, 'reasons': result.reasons}, file)


main(sys.argv[1], sys.argv[2:])
