CREATE TABLE $table AS FROM incoming
