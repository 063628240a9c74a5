"""Timelines: the newest posts of those a user follows and the user's own, equal to what MySQL would answer.

`reading` answers, `writing` changes, `delivery` carries changes to the timelines; `ports` says what they need of the
stores. How they stay equal under any order of events is in docs/adr/0010-timelines.md.
"""
