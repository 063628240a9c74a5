"""Other spellings of what was typed: the dictionary of the words of the index, likely slips, and the correction."""
