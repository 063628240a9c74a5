"""How text is cut into terms, and which words stand for one another: the analysers, synonyms, compounds, scripts."""
