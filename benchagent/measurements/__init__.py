"""From the bytes of artifacts to one row per number, and back to each number's place.

- Bytes: an `artifact` is one file's, taken apart as text (`artifact_text`, `packed`), grid
  (`grids`, `header_rows`, `markdown_tables`) or tree (`json_trees`, `yaml_trees`); `locators` lead
  back to a place in it.
- What a format says of a file: `readings`, kept by content in `parsed`.
- What the folder says: `measuring` joins the parsed contents with the paths of a snapshot
  (`joining`) into the rows of `measurement`, and fills in what only paths and neighbours tell:
  `subjects`, `originals`, and by `load_times` the `phases` cold and warm. `file_status` says what
  became of each file.
"""
