import pytest

from prismafix.report.secrets import mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://ann:s3cret@db:5432/x", "postgres://ann:***@db:5432/x"),
        ('url: "postgresql://u:p@h/d?schema=a",', 'url: "postgresql://u:***@h/d?schema=a",'),
        ("mysql://u:p@ss/w?rd@h/d", "mysql://u:***@h/d"),
        ("redis://:secret@h", "redis://:***@h"),
        ("POSTGRES://u:SECRET@h", "POSTGRES://u:***@h"),
        ("mongodb+srv://u:p@h/d and postgres://v:q@i", "mongodb+srv://u:***@h/d and postgres://v:***@i"),
        ("sqlserver://h:1433;user=sa;password=s3cret;x=1", "sqlserver://h:1433;user=sa;password=***;x=1"),
        ("sqlserver://h;Password={a;b};x=1", "sqlserver://h;Password=***;x=1"),
        ("https://u:token@host/path", "https://u:***@host/path"),
        ("postgres://u:${DB_PASSWORD}@h", "postgres://u:${DB_PASSWORD}@h"),
        ("postgres://u:pre${X}@h", "postgres://u:***@h"),
        ("http://localhost:3000/users?mail=a@b.c", "http://localhost:3000/users?mail=a@b.c"),
        ("postgres://localhost:5432/x", "postgres://localhost:5432/x"),
        ("postgres://ann@db/x", "postgres://ann@db/x"),
        ("{ a: b, c: 'me@example.com' }", "{ a: b, c: 'me@example.com' }"),
    ],
)
def test_mask(text: str, shown: str) -> None:
    assert mask(text) == shown
