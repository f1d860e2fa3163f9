import type { JobRequest } from './erp-client.ts';
import type { LedgerSetup } from './ledger-setup.ts';

const financials = '/oracle/apps/ess/financials';
/** Oracle's id of the journal import among the files that the interface loader knows. */
const journalInterfaceId = '15';

/** "Load Interface File for Import": reads the uploaded zip into the GL interface table. */
export function interfaceLoader(documentId: string, fileName: string): JobRequest {
  return {
    packageName: `${financials}/commonModules/shared/common/interfaceLoader`,
    definition: 'InterfaceLoaderController',
    args: [journalInterfaceId, documentId, 'N', 'N', fileName],
  };
}

/**
 * "Import Journals": makes journals of the interface rows of one group. The last three arguments: post account
 * errors to suspense, create summary journals, import descriptive flexfields.
 */
export function journalImport(ledger: LedgerSetup, groupId: string): JobRequest {
  return {
    packageName: `${financials}/generalLedger/programs/common`,
    definition: 'JournalImportLauncher',
    args: [ledger.dataAccessSetId, ledger.journalSource, ledger.ledgerId, groupId, 'N', 'N', 'N'],
  };
}

/** "AutoPost Journals": posts the batches that a criteria set selects. */
export function autoPost(ledger: LedgerSetup): JobRequest {
  return {
    packageName: `${financials}/generalLedger/programs/common`,
    definition: 'AutomaticPosting',
    args: [ledger.autoPostCriteriaSetId],
  };
}
