DROP TABLE IF EXISTS temp.bare_features
