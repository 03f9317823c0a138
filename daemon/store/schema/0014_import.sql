-- Imports: files on their way, what came of each of their lines, and what it takes to take them back.

-- One row an import. key: its Idempotency-Key. rows: lines gone through; line: the last one's number in the file.
CREATE TABLE import_job (
  id BLOB PRIMARY KEY,
  state TEXT NOT NULL,
  options BLOB NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  shop INTEGER NOT NULL,
  key TEXT NOT NULL,
  digest BLOB NOT NULL DEFAULT x'',
  bytes INTEGER NOT NULL DEFAULT 0,
  system TEXT NOT NULL DEFAULT '',
  total INTEGER NOT NULL DEFAULT 0,
  rows INTEGER NOT NULL DEFAULT 0,
  line INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL DEFAULT 0,
  completed INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  remarks INTEGER NOT NULL DEFAULT 0,
  undone INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '',
  made_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX import_job_key ON import_job (actor_kind, actor, key);
CREATE INDEX import_job_made ON import_job (made_ms);

-- The file, in parts, until its last line was gone through.
CREATE TABLE import_part (
  job BLOB NOT NULL,
  part INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, part)
);

-- What came of a line. wrote: what was written, and what it replaced (domain/import_undo); label: who, in a dry run.
CREATE TABLE import_line (
  job BLOB NOT NULL,
  line INTEGER NOT NULL,
  entity BLOB NOT NULL,
  outcome TEXT NOT NULL,
  fields TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',
  wrote BLOB NOT NULL DEFAULT x'',
  taken_back TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (job, line)
) WITHOUT ROWID;
CREATE INDEX import_line_entity ON import_line (entity);

-- Sentences about a line; field or column is where in it.
CREATE TABLE import_remark (
  job BLOB NOT NULL,
  line INTEGER NOT NULL,
  at INTEGER NOT NULL,
  place TEXT NOT NULL,
  sentence TEXT NOT NULL,
  PRIMARY KEY (job, line, at)
) WITHOUT ROWID;
