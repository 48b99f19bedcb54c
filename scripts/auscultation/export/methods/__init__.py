"""What a paper needs of a run: methods, references, numbers, tables, figures, a checklist."""
