INSERT INTO parts BY NAME FROM incoming
