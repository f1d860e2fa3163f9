import { createBatch, type GeneralLedger } from './general-ledger.ts';
import type { InterfaceRow } from './interface-row.ts';
import type { JobDefinition, JobRun } from './job-definition.ts';
import type { JobIdentity } from './job-queue.ts';
import { type Rejection, rejectionsOf, simulatedLedger } from './ledger.ts';

/**
 * "Import Journals": data access set, source, ledger, group, and two or three switches. The launcher spawns the job
 * that imports, waits for it as PAUSED, and ends as SUCCEEDED even when that child rejected every line.
 */
export const journalImportJob: JobDefinition = {
  name: 'JournalImportLauncher',
  path: '/oracle/apps/ess/financials/generalLedger/programs/common',
  step: 'journalImport',
  argumentCounts: [6, 7],
  plan,
};

const childJob: JobIdentity = { name: 'JournalImport', path: journalImportJob.path };

function plan({ job, at, queue, ledger, args, fault }: JobRun): void {
  let child = job;
  job.status = 'READY';
  at(0.1, () => {
    job.status = 'RUNNING';
  });
  at(0.2, () => {
    child = queue.spawn(job, childJob);
    job.status = 'PAUSED';
  });
  at(0.4, () => {
    child.status = 'RUNNING';
  });
  at(0.85, () => {
    const ending = fault === 'error' ? outOfSpace : importGroup(ledger, args, child.requestId, fault === 'warning');
    child.status = ending.status;
    child.log = `Import Journals: Child, request ${child.requestId}\nArguments: ${args.join(', ')}\n${ending.log}`;
    child.output = ending.output;
  });
  at(0.9, () => {
    job.status = 'COMPLETED';
  });
  at(1, () => {
    job.status = child.status === 'ERROR' ? 'ERROR' : 'SUCCEEDED';
    job.log = `Import Journals, request ${job.requestId}\nStarted Import Journals: Child as request ${child.requestId}`;
  });
}

interface ImportEnding {
  readonly status: 'SUCCEEDED' | 'WARNING' | 'ERROR';
  readonly log: string;
  readonly output: string;
}

const outOfSpace: ImportEnding = {
  status: 'ERROR',
  log: 'The journal tables could not be extended: no space is left in tablespace FUSION_TS_TX_DATA.',
  output: '',
};

function importGroup(
  ledger: GeneralLedger,
  args: readonly string[],
  childId: string,
  rejectOnPurpose: boolean,
): ImportEnding {
  const [dataAccessSetId, source, ledgerId, group = ''] = args;
  if (dataAccessSetId !== simulatedLedger.dataAccessSetId) {
    return { status: 'ERROR', log: `There is no data access set ${dataAccessSetId}.`, output: '' };
  }
  if (ledgerId !== simulatedLedger.ledgerId)
    return { status: 'ERROR', log: `There is no ledger ${ledgerId}.`, output: '' };
  const isSelected = (row: InterfaceRow) =>
    row.source === source &&
    (row.ledgerId === ledgerId || (row.ledgerId === '' && row.ledgerName === simulatedLedger.ledgerName)) &&
    (group === 'ALL' || row.groupId === group);
  const selected = ledger.interfaceRows.filter(isSelected);
  const heading = `Journal Import Execution Report\nSource: ${source}\nGroup: ${group}\nLines selected: ${selected.length}`;
  const rejected = selected.flatMap((row, index): [InterfaceRow, Rejection[]][] => {
    const reasons = rejectOnPurpose && index === 0 ? [simulatedRejection] : rejectionsOf(row);
    return reasons.length > 0 ? [[row, reasons]] : [];
  });

  // One bad line holds its whole group in the interface table.
  const heldGroups = new Set(rejected.map(([row]) => row.groupId));
  const importable = selected.filter((row) => !heldGroups.has(row.groupId));
  const names = importBatches(ledger, importable, childId);
  const imported = new Set(importable);
  ledger.interfaceRows = ledger.interfaceRows.filter((row) => !imported.has(row));

  const counts = `Lines imported: ${importable.length}\nLines rejected: ${rejected.length}`;
  const batches = names.map((name) => `Batch: ${name}`);
  const output = [heading, counts, ...batches, ...reportRejected(rejected)].join('\n');
  return { status: rejected.length > 0 ? 'WARNING' : 'SUCCEEDED', log: `${selected.length} lines selected`, output };
}

const simulatedRejection: Rejection = { code: 'EF04', text: 'Segment values are invalid: the simulator was told so.' };

function importBatches(ledger: GeneralLedger, rows: readonly InterfaceRow[], childId: string): string[] {
  const groups = Map.groupBy(rows, (row) => row.groupId);
  return [...groups].map(([groupId, lines]) => {
    const { batchPrefix, source, actualFlag } = lines[0] ?? { batchPrefix: '', source: '', actualFlag: '' };
    const name = `${batchPrefix} ${source} ${actualFlag} ${groupId} ${childId} N`;
    ledger.batches.push(createBatch(name, groupId, lines));
    return name;
  });
}

function reportRejected(rejected: readonly [InterfaceRow, Rejection[]][]): string[] {
  if (rejected.length === 0) return [];
  const rows = rejected.map(([row, reasons]) => {
    const account = `${row.company}-${row.costCenter}-${row.account}`;
    const codes = reasons.map(({ code }) => code).join(',');
    const texts = reasons.map(({ text }) => text).join(' ');
    return `${row.rowNumber} | ${row.journal} | ${account} | ${codes} | ${texts}`;
  });
  return [
    'All lines of the group stay in the interface table.',
    'Row | Journal | Account | Status | Description',
    ...rows,
  ];
}
