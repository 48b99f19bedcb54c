"""The page: its conclusions, tables and captions, and how the template is rendered."""
