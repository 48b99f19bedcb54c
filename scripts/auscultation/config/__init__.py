"""The config: its schema, its checks, the models and splits that it stands for. Only rules/ imports it."""
