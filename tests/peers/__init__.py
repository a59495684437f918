"""The same packages through other tools: what those find, miss and mend where they have a rule that compares."""
