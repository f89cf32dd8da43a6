"""From what was played to results: each check judged on the evidence of its scenarios, and who is indifferent to what comes."""
