"""What a call reaches: queries and by which path, writes, the network, and whatever else it does.

Comes in: the index and what things denote. Goes out: `Effects`, queries, transactions, journeys through calls.
Imports `denote` and `index`.
"""
