"""The text of one file in; the variables that it sets out, each with the place of its value: one module per form.

Offsets are characters of the text without a byte order mark. May import `prismafix.connection`.
"""
