"""The budget of connections for people: where each number comes from, the sum, the verdict, a plot.

In: a project, figures from flags and configuration, a live database. Out: text, JSON, SVG. The arithmetic is in
`connection.budget`, what is deployed in `rules.capacity`. May import everything but `cli` and `delivery`.
"""
