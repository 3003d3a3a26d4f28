"""The resident's page: one HTML page, a stylesheet and a few modules, all served by us."""
