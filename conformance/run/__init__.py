"""Running checks: the model of a result, selection, verdicts, expectations, evidence."""
