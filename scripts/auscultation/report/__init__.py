"""The page: its claims, tables and figures as data, and how the templates in report/ are filled in."""
