-- What is to be printed and what became of it. A job survives whatever happens to the till and the printer.

CREATE TABLE print_job (
  -- The order in which a printer takes its jobs.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 8),
  -- One request, however often it is repeated, is one job.
  request_key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  printer TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'held', 'sending', 'sent', 'printed', 'unknown', 'cancelled')),
  -- Whom it is about, and what it says of them. The latter goes as soon as the job can print no more.
  customer BLOB CHECK (length(customer) = 8),
  personal BLOB CHECK (personal IS NULL OR state NOT IN ('printed', 'cancelled')),
  duplicata INTEGER NOT NULL CHECK (duplicata IN (0, 1)),
  attempts INTEGER NOT NULL,
  hold TEXT,
  cause TEXT,
  requested_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
);

CREATE INDEX print_job_open ON print_job (printer, number) WHERE state NOT IN ('printed', 'cancelled');
CREATE INDEX print_job_of_customer ON print_job (customer) WHERE customer IS NOT NULL;
