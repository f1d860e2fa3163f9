import { strFromU8, unzipSync } from 'fflate';
import type { JobFault } from './faults.ts';
import type { GeneralLedger } from './general-ledger.ts';
import { type ReadInterfaceFile, readInterfaceFile } from './interface-row.ts';
import type { JobDefinition, JobRun } from './job-definition.ts';

/** "Load Interface File for Import": interface id, document id[, N, N, file name]. All rows are loaded or none. */
export const interfaceLoaderJob: JobDefinition = {
  name: 'InterfaceLoaderController',
  path: '/oracle/apps/ess/financials/commonModules/shared/common/interfaceLoader',
  step: 'interfaceLoader',
  argumentCounts: [2, 5],
  plan,
};

function plan({ job, at, ledger, args, fault }: JobRun): void {
  job.status = 'READY';
  at(0.15, () => {
    job.status = 'RUNNING';
  });
  at(0.85, () => {
    job.status = 'COMPLETED';
  });
  at(1, () => {
    const head = `Load Interface File for Import, request ${job.requestId}\nDocument ${args[1]}`;
    const loaded = fault ? failOnPurpose(fault) : loadDocument(ledger, args);
    job.status = loaded.errors.length === 0 ? 'SUCCEEDED' : fault === 'warning' ? 'WARNING' : 'ERROR';
    ledger.interfaceRows.push(...loaded.rows);
    job.log = [head, `Rows loaded: ${loaded.rows.length}`, ...loaded.errors].join('\n');
  });
}

function loadDocument(ledger: GeneralLedger, [interfaceId, documentId = '']: readonly string[]): ReadInterfaceFile {
  const failed = (error: string): ReadInterfaceFile => ({ rows: [], errors: [error] });
  if (interfaceId !== '15') return failed(`Expected interface 15 (journals), got ${interfaceId}.`);
  const document = ledger.documents.get(documentId);
  if (!document) return failed(`There is no document ${documentId}.`);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(document);
  } catch {
    return failed(`Document ${documentId} is not a zip archive.`);
  }
  const names = Object.keys(files);
  const file = names.find((name) => /^GlInterface.*\.csv$/.test(name));
  if (file === undefined)
    return failed(`Expected GlInterface.csv in the archive, got ${names.join(', ') || 'nothing'}.`);
  return readInterfaceFile(strFromU8(files[file] ?? new Uint8Array()));
}

function failOnPurpose(fault: JobFault): ReadInterfaceFile {
  const error =
    fault === 'warning'
      ? 'Rows 1 to 3 were written to the bad file: the value is larger than the column allows.'
      : 'SQL*Loader ended with code 1: no space is left in tablespace INTERFACE.';
  return { rows: [], errors: [error] };
}
