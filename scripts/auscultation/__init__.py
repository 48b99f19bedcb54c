"""From a workbook or recordings to an honest comparison of models: what the scripts share."""
