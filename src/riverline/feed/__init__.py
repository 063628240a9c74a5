"""Timelines: the newest posts of those a user follows and the user's own, equal to what MySQL would answer.

`reader` answers, `writer` changes, `jobs` carries changes to the timelines; `contracts` says what they need from the

stores. How they stay equal under any order of events is in docs/adr/0010-timelines.md.
"""
